"""The JavaScript sample of the user's document, run as it stands under Node, but for the port and the API key.

The browser's `WebSocket` is the one of the `ws` package, which is fetched from the registry once and kept in pytest's
cache; without Node or the registry the test is skipped.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from market.exchanges import Exchange
from market.instruments import InstrumentKey
from tests.doubles.served import GOOD_KEY, Served, eventually, served
from tests.doubles.ticks import tick_of

pytestmark = pytest.mark.sdk

WS = "ws@8"


@pytest.fixture(scope="session")
def node_folder(request: pytest.FixtureRequest) -> Path:
    """A folder in which Node finds the `ws` package."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("Node is not installed")
    assert request.config.cache is not None
    folder = request.config.cache.mkdir("node")
    if not (folder / "node_modules" / "ws" / "package.json").is_file():
        npm = [str(shutil.which("npm")), "install", WS, "--no-audit", "--no-fund", "--prefix", str(folder)]
        try:
            done = subprocess.run(npm, capture_output=True, text=True, timeout=60, check=False)
        except subprocess.TimeoutExpired:
            pytest.skip("the registry of npm does not answer")
        if done.returncode:
            pytest.skip(f"npm cannot install {WS}")
    return folder


def sample_of(document: str, world: Served) -> str:
    """The one JavaScript block of the document that opens a socket, pointed at `world`."""
    (code,) = (c for c in re.findall(r"```javascript\n(.*?)```", document, re.DOTALL) if "new WebSocket" in c)
    assert "ws://localhost:8765" in code
    assert "your_api_key_here" in code
    code = code.replace("localhost:8765", f"localhost:{world.server.address[1]}")
    return f"globalThis.WebSocket = require('ws');\n{code.replace('your_api_key_here', GOOD_KEY)}"


async def test_the_documents_javascript_sample_prints_prices(seed_document: str, node_folder: Path) -> None:
    async with served() as world:
        script = node_folder / "sample.js"
        script.write_text(sample_of(seed_document, world), encoding="utf-8")
        process = await asyncio.create_subprocess_exec(
            "node", str(script), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        printed: list[str] = []
        reading = asyncio.create_task(_read_lines(process, printed))
        try:
            await eventually(lambda: len(world.feed.wished) == 2 or process.returncode is not None, within_s=20)
            now_ms = time.time() * 1000.0
            for symbol, price in (("RELIANCE", 1402.7), ("TCS", 3120.05)):
                world.feed.publish(tick_of(InstrumentKey(Exchange.NSE, symbol), price, received_ms=now_ms))
            await eventually(lambda: len(printed) >= 3, within_s=20)
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()
            await reading
        assert printed[:3] == ["Connected to OpenAlgo WebSocket", "RELIANCE: ₹1402.7", "TCS: ₹3120.05"]


async def _read_lines(process: asyncio.subprocess.Process, printed: list[str]) -> None:
    assert process.stdout is not None
    assert process.stderr is not None
    async for line in process.stdout:
        printed.append(line.decode().rstrip())
    printed += (await process.stderr.read()).decode().splitlines()
