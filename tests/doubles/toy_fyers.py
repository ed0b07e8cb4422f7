"""A toy Fyers: the HSM data socket, the tick-by-tick feed of 50 levels, and the REST requests that the feed makes."""

from __future__ import annotations

import base64
import hashlib
import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from aiohttp import web

from adapters.fyers import hsm
from adapters.fyers.deep_book import MESSAGES
from market.instruments import Instrument, InstrumentKind
from market.ticks import Level
from tests.doubles.toy_broker import ToyBroker, ToyLine, ToyQuote

ABSENT = -(2**31)
OK, NOT_OK = b"K", b"F"
_IST_S = 19_800


@dataclass
class _Talk:
    """What a toy remembers of a data socket."""

    is_in: bool = False
    is_full: bool = False
    topics: dict[str, int] = field(default_factory=dict)
    sent: dict[str, list[int]] = field(default_factory=dict)
    numbers_made: int = 0
    frames: int = 0


class ToyFyers(ToyBroker):
    """`history` is what candle requests are answered with: `[[epoch, o, h, l, c, v, oi], …]`.

    `ack_every`: after how many data frames an acknowledgement is due; `acknowledged` are the frames that clients named.
    `takes_any_length`: whether frames may say a length that is not theirs, as those of the vendor's client do.
    `lines_heard`: what all clients have said.
    """

    path = "/{tail:hsm/.*|versova|moved}"

    def __init__(self) -> None:
        super().__init__()
        self.history: list[list[float]] = []
        self.asked: list[dict[str, str]] = []
        self.answers: dict[str, dict[str, object]] = {}
        self.deep_path = "/versova"
        self.ack_every = 3
        self.acknowledged: list[int] = []
        self.refuse_subscriptions = False
        self.takes_any_length = False
        self.lines_heard: list[str | bytes] = []
        self._talks: dict[ToyLine, _Talk] = {}

    def endpoints(self) -> dict[str, str]:
        http, ws = f"http://127.0.0.1:{self.port}", f"ws://127.0.0.1:{self.port}"
        return {"ws": f"{ws}/hsm/v1-5/prod", "deep": f"{ws}/versova", "rest": http, "login": http, "masters": http}

    def routes(self, app: web.Application) -> None:
        app.router.add_get("/indus/home/tbtws", self._locate)
        app.router.add_get("/data/history", self._serve_history)
        app.router.add_post("/api/v3/validate-authcode", self._serve_code)
        app.router.add_post("/api/v3/validate-refresh-token", self._serve_refresh)

    def admits(self, request: web.Request) -> bool:
        return request.path.startswith("/hsm/") or self._is_authorized(request)

    def token_of(self, instrument: Instrument) -> str:
        return instrument.token

    async def hear(self, line: ToyLine, frame: str | bytes) -> None:
        self.lines_heard.append(frame)
        if line.request.path.startswith("/hsm/"):
            await self._hear_hsm(line, frame)
        else:
            await self._hear_deep(line, frame)

    # the data socket

    async def _hear_hsm(self, line: ToyLine, frame: str | bytes) -> None:
        if isinstance(frame, str):
            self.violations.append("a text frame on the data socket")
            return
        if frame == hsm.PING:
            return
        talk = self._talks.setdefault(line, _Talk())
        kind, fields = read_request(frame, any_length=self.takes_any_length)
        if kind == hsm.AUTHENTICATED:
            talk.is_in = fields[1].decode() in self.tokens
            await self._say(line, answer(kind, OK if talk.is_in else NOT_OK, self.ack_every))
        elif kind == hsm.MODE_SET:
            talk.is_full = fields[2] == b"F"
            await self._say(line, answer(kind, OK))
        elif kind == 3:
            self.acknowledged.append(int.from_bytes(fields[1], "big"))
        else:
            await self._change(line, talk, kind, read_topics(fields[1]))

    async def _change(self, line: ToyLine, talk: _Talk, kind: int, topics: Sequence[str]) -> None:
        if not talk.is_in:
            self.violations.append("a request before the login is answered")
        elif kind == hsm.SUBSCRIBED:
            await self._subscribe(line, talk, topics)
        else:
            for topic in topics:
                talk.topics.pop(topic, None)
                self._note(line, talk, topic)
            await self._say(line, answer(kind, OK))

    async def _subscribe(self, line: ToyLine, talk: _Talk, topics: Sequence[str]) -> None:
        if self.refuse_subscriptions:
            await self._say(line, answer(hsm.SUBSCRIBED, NOT_OK))
            return
        for topic in topics:
            if topic.startswith("if|") and topic.rpartition("|")[2].isdigit():
                self.violations.append("an index by its number")
            talk.numbers_made += 1
            talk.topics[topic] = talk.numbers_made
            talk.sent.pop(topic, None)
            self._note(line, talk, topic)
        await self._say(line, answer(hsm.SUBSCRIBED, OK))

    def _note(self, line: ToyLine, talk: _Talk, topic: str) -> None:
        token = topic[3:]
        kinds = [kind for kind in ("sf", "if", "dp") if f"{kind}|{token}" in talk.topics]
        if kinds:
            line.holds[token] = "+".join(kinds).replace("if", "sf")
        else:
            line.holds.pop(token, None)

    async def _say(self, line: ToyLine, frame: bytes) -> None:
        if not self.mute:
            await line.say(frame)

    def frames_for(self, line: ToyLine, instrument: Instrument, quote: ToyQuote) -> list[str | bytes]:
        talk = self._talks.get(line)
        if talk is None or instrument.token not in line.holds:
            return []
        kinds = ("if",) if instrument.kind is InstrumentKind.INDEX else ("sf", "dp")
        values = {f"{kind}|{instrument.token}": values_of(kind, quote) for kind in kinds}
        told = {topic: values[topic] for topic in values if topic in talk.topics}
        frame = data_frame(talk.frames + 1, *(self._entry(talk, topic, told[topic]) for topic in told))
        talk.frames += 1
        talk.sent |= told  # not before all of it could be written
        return [frame]

    def _entry(self, talk: _Talk, topic: str, values: list[int]) -> bytes:
        """A snapshot the first time, then what has changed."""
        before = talk.sent.get(topic)
        if before is None:
            return snapshot(talk.topics[topic], topic, values)
        changed = [value if value != old else ABSENT for value, old in zip(values, before, strict=True)]
        return update(talk.topics[topic], changed)

    # the feed of 50 levels

    async def _hear_deep(self, line: ToyLine, frame: str | bytes) -> None:
        if frame == "ping":
            await line.say("pong")
            return
        message = json.loads(frame)
        data = message["data"]
        if message["type"] == 2:
            line.holds.update({f"channel {each}": "resumed" for each in data["resumeChannels"]})
            return
        for ticker in data["symbols"]:
            if data["subs"] == 1:
                line.holds[ticker] = f"depth on {data['channel']}"
            else:
                line.holds.pop(ticker, None)

    async def say_deep(self, ticker: str, frame: bytes) -> int:
        """Send `frame` to those who hold `ticker` on a channel that is resumed; return how many."""
        lines = [line for line in self.lines if ticker in line.holds and "channel 1" in line.holds]
        for line in lines:
            await line.say(frame)
        return len(lines)

    def deep_lines(self) -> list[ToyLine]:
        """The connections to the feed of 50 levels."""
        return [line for line in self.lines if not line.request.path.startswith("/hsm/")]

    # REST

    def _is_authorized(self, request: web.Request) -> bool:
        app_id, _, token = request.headers.get("Authorization", "").partition(":")
        return app_id == "APP-100" and token in self.tokens

    def _answer(self, request: web.Request, body: dict[str, object]) -> web.Response:
        self.requests[request.path] += 1
        if request.path in self.answers:
            told = dict(self.answers[request.path])
            return web.json_response(told, status=int(str(told.pop("status", 200))))
        if not request.path.startswith("/api/") and not self._is_authorized(request):
            return web.json_response(error(-16), status=401)
        return web.json_response(body)

    async def _locate(self, request: web.Request) -> web.Response:
        url = f"ws://127.0.0.1:{self.port}{self.deep_path}"
        return self._answer(request, {"code": 200, "s": "ok", "data": {"socket_url": url}})

    async def _serve_history(self, request: web.Request) -> web.Response:
        self.asked.append(dict(request.query))
        first, last = (date.fromisoformat(request.query[name]) for name in ("range_from", "range_to"))
        rows = [row for row in self.history if first <= datetime.fromtimestamp(row[0] + _IST_S, UTC).date() <= last]
        return self._answer(request, {"s": "ok" if rows else "no_data", "candles": rows})

    async def _serve_code(self, request: web.Request) -> web.Response:
        given = await request.json()
        self.asked.append(given)
        good = given["code"] == "good-code" and given["appIdHash"] == hashlib.sha256(b"APP-100:secret").hexdigest()
        answer_ = {"s": "ok", "code": 200, "access_token": jwt("hsm"), "refresh_token": "refresh"}
        return self._answer(request, answer_ if good and given["grant_type"] == "authorization_code" else error(-437))

    async def _serve_refresh(self, request: web.Request) -> web.Response:
        given = await request.json()
        self.asked.append(given)
        good = given["pin"] == "1234" and given["refresh_token"] == "refresh"
        return self._answer(request, {"s": "ok", "code": 200, "access_token": jwt("hsm-2")} if good else error(-501))


