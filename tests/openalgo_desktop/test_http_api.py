"""The HTTP API of a whole engine: its port, its secret, its end."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import ssl
import stat
import sys
from dataclasses import replace
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
from services.health import get_metrics
from tests.doubles.certificates import make_certificate


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


async def test_the_stored_address_and_the_certificate_are_those_of_the_http_api_too(tmp_path: Path) -> None:
    cert, _ = make_certificate(tmp_path, "127.0.0.2")
    profile = tmp_path / "profile"
    first = await asyncio.to_thread(Engine, options(profile))
    first.settings.set("http_host", "127.0.0.2")
    await first.stop()
    secure = replace(
        options(profile), tls_cert=cert, tls_key=tmp_path / "key.pem", unsaid=frozenset({"http_host", "ws_host"})
    )
    engine = await asyncio.to_thread(Engine, secure)
    try:
        await engine.start()
        assert engine.http.url.startswith("https://127.0.0.2:")
        assert engine.server.url.startswith("wss://127.0.0.1:")
        trusting = ssl.create_default_context(cafile=str(cert))
        async with aiohttp.ClientSession(engine.http.url) as session:
            async with session.get("/metrics", ssl=trusting) as response:
                assert "openalgo_notices 0" in await response.text()
            async with session.get("/metrics", ssl=trusting, headers={"Host": "elsewhere.example"}) as response:
                assert response.status == 403
    finally:
        await engine.stop()


@pytest.mark.skipif(sys.platform != "linux", reason="a second address of this computer is not sure elsewhere")
async def test_beyond_this_computer_programs_may_ask_and_the_status_says_so(tmp_path: Path) -> None:
    open_wide = replace(options(tmp_path), http_host="0.0.0.0", insecure_lan=True)
    engine = await asyncio.to_thread(Engine, open_wide)
    try:
        made = await asyncio.to_thread(engine.api_keys.create, LOCAL_USER)
        await engine.start()
        port = engine.http.url.rsplit(":", 1)[1]
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
            named = {"Host": f"192.168.7.7:{port}", "X-API-KEY": made.key.reveal()}
            async with session.get("/api/websocket/status", headers=named) as response:
                (sentence,) = (await response.json())["data"]["notices"]
            assert "the HTTP API on 0.0.0.0, without encryption" in sentence
            async with session.get("/metrics") as response:
                assert "openalgo_notices 1" in await response.text()
            # An address may be asked for, a name may not, and what is for this computer alone stays so.
            async with session.get("/metrics", headers={"Host": "rebound.example"}) as response:
                assert response.status == 403
            async with session.get("/metrics", headers={"Host": "192.168.7.7"}) as response:
                assert response.status == 403
        assert get_metrics(engine.desk, engine.market_data)["notices"] == {"active": [sentence]}
        assert any(sentence == notice for notice in engine.notices)
    finally:
        await engine.stop()
