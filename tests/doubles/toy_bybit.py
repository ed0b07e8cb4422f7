"""A toy Bybit: the public sockets, one for each category, and the REST requests that the feed makes."""

from __future__ import annotations

import itertools
import json
from typing import Any

from aiohttp import web

from market.instruments import Instrument
from market.ticks import Level
from tests.doubles.toy_broker import ToyBroker, ToyLine, ToyQuote


class ToyBybit(ToyBroker):
    """`line.holds` has the channels of an instrument, joined by +. `lists` are instruments by category.

    `page` is how many of them an answer holds; `rows` are candles, oldest first. The coins of the listed options are
    told unless `coins` is false; a refused coin gives none of its own.
    """

    def __init__(self) -> None:
        super().__init__()
        self.lists: dict[str, list[dict[str, Any]]] = {}
        self.page = 1000
        self.coins = True
        self.rows: list[list[str]] = []
        self.asked: list[dict[str, str]] = []
        self._numbers = itertools.count(1)

    def admits(self, request: web.Request) -> bool:
        return True

    def token_of(self, instrument: Instrument) -> str:
        return instrument.token

    async def hear(self, line: ToyLine, frame: str | bytes) -> None:
        message = json.loads(frame)
        answer = {"success": True, "ret_msg": "", "conn_id": "a1", "req_id": message.get("req_id", "")}
        if message["op"] == "ping":
            await self._answer(line, answer | {"ret_msg": "pong", "op": "ping"})
            return
        category = line.request.path.rpartition("/")[2]
        if category == "option":
            await self._hear_of_options(line, message)
            return
        if category == "spot" and len(message["args"]) > 10:
            self.violations.append("more than 10 topics in a request on spot")
        bad = [each for each in message["args"] if f"{category}|{_split(each)[1]}" in self.refused]
        if bad and message["op"] == "subscribe":
            # The whole request is refused for one of its topics.
            answer |= {"success": False, "ret_msg": f"Invalid symbol :[{bad[0]}]"}
        else:
            for topic in message["args"]:
                self._change(line, category, message["op"], topic)
        await self._answer(line, answer | {"op": message["op"]})

    async def _hear_of_options(self, line: ToyLine, message: dict[str, Any]) -> None:
        """Topics are good or bad one by one, and the answer does not say to which request it is one."""
        told: dict[str, list[str]] = {"failTopics": [], "successTopics": []}
        for topic in message["args"]:
            channel, name = _split(topic)
            if channel == "publicTrade" and "-" in name:
                self.violations.append("the trades of options are a topic of their coin")
            is_bad = message["op"] == "subscribe" and f"option|{name}" in self.refused
            told["failTopics" if is_bad else "successTopics"].append(topic)
            if not is_bad:
                self._change(line, "option", message["op"], topic)
        await self._answer(line, {"success": True, "conn_id": "a1", "data": told, "type": "COMMAND_RESP"})

    def _change(self, line: ToyLine, category: str, op: str, topic: str) -> None:
        channel, name = _split(topic)
        token = f"{category}|{name}"
        channels = set(filter(None, line.holds.get(token, "").split("+")))
        if op == "subscribe" and channel in channels:
            self.violations.append(f"{topic} was subscribed already")
        (channels.add if op == "subscribe" else channels.discard)(channel)
        if channels:
            line.holds[token] = "+".join(sorted(channels))
        else:
            line.holds.pop(token, None)

    async def _answer(self, line: ToyLine, answer: dict[str, Any]) -> None:
        if not self.mute:
            await line.say(json.dumps(answer))

    def frames_for(self, line: ToyLine, instrument: Instrument, quote: ToyQuote) -> list[str | bytes]:
        token = self.token_of(instrument)
        category, _, name = token.partition("|")
        channels = line.holds[token].split("+")
        if category == "option":
            return self._option_frames(line, name, channels, quote)
        frames: list[str | bytes] = []
        if "publicTrade" in channels:
            frames.append(data_frame("publicTrade", name, [trade(quote)]))
        if "orderbook.1" in channels:
            frames.append(data_frame("orderbook.1", name, self.book(quote, levels=1)))
        if "orderbook.50" in channels:
            frames.append(data_frame("orderbook.50", name, self.book(quote)))
        return [data_frame("tickers", name, ticker(quote, is_spot=token.startswith("spot"))), *frames]

    def _option_frames(self, line: ToyLine, name: str, channels: list[str], quote: ToyQuote) -> list[str | bytes]:
        frames: list[str | bytes] = [data_frame("tickers", name, option_ticker(quote))]
        coin = name.partition("-")[0]
        if f"option|{coin}" in line.holds:
            frames.append(data_frame("publicTrade", coin, [trade(quote) | {"s": name}]))
        if "orderbook.100" in channels:
            frames.append(data_frame("orderbook.100", name, self.book(quote, levels=100)))
        return frames

    def book(self, quote: ToyQuote, *, levels: int = 50) -> dict[str, Any]:
        """A book with the next number."""
        return {"b": _rows(quote.depth.buy[:levels]), "a": _rows(quote.depth.sell[:levels]), "u": next(self._numbers)}

    def routes(self, app: web.Application) -> None:
        app.router.add_get("/v5/market/instruments-info", self._instruments)
        app.router.add_get("/v5/market/option-base-coins", self._coins)
        app.router.add_get("/v5/market/kline", self._candles)

    async def _coins(self, _request: web.Request) -> web.Response:
        if not self.coins:
            return web.json_response({"retCode": 10001, "retMsg": "not here", "result": {}})
        coins = [row["baseCoin"] for row in self.lists.get("option", [])]
        listed = [{"baseCoin": coin, "quoteCoin": "USDT", "hasSymbol": 1} for coin in coins]
        listed.append({"baseCoin": "LATER", "quoteCoin": "USDT", "hasSymbol": 0})
        return web.json_response({"retCode": 0, "retMsg": "success", "result": {"list": listed}})

    async def _instruments(self, request: web.Request) -> web.Response:
        self.asked.append(dict(request.query))
        rows, first = self.lists.get(request.query["category"], []), int(request.query.get("cursor", "0"))
        if request.query["category"] == "option":
            if request.query.get("baseCoin", "BTC") in self.refused:
                return web.json_response({"retCode": 10016, "retMsg": "service is not available", "result": {}})
            rows = [row for row in rows if row["baseCoin"] == request.query.get("baseCoin", "BTC")]
        after = first + self.page
        cursor = str(after) if after < len(rows) else ""
        result = {"category": request.query["category"], "list": rows[first:after], "nextPageCursor": cursor}
        return web.json_response({"retCode": 0, "retMsg": "OK", "result": result})

    async def _candles(self, request: web.Request) -> web.Response:
        self.asked.append(dict(request.query))
        if request.query["symbol"] in self.refused:
            return web.json_response({"retCode": 10001, "retMsg": "symbol invalid", "result": {}})
        until = int(request.query.get("end", 10**15))
        rows = [row for row in self.rows if int(row[0]) <= until]
        return web.json_response({"retCode": 0, "retMsg": "OK", "result": {"list": rows[-1000:][::-1]}})


