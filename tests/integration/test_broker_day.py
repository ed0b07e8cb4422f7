"""A day with a broker, as a user has it: fetch instruments, log in, run, lose the token in the night, log in again.

The application runs in a process of its own; the broker is a toy Kite in this one, and a client of the port listens.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import websockets
from aiohttp import web

from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey, InstrumentKind
from tests.adapters.test_master_keeper import HEADER
from tests.doubles.application import Application, make_key, running, said
from tests.doubles.toy_broker import ToyQuote
from tests.doubles.toy_kite import ToyKite
from tests.doubles.waiting import until

LIST = (
    HEADER + b"408065,1594,INFY,INFOSYS,0,,0,0.05,1,EQ,NSE,NSE\n738561,2885,RELIANCE,RELIANCE,0,,0,0.05,1,EQ,NSE,NSE\n"
)
INFY = Instrument(key=InstrumentKey(Exchange.NSE, "INFY"), kind=InstrumentKind.EQUITY, token="408065")


class ToyBrokerage(ToyKite):
    """A Kite with a login and a list of instruments too. `day` is the token that logins are given."""

    def __init__(self) -> None:
        super().__init__()
        self.day = "good-token"

    def routes(self, app: web.Application) -> None:
        super().routes(app)
        app.router.add_get("/instruments", self._serve_list)
        app.router.add_post("/session/token", self._serve_token)

    async def _serve_list(self, request: web.Request) -> web.Response:
        return web.Response(body=LIST)

    async def _serve_token(self, request: web.Request) -> web.Response:
        return web.json_response({"status": "success", "data": {"user_id": "AB1234", "access_token": self.day}})


@pytest.fixture
async def kite() -> AsyncIterator[ToyBrokerage]:
    kite = ToyBrokerage()
    await kite.start()
    yield kite
    await kite.stop()


def _ends(kite: ToyBrokerage) -> list[str]:
    return [part for role, url in kite.endpoints().items() for part in ("--endpoint", f"zerodha.{role}={url}")]


async def _log_in(kite: ToyBrokerage, profile: Path) -> None:
    answer = "http://127.0.0.1:8766/callback?request_token=once"
    arguments = ("login", "zerodha", "--answer", answer, "--profile", str(profile), *_ends(kite))
    ran = await asyncio.to_thread(lambda: said(*arguments, typed="api_key=key\napi_secret=hush\n"))
    assert ran.returncode == 0, ran.stderr


async def _heard(client: Any, kind: str) -> dict[str, Any]:
    async with asyncio.timeout(15):
        while True:
            message: dict[str, Any] = json.loads(await client.recv())
            if message.get("type") == kind:
                return message


async def _price(client: Any, kite: ToyBrokerage, ltp: float) -> dict[str, Any]:
    """Have the broker say `ltp` until a client of the port has heard it."""

    async def say() -> None:
        while True:
            await kite.tick(INFY, ToyQuote(ltp=ltp))
            await asyncio.sleep(0.05)

    saying = asyncio.ensure_future(say())
    try:
        while (message := await _heard(client, "market_data"))["data"]["ltp"] != ltp:
            pass
        return message
    finally:
        saying.cancel()


async def test_a_day_with_a_broker(kite: ToyBrokerage, tmp_path: Path) -> None:
    key = await asyncio.to_thread(make_key, tmp_path)

    def run() -> Any:
        return running(tmp_path, "--headless", "--feed", "zerodha", *_ends(kite))

    application: Application
    context = run()
    application = await asyncio.to_thread(context.__enter__)
    try:
        async with websockets.connect(application.edges["ws"]) as client:
            await client.send(json.dumps({"action": "authenticate", "api_key": key}))
            assert (await _heard(client, "auth"))["status"] == "success"
            wish = {"action": "subscribe", "symbol": "INFY", "exchange": "NSE", "mode": 3}
            await client.send(json.dumps(wish))
            assert (await _heard(client, "subscribe"))["status"] == "success"
            # Nobody is logged in yet: the broker is left alone.
            assert kite.lines_made == 0
            await _log_in(kite, tmp_path)
            await until(lambda: kite.holds(INFY) == "full", within_s=15)
            message = await _price(client, kite, 1573.7)
            assert (message["broker"], message["data"]["depth"]["buy"][0]["price"]) == ("zerodha", 99.95)
            # The night: the token is over. The client and its subscription stay.
            kite.day = "next-token"
            await kite.roll("next-token")
            await until(lambda: not kite.lines, within_s=15)
            await _log_in(kite, tmp_path)
            await until(lambda: kite.holds(INFY) == "full", within_s=15)
            assert (await _price(client, kite, 1580.0))["data"]["ltp"] == 1580.0
    finally:
        await asyncio.to_thread(context.__exit__, None, None, None)
    logs = "".join(path.read_text() for path in (tmp_path / "logs").glob("*.log*")) + application.errors
    assert not any(secret in logs for secret in ("good-token", "next-token", "hush", key))
    found = await asyncio.to_thread(lambda: said("instruments", "search", "infy", "--profile", str(tmp_path)))
    assert found.stdout.startswith("NSE:INFY")
