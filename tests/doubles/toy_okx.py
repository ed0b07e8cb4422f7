"""A toy OKX: the public socket with its channels, and the REST requests that the feed makes."""

from __future__ import annotations

import itertools
import json
from typing import Any

from aiohttp import web

from market.instruments import Instrument
from market.ticks import Level
from tests.doubles.toy_broker import ToyBroker, ToyLine, ToyQuote


class ToyOkx(ToyBroker):
    """`line.holds` has the channels of an instrument, joined by +. `lists` are instruments by kind, `rows` candles."""

    def __init__(self) -> None:
        super().__init__()
        self.lists: dict[str, list[dict[str, str]]] = {}
        self.rows: list[list[str]] = []
        self.asked: list[dict[str, str]] = []
        self._numbers = itertools.count(1)

    def admits(self, request: web.Request) -> bool:
        return True

    def token_of(self, instrument: Instrument) -> str:
        return instrument.token.partition("|")[0]

    async def hear(self, line: ToyLine, frame: str | bytes) -> None:
        if frame == "ping":
            if not self.mute:
                await line.say("pong")
            return
        message = json.loads(frame)
        for arg in message["args"]:
            await self._change(line, message["op"], arg)

    async def _change(self, line: ToyLine, op: str, arg: dict[str, str]) -> None:
        name, channels = arg["instId"], set(filter(None, line.holds.get(arg["instId"], "").split("+")))
        if op == "subscribe" and name in self.refused:
            text = f"Wrong URL or channel:{arg['channel']},instId:{name} doesn't exist."
            await self._answer(line, {"event": "error", "code": "60018", "msg": text})
            return
        (channels.add if op == "subscribe" else channels.discard)(arg["channel"])
        if channels:
            line.holds[name] = "+".join(sorted(channels))
        else:
            line.holds.pop(name, None)
        await self._answer(line, {"event": op, "arg": arg, "connId": "a1"})

    async def _answer(self, line: ToyLine, answer: dict[str, Any]) -> None:
        if not self.mute:
            await line.say(json.dumps(answer))

    def frames_for(self, line: ToyLine, instrument: Instrument, quote: ToyQuote) -> list[str | bytes]:
        name = self.token_of(instrument)
        channels = line.holds[name].split("+")
        frames = [data_frame("tickers", name, ticker(quote))]
        if "books" in channels:
            frames.append(data_frame("books", name, self.book(quote), action="snapshot"))
        if "open-interest" in channels:
            frames.append(data_frame("open-interest", name, {"oi": "9", "oiCcy": str(quote.oi), "ts": "1"}))
        return list(frames)

    def book(self, quote: ToyQuote) -> dict[str, Any]:
        """A book with the next number."""
        return {
            "asks": _rows(quote.depth.sell),
            "bids": _rows(quote.depth.buy),
            "ts": str(quote.at_s * 1000),
            "checksum": 0,
            "seqId": next(self._numbers),
            "prevSeqId": -1,
        }

    def routes(self, app: web.Application) -> None:
        app.router.add_get("/api/v5/public/instruments", self._instruments)
        app.router.add_get("/api/v5/public/underlying", self._underlyings)
        app.router.add_get("/api/v5/market/{kind}", self._candles)

    async def _instruments(self, request: web.Request) -> web.Response:
        kind, underlying = request.query["instType"], request.query.get("uly", "")
        rows = [row for row in self.lists.get(kind, []) if row["instId"].startswith(underlying)]
        if kind == "OPTION" and (not underlying or underlying in self.refused):
            return web.json_response({"code": "50014", "msg": "Parameter uly can not be empty.", "data": []})
        return web.json_response({"code": "0", "data": rows})

    async def _underlyings(self, request: web.Request) -> web.Response:
        names = dict.fromkeys("-".join(row["instId"].split("-")[:2]) for row in self.lists.get("OPTION", []))
        return web.json_response({"code": "0", "data": [list(names)], "msg": ""})

    async def _candles(self, request: web.Request) -> web.Response:
        self.asked.append({"kind": request.match_info["kind"], **request.query})
        before = int(request.query.get("after", 10**15))
        rows = [row for row in self.rows if int(row[0]) < before]
        return web.json_response({"code": "0", "msg": "", "data": rows[-300:][::-1]})


def data_frame(channel: str, name: str, data: dict[str, Any], *, action: str = "") -> str:
    """A frame of a channel."""
    frame: dict[str, Any] = {"arg": {"channel": channel, "instId": name}, "data": [data]}
    return json.dumps(frame | ({"action": action} if action else {}))


def ticker(quote: ToyQuote) -> dict[str, str]:
    """The data of a ticker."""
    return {
        "last": str(quote.ltp),
        "lastSz": str(quote.last_quantity),
        "askPx": "100.05",
        "askSz": "2",
        "bidPx": "99.95",
        "bidSz": "1",
        "open24h": str(quote.open),
        "high24h": str(quote.high),
        "low24h": str(quote.low),
        "vol24h": str(quote.volume),
        "volCcy24h": "",
        "ts": str(quote.at_s * 1000),
    }


def _rows(levels: tuple[Level, ...]) -> list[list[str]]:
    return [[str(each.price), str(each.quantity), "0", str(each.orders)] for each in levels]
