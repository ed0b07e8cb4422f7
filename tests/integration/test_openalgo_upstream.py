"""One application as the source of another: prices, candles and their nature go through."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import websockets

from tests.doubles.application import Application, make_key, running, said


async def _until(client: Any, kind: str) -> dict[str, Any]:
    async with asyncio.timeout(20):
        while True:
            message: dict[str, Any] = json.loads(await client.recv())
            if message.get("type") == kind:
                return message


async def _session(first: Application, second: Application, key: str) -> None:
    async with websockets.connect(second.edges["ws"]) as client:
        await client.send(json.dumps({"action": "authenticate", "api_key": key}))
        assert (await _until(client, "auth"))["status"] == "success"
        await client.send(json.dumps({"action": "subscribe", "symbol": "RELIANCE", "exchange": "NSE", "mode": 3}))
        assert (await _until(client, "subscribe"))["status"] == "success"
        tick = await _until(client, "market_data")
        assert (tick["broker"], tick["symbol"]) == ("openalgo", "RELIANCE")
        while tick["data"].get("state") != "simulated" or not tick["data"]["depth"]["buy"]:
            tick = await _until(client, "market_data")
        assert first.process.poll() is None


def test_another_application_is_a_source(tmp_path: Path) -> None:
    there, here = tmp_path / "there", tmp_path / "here"
    upstream_key, key = make_key(there), make_key(here)
    with running(there, "--headless", "--feed", "simulated=300") as first:
        fields = f"api_key={upstream_key}\nhost={first.edges['http']}\nws_url={first.edges['ws']}\n"
        logged_in = said("login", "openalgo", "--profile", str(here), typed=fields)
        assert logged_in.returncode == 0, logged_in.stderr
        assert logged_in.stdout.startswith("Logged in to OpenAlgo as ")
        with running(here, "--headless", "--feed", "openalgo") as second:
            asyncio.run(_session(first, second, key))
            assert upstream_key not in second.errors
