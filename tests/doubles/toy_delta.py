"""A toy Delta Exchange India: the public socket with its channels, and the REST requests that the feed makes."""

from __future__ import annotations

import itertools
import json
from typing import Any

from aiohttp import web

from adapters.delta.wire import checksum
from market.instruments import Instrument
from market.ticks import Level
from tests.doubles.toy_broker import ToyBroker, ToyLine, ToyQuote


class ToyDelta(ToyBroker):
    """`line.holds` has the channels of an instrument, joined by +.

    A book comes whole once after each subscription, then as changes. `products` are listed in pages of `page`, `rows`
    are candles, `volumes` are contracts by name.
    """

    def __init__(self) -> None:
        super().__init__()
        self.products: list[dict[str, Any]] = []
        self.page = 1000
        self.rows: list[dict[str, float]] = []
        self.asked: list[dict[str, str]] = []
        self.volumes: dict[str, int] = {}
        self.tickers_asked: list[str] = []
        self._numbers = itertools.count(1)
        self._told: dict[tuple[ToyLine, str], dict[str, Any]] = {}

    def admits(self, request: web.Request) -> bool:
        return True

    def token_of(self, instrument: Instrument) -> str:
        return instrument.token.partition("|")[0]

    async def hear(self, line: ToyLine, frame: str | bytes) -> None:
        message = json.loads(frame)
        if message["type"] == "ping":
            await self._answer(line, {"type": "pong"})
            return
        told = [self._change(line, message["type"], **channel) for channel in message["payload"]["channels"]]
        if message["type"] == "subscribe":
            await self._answer(line, {"type": "subscriptions", "channels": told})

    def _change(self, line: ToyLine, op: str, name: str, symbols: list[str]) -> dict[str, Any]:
        held = {symbol for symbol, channels in line.holds.items() if name in channels.split("+")}
        if op == "subscribe" and len(held | set(symbols)) > 100:
            return {"name": name, "error": "subscription forbidden on this channel with more than 100 symbols"}
        for symbol in symbols:
            channels = set(filter(None, line.holds.get(symbol, "").split("+")))
            if op == "subscribe" and name == "ob_updates" and name in channels:
                self.violations.append(f"the book of {symbol} was subscribed already: it would bring no snapshot")
            (channels.add if op == "subscribe" else channels.discard)(name)
            if op == "unsubscribe" and name == "ob_updates":
                self._told.pop((line, symbol), None)
            if channels:
                line.holds[symbol] = "+".join(sorted(channels))
            else:
                line.holds.pop(symbol, None)
        return {"name": name, "symbols": symbols}

    async def _answer(self, line: ToyLine, answer: dict[str, Any]) -> None:
        if not self.mute:
            await line.say(json.dumps(answer))

    def frames_for(self, line: ToyLine, instrument: Instrument, quote: ToyQuote) -> list[str | bytes]:
        name = self.token_of(instrument)
        channels = line.holds[name].split("+")
        frames: list[str | bytes] = [json.dumps(ticker(name, quote))]
        if "trades" in channels:
            frames.append(json.dumps(trade(name, quote)))
        if "ob_l1" in channels:
            frames.append(json.dumps({"type": "ob_l1", "sy": name, **_best(quote)}))
        if "ob_updates" in channels:
            before, book = self._told.get((line, name)), self.book(name, quote)
            if before is not None:
                book["seq"] = before["seq"] + 1
            self._told[line, name] = book
            frames.append(json.dumps(book if before is None else changes(before, book)))
        return frames

    def book(self, name: str, quote: ToyQuote) -> dict[str, Any]:
        """A whole book with the next number."""
        asks, bids = _rows(quote.depth.sell), _rows(quote.depth.buy)
        return {
            "type": "ob_updates",
            "action": "snapshot",
            "sy": name,
            "a": asks,
            "b": bids,
            "seq": next(self._numbers),
            "cs": checksum(asks, bids),
            "ts": quote.at_s * 1_000_000,
        }

    def routes(self, app: web.Application) -> None:
        app.router.add_get("/products", self._products)
        app.router.add_get("/history/candles", self._candles)
        app.router.add_get("/tickers", self._all_tickers)
        app.router.add_get("/tickers/{symbol}", self._one_ticker)

    async def _products(self, request: web.Request) -> web.Response:
        first = int(request.query.get("after", "0"))
        after = first + self.page
        meta = {"after": str(after) if after < len(self.products) else None, "before": None}
        return web.json_response({"success": True, "meta": meta, "result": self.products[first:after]})

    async def _all_tickers(self, _request: web.Request) -> web.Response:
        self.tickers_asked.append("*")
        tickers = [{"symbol": name, "size": size} for name, size in self.volumes.items()]
        return web.json_response({"success": True, "result": tickers})

    async def _one_ticker(self, request: web.Request) -> web.Response:
        name = request.match_info["symbol"]
        self.tickers_asked.append(name)
        if name not in self.volumes:
            return web.json_response({"success": False, "error": {"code": "not_found"}}, status=404)
        return web.json_response({"success": True, "result": {"symbol": name, "size": self.volumes[name]}})

    async def _candles(self, request: web.Request) -> web.Response:
        self.asked.append(dict(request.query))
        if request.query["symbol"] in self.refused:
            return web.json_response({"success": False, "error": {"code": "invalid_symbol"}})
        start, end = int(request.query["start"]), int(request.query["end"])
        rows = [row for row in self.rows if start <= row["time"] <= end]
        return web.json_response({"success": True, "result": rows[-2000:][::-1]})


def ticker(name: str, quote: ToyQuote) -> dict[str, Any]:
    """A ticker."""
    entry = {
        "s": name,
        "ohlc": [quote.open, quote.high, quote.low, quote.ltp],
        "oi": [str(quote.oi), "-5.5"],
        "q": [*_best(quote).values(), None],
        "pb": ["80.5", "120.5"],
    }
    return {"type": "ticker", "sy": name, "ts": quote.at_s * 1_000_000, "d": [entry]}


def _best(quote: ToyQuote) -> dict[str, str | None]:
    """Ask and bid with their sizes; a side that is empty is null."""
    ask: tuple[str | None, str | None] = ("100.05", "2") if quote.depth.sell else (None, None)
    bid: tuple[str | None, str | None] = ("99.95", "1") if quote.depth.buy else (None, None)
    return {"ap": ask[0], "as": ask[1], "bp": bid[0], "bs": bid[1]}


def trade(name: str, quote: ToyQuote) -> dict[str, Any]:
    """A trade."""
    size, at = str(quote.last_quantity), quote.traded_s * 1_000_000
    return {"type": "trades", "sy": name, "p": str(quote.ltp), "s": size, "r": "buyer", "t": at}


def changes(before: dict[str, Any], now: dict[str, Any]) -> dict[str, Any]:
    """The message that makes the book `now` of the book `before`."""
    sides = {}
    for side in ("a", "b"):
        gone = {price for price, _ in before[side]} - {price for price, _ in now[side]}
        sides[side] = [row for row in now[side] if row not in before[side]] + [(price, "0") for price in sorted(gone)]
    return {**now, "action": "update", **sides}


def _rows(levels: tuple[Level, ...]) -> list[tuple[str, str]]:
    return [(str(each.price), str(each.quantity)) for each in levels]
