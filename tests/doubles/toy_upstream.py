"""A toy OpenAlgo server as the source of a feed: the frames of today's server, one answer after the other."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from market.instruments import Instrument
from tests.doubles.toy_broker import ToyBroker, ToyLine, ToyQuote

_LABELS = {1: "LTP", 2: "Quote", 3: "Depth"}


class ToyUpstream(ToyBroker):
    """`listing` is the CSV of its instruments; `rows` what history answers; `state` goes into every tick, if any."""

    def __init__(self) -> None:
        super().__init__()
        self.listing = b""
        self.rows: list[dict[str, Any]] = []
        self.asked: list[dict[str, Any]] = []
        self.state: str | None = None
        self._modes: dict[int, dict[str, set[int]]] = {}

    def admits(self, request: web.Request) -> bool:
        return True

    def token_of(self, instrument: Instrument) -> str:
        return str(instrument.key)

    async def hear(self, line: ToyLine, frame: str | bytes) -> None:
        message = json.loads(frame)
        action = message["action"]
        if action == "authenticate":
            await self._authenticate(line, message["api_key"])
        elif not getattr(line, "is_in", False):
            self.violations.append(f"{action} before the key was accepted")
        elif action == "subscribe":
            await self._subscribe(line, message)
        elif action == "unsubscribe":
            for entry in message["symbols"]:
                self._change(line, f"{entry['exchange']}:{entry['symbol']}", entry["mode"], add=False)
            await line.say(json.dumps({"type": "unsubscribe", "status": "success", "successful": [], "failed": []}))

    async def _authenticate(self, line: ToyLine, key: str) -> None:
        line.is_in = key in self.tokens  # type: ignore[attr-defined]
        if key in self.tokens:
            answer = {"type": "auth", "status": "success", "message": "Authentication successful", "broker": "toy"}
        else:
            answer = {"status": "error", "code": "AUTHENTICATION_ERROR", "message": "Invalid API key"}
        if not self.mute:
            await line.say(json.dumps(answer))

    async def _subscribe(self, line: ToyLine, message: dict[str, Any]) -> None:
        entries = []
        for each in message["symbols"]:
            token = f"{each['exchange']}:{each['symbol']}"
            entry = {**each, "mode": _LABELS[message["mode"]], "broker": "toy"}
            if token in self.refused:
                entries.append({**entry, "status": "error", "message": "no such symbol"})
            else:
                self._change(line, token, message["mode"], add=True)
                entries.append({**entry, "status": "success", "depth": 5})
        if not self.mute:
            await line.say(json.dumps({"type": "subscribe", "status": "partial", "subscriptions": entries}))

    def _change(self, line: ToyLine, token: str, mode: int, *, add: bool) -> None:
        modes = self._modes.setdefault(id(line), {}).setdefault(token, set())
        (modes.add if add else modes.discard)(mode)
        if modes:
            line.holds[token] = _LABELS[max(modes)]
        else:
            line.holds.pop(token, None)

    def frames_for(self, line: ToyLine, instrument: Instrument, quote: ToyQuote) -> list[str | bytes]:
        exchange, symbol = instrument.key
        modes = self._modes[id(line)][str(instrument.key)]
        data: dict[str, Any] = {
            "symbol": symbol,
            "exchange": exchange,
            "ltp": quote.ltp,
            "timestamp": quote.at_s * 1000,
        }
        if max(modes) >= 2:
            data |= {"open": quote.open, "high": quote.high, "low": quote.low, "close": quote.close}
            data |= {"volume": quote.volume, "average_price": quote.average, "oi": quote.oi}
        if max(modes) >= 3:
            data["depth"] = {
                name: [each._asdict() for each in side]
                for name, side in (("buy", quote.depth.buy), ("sell", quote.depth.sell))
            }
        if self.state is not None:
            data["state"] = self.state
        frame = {"type": "market_data", "symbol": symbol, "exchange": exchange, "broker": "toy", "data": data}
        return [json.dumps({**frame, "mode": mode}) for mode in sorted(modes)]

    def routes(self, app: web.Application) -> None:
        app.router.add_post("/api/v1/ping", self._ping)
        app.router.add_post("/api/v1/history", self._history)
        app.router.add_get("/api/v1/instruments", self._instruments)

    async def _ping(self, request: web.Request) -> web.Response:
        if (await request.json())["apikey"] not in self.tokens:
            return web.json_response({"status": "error", "message": "Invalid openalgo apikey"}, status=403)
        return web.json_response({"status": "success", "data": {"message": "pong", "broker": "toy"}})

    async def _history(self, request: web.Request) -> web.Response:
        asked = await request.json()
        if asked.pop("apikey") not in self.tokens:
            return web.json_response({"status": "error", "message": "Invalid openalgo apikey"}, status=403)
        self.asked.append(asked)
        return web.json_response({"status": "success", "data": self.rows})

    async def _instruments(self, request: web.Request) -> web.Response:
        if request.query.get("apikey") not in self.tokens:
            return web.Response(status=403, text="Invalid openalgo apikey")
        return web.Response(body=self.listing, content_type="text/csv")
