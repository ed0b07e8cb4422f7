"""A toy XTS broker: Engine.IO and Socket.IO on the socket, subscriptions, login, candles and lists over REST.

Subscriptions belong to the session, as at the real one: they outlive a socket, and end with the token. What was asked
for before a socket was opened is not sent on it until it is asked for anew: the stricter of the two ways there may be.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from adapters.xts.rows import ROWS, XtsRow, segment_of
from market.instruments import Instrument
from market.ticks import Level
from tests.doubles.toy_broker import ToyBroker, ToyLine, ToyQuote

MOST_PER_CALL = 50
_SINCE_1980_S = 315_532_800 - 19_800


class ToyXts(ToyBroker):
    """One of them.

    Attributes:
        version: the only version of Engine.IO that it speaks.
        ping_interval_s: how often pings are due; in version 4 it sends them.
        limit: how many subscriptions a session may hold.
        slow_down: how many requests are answered with "slow down" from now on.
        flat, as_object: how it writes touchlines: at the root, as an object instead of text.
        rows: what candle requests are answered with.
        master, indices: the lines of the instrument list, and the lists of indices by segment.
        pings: how many pings it heard.
    """

    def __init__(self, row: XtsRow = ROWS[0], *, version: int = 3) -> None:
        super().__init__()
        self.row = row
        self.version = version
        self.ping_interval_s = 25.0
        self.limit = 1_000_000
        self.slow_down = 0
        self.flat = False
        self.as_object = False
        self.rows = ""
        self.master: list[str] = []
        self.indices: dict[int, list[str]] = {}
        self.asked: list[dict[str, str]] = []
        self.calls: list[tuple[str, int, int]] = []
        self.pings = 0
        self.held_codes: dict[str, set[int]] = {}
        self.snapshots: list[str] = []

    # the socket

    def admits(self, request: web.Request) -> bool:
        return request.path == f"{self.row.socket_path}/" and request.query.get("EIO") == str(self.version)

    def refusal_status(self) -> int:
        return 400  # an unsupported version; a bad token is told on the socket

    async def greet(self, line: ToyLine) -> None:
        interval = self.ping_interval_s * 1000.0
        await line.say("0" + json.dumps({"sid": "s", "upgrades": [], "pingInterval": interval, "pingTimeout": 20_000}))
        if self.version == 3:
            await line.say("40")
            await self._join(line)

    async def _join(self, line: ToyLine) -> None:
        if line.request.query.get("token") in self.tokens:
            await line.say('42["joined","Successfully joined"]')
        else:
            await line.say('42["error","Invalid Token"]')

    async def hear(self, line: ToyLine, frame: str | bytes) -> None:
        if self.mute:
            return
        if frame == "2" and self.version == 3:
            self.pings += 1
            await line.say("3")
        elif frame == "40" and self.version == 4:
            await line.say('40{"sid":"s"}')
            await self._join(line)
        elif not (frame == "3" and self.version == 4):
            self.violations.append(f"a frame out of turn: {frame!r}")

    async def expire(self, line: ToyLine) -> None:
        self.held_codes.clear()
        await line.say('42["logout","Session replaced"]')

    def token_of(self, instrument: Instrument) -> str:
        return f"{segment_of(instrument.key)}_{instrument.token}"

    def frames_for(self, line: ToyLine, instrument: Instrument, quote: ToyQuote) -> list[str | bytes]:
        codes = sorted(self.held_codes[self.token_of(instrument)])
        if self.row.is_binary:
            packets = b"".join(packet(code, instrument, quote) for code in codes)
            lead = b"\x04" if self.version == 3 else b""
            return ['451-["xts-binary-packet",{"_placeholder":true,"num":0}]', lead + packets]
        bodies = ((code, body(code, instrument, quote, flat=self.flat)) for code in codes)
        return [
            "42" + json.dumps([f"{code}-json-full", said if self.as_object else json.dumps(said)])
            for code, said in bodies
        ]

    # the requests

    def routes(self, app: web.Application) -> None:
        app.router.add_post(self.row.login_path, self._serve_login)
        app.router.add_route("*", f"{self.row.prefix}/instruments/subscription", self._serve_subscription)
        app.router.add_get(f"{self.row.prefix}/instruments/ohlc", self._serve_candles)
        app.router.add_post(f"{self.row.prefix}/instruments/master", self._serve_master)
        app.router.add_get(f"{self.row.prefix}/instruments/indexlist", self._serve_indices)

    def endpoints(self) -> dict[str, str]:
        http = f"http://127.0.0.1:{self.port}"
        return {"ws": f"ws://127.0.0.1:{self.port}", "rest": http, "masters": http}

    async def _serve_login(self, request: web.Request) -> web.Response:
        given = await request.json()
        if (given["appKey"], given["secretKey"]) != ("key", "secret"):
            return refused("e-user-0001", "Invalid appKey or secretKey")
        return good({"token": "good-token", "userID": "AB1234", "appVersion": "1"}, code="e-response-0010")

    async def _serve_candles(self, request: web.Request) -> web.Response:
        self.asked.append(dict(request.query))
        if request.headers.get("Authorization") not in self.tokens:
            return refused("e-session-0007", "Invalid Token")
        return good({"dataReponse": self.rows})

    async def _serve_master(self, request: web.Request) -> web.Response:
        (segment,) = (await request.json())["exchangeSegmentList"]
        return good("\n".join(line for line in self.master if line.startswith(segment)))

    async def _serve_indices(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") not in self.tokens:
            return refused("e-token-0002", "No token")
        return good({"indexList": self.indices.get(int(request.query["exchangeSegment"]), [])})

    async def _serve_subscription(self, request: web.Request) -> web.Response:
        self.requests[request.method] += 1
        if request.headers.get("Authorization") not in self.tokens:
            return refused("e-session-0007", "Invalid Token")
        if self.slow_down:
            self.slow_down -= 1
            return refused("e-apirl-0004", "Too many requests")
        given = await request.json()
        code = int(given["xtsMessageCode"])
        places = [f"{each['exchangeSegment']}_{each['exchangeInstrumentID']}" for each in given["instruments"]]
        self.calls.append((request.method, code, len(places)))
        if not 0 < len(places) <= MOST_PER_CALL:
            self.violations.append("too many instruments in a request")
        return self._end(code, places) if request.method == "PUT" else self._begin(code, places)

    def _end(self, code: int, places: list[str]) -> web.Response:
        if any(code not in self.held_codes.get(place, ()) for place in places):
            return refused("e-session-0003", "Not subscribed")
        for place in places:
            self.held_codes[place].discard(code)
            self._tell_lines(place)
        return good({"unsubList": places})

    def _begin(self, code: int, places: list[str]) -> web.Response:
        if any(code in self.held_codes.get(place, ()) for place in places):
            return refused("e-session-0002", "Instrument Already Subscribed !")
        if self.refused.intersection(place for place in places):
            return refused("e-instrument-0001", "Instrument not found")
        if sum(len(codes) for codes in self.held_codes.values()) + len(places) > self.limit:
            return refused("e-session-0004", "Limit reached")
        for place in places:
            self.held_codes.setdefault(place, set()).add(code)
            self._tell_lines(place)
        return good({"mdp": code, "listQuotes": self.snapshots, "Remaining_Subscription_Count": 7})

    def _tell_lines(self, place: str) -> None:
        word = "+".join(str(code) for code in sorted(self.held_codes[place]))
        for line in self.lines:
            if word:
                line.holds[place] = word
            else:
                line.holds.pop(place, None)


def good(result: object, *, code: str = "s-response-0001") -> web.Response:
    """A request that was done."""
    return web.json_response({"type": "success", "code": code, "description": "done", "result": result})


def refused(code: str, description: str) -> web.Response:
    """A request that was refused."""
    return web.json_response({"type": "error", "code": code, "description": description, "result": {}}, status=400)


def clock(at_s: int, segment: int) -> int:
    """A time as the segment tells it."""
    return at_s - _SINCE_1980_S if segment in (1, 2, 3) else at_s + 19_800


def touchline(quote: ToyQuote, segment: int) -> dict[str, Any]:
    """The touchline of 1501 and 1502."""
    best = {"BidInfo": row(quote.depth.buy[0]), "AskInfo": row(quote.depth.sell[0])} if quote.depth.buy else {}
    return best | {
        "LastTradedPrice": quote.ltp,
        "LastTradedQunatity": quote.last_quantity,
        "TotalBuyQuantity": quote.buying,
        "TotalSellQuantity": quote.selling,
        "TotalTradedQuantity": quote.volume,
        "AverageTradedPrice": quote.average,
        "LastTradedTime": clock(quote.traded_s, segment),
        "LastUpdateTime": clock(quote.at_s, segment),
        "PercentChange": 1.0,
        "Open": quote.open,
        "High": quote.high,
        "Low": quote.low,
        "Close": quote.close,
        "TotalValueTraded": None,
    }


def row(level: tuple[float, float, int]) -> dict[str, Any]:
    """A row of the book."""
    return {"Size": int(level[1]), "Price": level[0], "TotalOrders": level[2], "BuyBackMarketMaker": 0}


def body(code: int, instrument: Instrument, quote: ToyQuote, *, flat: bool = False) -> dict[str, Any]:
    """The message of `code`, all of it."""
    segment = segment_of(instrument.key)
    head = {"MessageCode": code, "MessageVersion": 4, "ApplicationType": 0, "TokenID": 0, "SequenceNumber": 1}
    head |= {"ExchangeSegment": segment, "ExchangeInstrumentID": int(instrument.token)}
    head |= {"ExchangeTimeStamp": clock(quote.at_s, segment), "BookType": 1, "XMarketType": 1}
    if code == 1510:
        return head | {"OpenInterest": quote.oi, "XTSMarketType": 1, "ExchangeTimeStamp": 0}
    if code == 1512:
        last = {"LastTradedPrice": quote.ltp, "LastTradedQunatity": quote.last_quantity}
        return head | last | {"LastUpdateTime": clock(quote.traded_s, segment)}
    best: Mapping[str, Any] = touchline(quote, segment)
    if code == 1502:
        head |= {"Bids": [row(each) for each in quote.depth.buy], "Asks": [row(each) for each in quote.depth.sell]}
    return head | (best if flat else {"Touchline": best})


def packet(code: int, instrument: Instrument, quote: ToyQuote, *, wide: bool = True, packed: bool = False) -> bytes:
    """The binary packet of `code`, 1501 or 1502. `wide`: the newer layout with 64-bit quantities."""
    segment, number = segment_of(instrument.key), int(instrument.token)
    size = "q" if wide else "i"

    def rows(levels: tuple[tuple[float, float, int], ...]) -> bytes:
        return b"".join(struct.pack(f"<{size}dIh", int(each[1]), each[0], each[2], 0) for each in levels)

    inner = struct.pack("<HHHQQIhiQ", code, 4, 0, 0, 1, 0, segment, number, clock(quote.at_s, segment))
    if code == 1502:
        for side in (quote.depth.buy, quote.depth.sell):
            inner += struct.pack("<i", len(side)) + rows(side)
    inner += rows((*quote.depth.buy, Level(0.0, 0))[:1]) + rows((*quote.depth.sell, Level(0.0, 0))[:1])
    inner += struct.pack("<Qd", clock(quote.at_s, segment), quote.ltp)
    counts = (quote.last_quantity, quote.buying, quote.selling, quote.volume)
    inner += struct.pack("<4q" if wide else "<4I", *counts)
    inner += struct.pack("<dQ", quote.average, clock(quote.traded_s, segment))
    inner += struct.pack("<6d4H", 1.0, quote.open, quote.high, quote.low, quote.close, 0.0, 0, 0, 0, 0)
    outer = struct.pack("<bHhihhH", int(packed), code, segment, number, 1, 1, len(inner))
    if not packed:
        return outer + inner
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    squeezed = packer.compress(inner) + packer.flush()
    return outer + struct.pack("<H", len(squeezed)) + squeezed
