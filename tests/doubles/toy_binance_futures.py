"""A toy of Binance's USD-M futures: both paths of the socket with their streams, and the REST requests of the feed.

`ToyBinanceSpot` is spot for the conformance suite; recordings are played by `toy_binance`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from typing import Any

from aiohttp import web

from market.instruments import Instrument
from market.ticks import Depth, Level
from tests.doubles.toy_broker import ToyBroker, ToyLine, ToyQuote

CARRIES = {"market": {"ticker", "aggTrade"}, "public": {"bookTicker", "depth20@100ms", "depth@100ms"}}
_Sides = dict[str, dict[str, str]]


class ToyBook:
    """The book of an instrument: `last_id` and the levels of both sides, as text."""

    def __init__(self, last_id: int) -> None:
        self.last_id = last_id
        self._sides: _Sides = {"b": {}, "a": {}}

    def change(self, depth: Depth, step: int) -> dict[str, Any]:
        """Become `depth`; returns the fields of the change. What is no number is said, and not kept."""
        before, self.last_id = self.last_id, self.last_id + step
        said: dict[str, Any] = {"U": self.last_id - step // 2 if step > 1 else self.last_id, "u": self.last_id}
        said["pu"] = before
        for side, levels in (("b", depth.buy), ("a", depth.sell)):
            gone = [[price, "0"] for price in self._sides[side].keys() - {str(each.price) for each in levels}]
            said[side] = [*gone, *rows(levels)]
            sound = [each for each in levels if math.isfinite(each.price) and math.isfinite(each.quantity)]
            self._sides[side] = dict(rows(sound))
        return said

    def snapshot(self) -> dict[str, Any]:
        """The whole of it, best first."""
        bids = sorted(self._sides["b"].items(), key=lambda level: -float(level[0]))
        asks = sorted(self._sides["a"].items(), key=lambda level: float(level[0]))
        return {"lastUpdateId": self.last_id, "bids": bids, "asks": asks}


class ToyBinanceFutures(ToyBroker):
    """`line.holds` has the kinds of stream of a symbol, joined by +.

    `symbols` is the list, `rows` are candles, `interest` is open interest in coins. Where there are `no_snapshots`,
    requests for books are not answered with one.
    """

    step = 5  # update ids of futures leap

    def __init__(self) -> None:
        super().__init__()
        self.symbols: list[dict[str, Any]] = []
        self.rows: list[list[Any]] = []
        self.asked: list[dict[str, str]] = []
        self.interest: dict[str, str] = {}
        self.interest_asked: list[str] = []
        self.books: dict[str, ToyBook] = {}
        self.snapshots_asked: list[str] = []
        self.no_snapshots = False

    def admits(self, request: web.Request) -> bool:
        return True

    def token_of(self, instrument: Instrument) -> str:
        return instrument.token.lower()

    def holds(self, instrument: Instrument) -> str | None:
        """The kinds of stream on both paths together."""
        token = self.token_of(instrument)
        kinds = {kind for line in self.lines for kind in line.holds.get(token, "").split("+") if kind}
        return "+".join(sorted(kinds)) or None

    async def hear(self, line: ToyLine, frame: str | bytes) -> None:
        message = json.loads(frame)
        if type(message["id"]) is not int:
            self.violations.append("an id that is not a whole number")
        if message["method"] == "LIST_SUBSCRIPTIONS":
            held = [f"{name}@{kind}" for name, kinds in line.holds.items() for kind in kinds.split("+")]
            await self._answer(line, {"result": held, "id": message["id"]})
            return
        streams = [stream.partition("@")[::2] for stream in message["params"]]
        answer: dict[str, Any] = {"result": None, "id": message["id"]}
        if message["method"] == "SUBSCRIBE" and self.refused & {name for name, _ in streams}:
            answer = {"error": {"code": 2, "msg": "Invalid request: no such stream"}, "id": message["id"]}
        else:
            for name, kind in streams:
                self._change(line, message["method"], name, kind)
        await self._answer(line, answer)

    async def _answer(self, line: ToyLine, answer: dict[str, Any]) -> None:
        if not self.mute:
            await line.say(json.dumps(answer))

    def _change(self, line: ToyLine, method: str, name: str, kind: str) -> None:
        # What the other path carries is acknowledged and silent; so is a name that is not in small letters.
        if kind not in self.carries(line) or name != name.lower():
            self.violations.append(f"{name}@{kind} is silent here")
        kinds = set(filter(None, line.holds.get(name, "").split("+")))
        (kinds.add if method == "SUBSCRIBE" else kinds.discard)(kind)
        if kinds:
            line.holds[name] = "+".join(sorted(kinds))
        else:
            line.holds.pop(name, None)

    def carries(self, line: ToyLine) -> set[str]:
        """The kinds of stream that are not silent on a connection."""
        return CARRIES[line.request.path.split("/")[1]]

    def book(self, name: str) -> ToyBook:
        """The book of a symbol, in small letters."""
        return self.books.setdefault(name, ToyBook(1_000))

    def frames_for(self, line: ToyLine, instrument: Instrument, quote: ToyQuote) -> list[str | bytes]:
        name = self.token_of(instrument)
        return [self.frame(name, kind, quote) for kind in line.holds[name].split("+")]

    def frame(self, name: str, kind: str, quote: ToyQuote) -> str:
        """A combined frame of a stream."""
        if kind != "depth@100ms":
            return data_frame(name, kind, quote)
        return change_frame(name, self.book(name).change(quote.depth, self.step), quote)

    def routes(self, app: web.Application) -> None:
        app.router.add_get("/fapi/v1/exchangeInfo", self._listing)
        app.router.add_get("/fapi/v1/klines", self._candles)
        app.router.add_get("/fapi/v1/openInterest", self._open_interest)
        app.router.add_get("/fapi/v1/depth", self._snapshot)

    async def _snapshot(self, request: web.Request) -> web.Response:
        symbol = request.query["symbol"]
        self.snapshots_asked.append(symbol)
        if self.no_snapshots:
            return web.Response(status=451)
        return web.json_response(self.book(symbol.lower()).snapshot())

    async def _listing(self, _request: web.Request) -> web.Response:
        return web.json_response({"timezone": "UTC", "symbols": self.symbols})

    async def _open_interest(self, request: web.Request) -> web.Response:
        symbol = request.query["symbol"]
        self.interest_asked.append(symbol)
        if symbol not in self.interest:
            return web.json_response({"code": -1121, "msg": "Invalid symbol."}, status=400)
        return web.json_response({"symbol": symbol, "openInterest": self.interest[symbol], "time": 1_589_437_530_011})

    async def _candles(self, request: web.Request) -> web.Response:
        self.asked.append(dict(request.query))
        last = int(request.query.get("endTime", 10**15))
        rows = [row for row in self.rows if row[0] <= last]
        return web.json_response(rows[-int(request.query["limit"]) :])


def data_frame(name: str, kind: str, quote: ToyQuote) -> str:
    """A combined frame of a stream."""
    at = quote.at_s * 1000
    data: dict[str, Any] = {"E": at, "s": name.upper(), "ps": name.upper(), "st": 1}
    if kind == "ticker":
        figures = {"c": quote.ltp, "Q": quote.last_quantity, "o": quote.open, "h": quote.high, "l": quote.low}
        figures |= {"v": quote.volume, "w": quote.average, "p": quote.ltp - quote.open}
        data |= {"e": "24hrTicker", "C": at, **{field: str(value) for field, value in figures.items()}}
    elif kind == "aggTrade":
        data |= {"e": "aggTrade", "p": str(quote.ltp), "q": str(quote.last_quantity), "T": quote.traded_s * 1000}
    elif kind == "bookTicker":
        bid, ask = (side[0] if side else Level(0.0, 0) for side in (quote.depth.buy, quote.depth.sell))
        data |= {"e": "bookTicker", "u": 1, "T": at, "b": str(bid.price), "B": str(bid.quantity)}
        data |= {"a": str(ask.price), "A": str(ask.quantity)}
    else:
        data |= {"e": "depthUpdate", "T": at, "U": 1, "u": 3, "pu": 0}
        data |= {"b": rows(quote.depth.buy), "a": rows(quote.depth.sell)}
    return json.dumps({"stream": f"{name}@{kind}", "data": data})


def change_frame(name: str, change: dict[str, Any], quote: ToyQuote) -> str:
    """A combined frame of what changed in a book."""
    data = {"e": "depthUpdate", "E": quote.at_s * 1000, "T": quote.at_s * 1000, "s": name.upper(), **change}
    return json.dumps({"stream": f"{name}@depth@100ms", "data": data})


def rows(levels: Iterable[Level]) -> list[list[str]]:
    """Levels as the wire has them."""
    return [[str(each.price), str(each.quantity)] for each in levels]


class ToyBinanceSpot(ToyBinanceFutures):
    """Spot: one path, ids one by one, books and best prices without a time, the day by request."""

    step = 1

    def carries(self, line: ToyLine) -> set[str]:
        return set().union(*CARRIES.values()) if line.request.path == "/stream" else set()

    def frame(self, name: str, kind: str, quote: ToyQuote) -> str:
        read = json.loads(super().frame(name, kind, quote))
        data: dict[str, Any] = read["data"]
        for field in ("ps", "st", "pu"):
            data.pop(field, None)
        if kind == "bookTicker":
            data = {field: data[field] for field in ("u", "s", "b", "B", "a", "A")}
        elif kind == "depth20@100ms":
            data = {"lastUpdateId": 1, "bids": data["b"], "asks": data["a"]}
        elif kind == "ticker":
            data["x"] = str(quote.close)
        return json.dumps({"stream": read["stream"], "data": data})

    def routes(self, app: web.Application) -> None:
        app.router.add_get("/api/v3/exchangeInfo", self._listing)
        app.router.add_get("/api/v3/klines", self._candles)
        app.router.add_get("/api/v3/depth", self._snapshot)