def error(code: int) -> dict[str, object]:
    """The body of a refusal."""
    return {"s": "error", "code": code, "message": "the text of it, which may repeat a secret"}


def jwt(hsm_key: str, *, user: str = "FAB1234", exp: int = 1_790_000_000) -> str:
    """An access token as Fyers's look from outside."""
    parts = ({"typ": "JWT"}, {"hsm_key": hsm_key, "fy_id": user, "exp": exp}, {"signature": "x"})
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)


def read_request(frame: bytes, *, any_length: bool = False) -> tuple[int, dict[int, bytes]]:
    """The kind and the fields of a client's frame; its length must be that of what follows, if not `any_length`."""
    length, kind, count = struct.unpack_from(">HBB", frame)
    assert any_length or length == len(frame) - 2, "the length of a frame is wrong"
    fields, at = {}, 4
    for _ in range(count):
        name, size = struct.unpack_from(">BH", frame, at)
        fields[name] = frame[at + 3 : at + 3 + size]
        at += 3 + size
    assert at == len(frame), "a frame is longer than its fields"
    return kind, fields


def read_topics(body: bytes) -> list[str]:
    """The names in a subscription."""
    (count,) = struct.unpack_from(">H", body)
    topics, at = [], 2
    for _ in range(count):
        topics.append(body[at + 1 : at + 1 + body[at]].decode())
        at += 1 + body[at]
    return topics