def _split(topic: str) -> tuple[str, str]:
    """Channel and name, which begins after the first dot, or after the second where the channel is a book."""
    parts = topic.split(".")
    begin = 2 if parts[0] == "orderbook" else 1
    return ".".join(parts[:begin]), ".".join(parts[begin:])


def data_frame(channel: str, name: str, data: Any, *, kind: str = "snapshot", **more: Any) -> str:
    """A frame of a topic."""
    return json.dumps({"topic": f"{channel}.{name}", "type": kind, "ts": 1_790_000_001_000, "data": data, **more})


def ticker(quote: ToyQuote, *, is_spot: bool = False) -> dict[str, str]:
    """The data of a ticker."""
    data = {
        "lastPrice": str(quote.ltp),
        "prevPrice24h": str(quote.open),
        "highPrice24h": str(quote.high),
        "lowPrice24h": str(quote.low),
        "volume24h": str(quote.volume),
        "turnover24h": str(quote.volume),
    }
    if is_spot:
        return data
    best = {"bid1Price": "99.95", "bid1Size": "1", "ask1Price": "100.05", "ask1Size": "2"}
    return data | best | {"openInterest": str(quote.oi)}


def option_ticker(quote: ToyQuote) -> dict[str, str]:
    """The data of a ticker of an option."""
    return {
        "bidPrice": "99.95",
        "bidSize": "1",
        "askPrice": "100.05",
        "askSize": "2",
        "lastPrice": str(quote.ltp),
        "highPrice24h": str(quote.high),
        "lowPrice24h": str(quote.low),
        "openInterest": str(quote.oi),
        "volume24h": str(quote.volume),
        "change24h": str(quote.ltp / quote.open - 1.0) if quote.open else "",
    }


def trade(quote: ToyQuote) -> dict[str, Any]:
    """A trade."""
    return {"T": quote.traded_s * 1000, "p": str(quote.ltp), "v": str(quote.last_quantity), "seq": 1, "BT": False}


def _rows(levels: tuple[Level, ...]) -> list[list[str]]:
    return [[str(each.price), str(each.quantity)] for each in levels]
