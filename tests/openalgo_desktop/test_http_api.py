"""The HTTP API of a whole engine: its port, its secret, its end."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import stat
from pathlib import Path

import aiohttp
import pytest

from adapters.broker_factory import FeedSpec
from market.credentials import Secret
from market.errors import StorageError
from openalgo_desktop.engine import Engine
from openalgo_desktop.failures import StartupError
from openalgo_desktop.http_api import SECRET_FILE, write_secret
from openalgo_desktop.options import EngineOptions
from openalgo_desktop.users import LOCAL_USER


def options(profile: Path, http_port: int = 0) -> EngineOptions:
    return EngineOptions(
        profile=profile,
        feeds=(FeedSpec("simulated", "200"),),
        endpoints={},
        ws_port=0,
        http_port=http_port,
        zmq_pub_port=0,
    )


async def test_a_program_that_can_read_the_profile_gets_the_key_and_then_prices(tmp_path: Path) -> None:
    engine = await asyncio.to_thread(Engine, options(tmp_path))
    file = tmp_path / SECRET_FILE
    try:
        made = await asyncio.to_thread(engine.api_keys.create, LOCAL_USER)
        await engine.start()
        if os.name == "posix":
            assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert f" http={engine.http.url} " in engine.ready_line()
        async with aiohttp.ClientSession(engine.http.url) as session:
            proof = {"X-Profile-Secret": file.read_text(encoding="ascii")}
            async with session.get("/api/websocket/apikey", headers=proof) as response:
                key = (await response.json())["api_key"]
            assert made.key.matches(key)
            body = {"apikey": key, "symbol": "SBIN", "exchange": "NSE"}
            async with session.post("/api/v1/quotes", json=body) as response:
                assert json.loads(await response.text())["data"]["ltp"] > 0
            async with session.get("/metrics") as response:
                metrics = await response.text()
            assert 'openalgo_feed_up{feed="simulated"' in metrics
            assert key not in metrics
    finally:
        await engine.stop()
    assert not file.exists()


async def test_a_taken_port_is_a_sentence_with_the_option(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        engine = await asyncio.to_thread(Engine, options(tmp_path, port))
        try:
            with pytest.raises(StartupError, match=f"Port {port} on 127.0.0.1 is taken.*--http-port"):
                await engine.start()
        finally:
            await engine.stop()
    assert not (tmp_path / SECRET_FILE).exists()


def test_a_secret_that_cannot_be_written_is_a_storage_error(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be written"):
        write_secret(tmp_path / "absent" / SECRET_FILE, Secret("s"))


def test_a_secret_that_was_left_behind_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / SECRET_FILE
    path.write_text("old", encoding="ascii")
    path.with_name(f"{SECRET_FILE}.new").write_text("older", encoding="ascii")
    write_secret(path, Secret("new"))
    assert path.read_text(encoding="ascii") == "new"
    assert [found.name for found in tmp_path.iterdir()] == [SECRET_FILE]
