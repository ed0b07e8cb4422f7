"""The samples and tests of the user's document, taken out of it and run as they stand, but for the API key.

The port of the document is 8765; where that is taken on the machine that runs the tests, they are pointed at another.
"""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from adapters.broker_factory import FeedSpec
from openalgo_desktop.engine import Engine
from openalgo_desktop.options import EngineOptions
from tests.doubles.served import eventually

KNOWN_PORT = 8765


def code_block(document: str, language: str, must_have: str) -> str:
    """The one fenced block of `language` that contains `must_have`."""
    found = [code for code in re.findall(rf"```{language}\n(.*?)```", document, re.DOTALL) if must_have in code]
    assert len(found) == 1, f"{len(found)} blocks with {must_have!r}"
    return str(found[0])


def free_or_known_port() -> int:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", KNOWN_PORT))
        except OSError:
            probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def engine_on(profile: Path, port: int) -> AsyncIterator[Engine]:
    options = EngineOptions(
        profile=profile, feeds=(FeedSpec("simulated", "200"),), endpoints={}, ws_port=port, http_port=0, zmq_pub_port=0
    )
    engine = Engine(options)
    try:
        await engine.start()
        yield engine
    finally:
        await engine.stop()


@pytest.fixture
def port() -> int:
    return free_or_known_port()


def namespace_of(code: str, port: int, key: str) -> dict[str, Any]:
    code = code.replace(f"localhost:{KNOWN_PORT}", f"localhost:{port}")
    code = code.replace("your_api_key_here", key).replace("test_api_key", key)
    namespace: dict[str, Any] = {"__name__": "users_document"}
    exec(compile(code, "users_document", "exec"), namespace)
    return namespace


async def test_the_documents_unit_tests_pass(seed_document: str, tmp_path: Path, port: int) -> None:
    async with engine_on(tmp_path, port) as engine:
        engine.api_keys.create("test_user", "default")
        tests = namespace_of(code_block(seed_document, "python", "def test_websocket_connection_success"), port, "-")
        ran = 0
        for name, function in tests.items():
            if name.startswith("test_"):
                function()
                ran += 1
        assert ran == 2


async def test_the_documents_integration_test_passes(seed_document: str, tmp_path: Path, port: int) -> None:
    async with engine_on(tmp_path, port) as engine:
        key = engine.api_keys.create("test_user", "default").key.reveal()
        tests = namespace_of(code_block(seed_document, "python", "async def test_external_api_connection"), port, key)
        await tests["test_external_api_connection"]()


async def test_the_documents_python_sdk_sample_prints_prices(
    seed_document: str, tmp_path: Path, port: int, capsys: pytest.CaptureFixture[str]
) -> None:
    code = code_block(seed_document, "python", "class OpenAlgoWebSocket")
    sample, run = code.rsplit("asyncio.run(main())", 1)[0], "asyncio.run(main())"
    assert run in code, "the sample ends by running itself"
    async with engine_on(tmp_path, port) as engine:
        key = engine.api_keys.create("test_user", "default").key.reveal()
        names = namespace_of(sample, port, key)
        task = asyncio.create_task(names["main"]())
        seen = [""]
        await eventually(lambda: _has_both(capsys, seen), within_s=10)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert re.search(r"Market Update: RELIANCE = ₹\d+\.\d+", seen[0])
    assert re.search(r"Market Update: TCS = ₹\d+\.\d+", seen[0])


def _has_both(capsys: pytest.CaptureFixture[str], seen: list[str]) -> bool:
    seen[0] += capsys.readouterr().out
    return "RELIANCE = ₹" in seen[0] and "TCS = ₹" in seen[0]