def framed(body: bytes) -> bytes:
    """`body` behind its length."""
    return struct.pack(">H", len(body)) + body


def answer(kind: int, word: bytes, number: int | None = None) -> bytes:
    """The answer to a request of `kind`."""
    fields = struct.pack(">BH", 1, len(word)) + word
    if number is not None:
        fields += struct.pack(">BHI", 2, 4, number)
    return framed(bytes([kind, 1 if number is None else 2]) + fields)


def trouble(code: int, about: int, text: bytes = b"a text") -> bytes:
    """A message about an error."""
    fields = struct.pack(">BHi", 1, 4, code) + struct.pack(">BH", 2, len(text)) + text
    return framed(bytes([51, 3]) + fields + struct.pack(">BHB", 3, 1, about))


def data_frame(number: int, *entries: bytes) -> bytes:
    """Entries as one frame."""
    return framed(struct.pack(">BIH", 6, number, len(entries)) + b"".join(entries))


def snapshot(topic_id: int, topic: str, values: Sequence[int], *, multiplier: int = 1, digits: int = 2) -> bytes:
    """Everything about a topic."""
    name = topic.encode()
    _, segment, token = topic.split("|", 2)
    texts = b"".join(bytes([len(text)]) + text.encode() for text in (segment, token, token))
    body = b"S" + struct.pack(">HB", topic_id, len(name)) + name + bytes([len(values)])
    return body + struct.pack(f">{len(values)}i", *values) + struct.pack(">xxHB", multiplier, digits) + texts


def update(topic_id: int, values: Sequence[int]) -> bytes:
    """What has changed of a topic."""
    return b"U" + struct.pack(">HB", topic_id, len(values)) + struct.pack(f">{len(values)}i", *values)


def lite(topic_id: int, ltp: int) -> bytes:
    """The last price of a topic."""
    return b"L" + struct.pack(">Hi", topic_id, ltp)


def values_of(kind: str, quote: ToyQuote) -> list[int]:
    """The numbers of a topic for `quote`, prices in paise."""

    def paise(*prices: float) -> list[int]:
        return [round(price * 100) for price in prices]

    buy, sell = quote.depth.buy, quote.depth.sell
    if kind == "if":
        return [*paise(quote.ltp, quote.close), quote.at_s, *paise(quote.high, quote.low, quote.open)]
    if kind == "sf":
        best_buy, best_sell = (side[0] if side else Level(0.0, 0) for side in (buy, sell))
        return [
            *(*paise(quote.ltp), quote.volume, quote.traded_s, quote.at_s),
            *(int(best_buy.quantity), int(best_sell.quantity), *paise(best_buy.price, best_sell.price)),
            *(quote.last_quantity, quote.buying, quote.selling, *paise(quote.average), quote.oi),
            *paise(quote.low, quote.high, 200.0, 50.0, 88.2, 107.8, quote.open, quote.close),
        ]
    sides = [[*side[:5], *[Level(0.0, 0)] * 5][:5] for side in (buy, sell)]
    return [
        *(price for side in sides for price in paise(*(level.price for level in side))),
        *(int(level.quantity) for side in sides for level in side),
        *(level.orders for side in sides for level in side),
    ]


def deep_frame(ticker: str, bids: dict[int, dict[str, int]], asks: dict[int, dict[str, int]], **given: Any) -> bytes:
    """A frame of the feed of 50 levels: by level, those of `price` (paise), `qty` and `nord` that it says.

    `snapshot`, `at_s`, `tbq`, `tsq` may be given.
    """
    whole = given.get("snapshot", False)
    message = MESSAGES["SocketMessage"](type=6, snapshot=whole)
    feed = message.feeds["101000000001594"]
    feed.ticker, feed.snapshot = ticker, whole
    feed.feed_time.value = given.get("at_s", 0)
    for name in ("tbq", "tsq"):
        if name in given:
            getattr(feed.depth, name).value = given[name]
    for side, levels in ((feed.depth.bids, bids), (feed.depth.asks, asks)):
        for number, values in levels.items():
            level = side.add()
            level.num.value = number
            for name, value in values.items():
                getattr(level, name).value = value
    return bytes(message.SerializeToString())


def deep_error() -> bytes:
    """What the feed of 50 levels says when it refuses something."""
    return bytes(MESSAGES["SocketMessage"](error=True, msg="a text").SerializeToString())
