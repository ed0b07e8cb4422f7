"""A toy Dhan: the real packets of the market feed and of the deep books, the login, and the requests for candles."""

from __future__ import annotations

import base64
import json
import struct
from datetime import datetime, timedelta, timezone
from typing import Any

from aiohttp import web

from adapters.dhan.segments import SEGMENTS
from market.instruments import Instrument, InstrumentKind
from market.ticks import Level
from tests.doubles.toy_broker import ToyBroker, ToyLine, ToyQuote

IST_S = 19_800
_ASKS = {15: "15", 17: "17", 21: "21", 23: "23"}
_LEAVES = {16: "15", 18: "17", 22: "21", 25: "23"}

APP = ("very-secret-key", "very-secret-secret")


class ToyDhan(ToyBroker):
    """One of them.

    Attributes:
        minutes, days: what requests for candles are answered with: `[seconds since 1970 UTC, o, h, l, c, v, oi]`.
        asked: the bodies of requests, with their path as `path`.
        refusal: what the next login or request for candles is answered with instead, if anything.
        late_close: whether the packet with the previous close is left out.
    """

    def __init__(self) -> None:
        super().__init__()
        self.minutes: list[list[float]] = []
        self.days: list[list[float]] = []
        self.asked: list[dict[str, Any]] = []
        self.token_ids: dict[str, str] = {}
        self.refusal: web.Response | None = None
        self.late_close = False

    def endpoints(self) -> dict[str, str]:
        http, ws = f"http://127.0.0.1:{self.port}", f"ws://127.0.0.1:{self.port}"
        deep = {"depth20": f"{ws}/twentydepth", "depth200": f"{ws}/full"}
        return {"ws": f"{ws}/feed", "rest": http, "login": http, "masters": http} | deep

    def admits(self, request: web.Request) -> bool:
        query = request.query
        named = query.get("clientId") == "AB1234" and query.get("authType") == "2"
        versioned = request.path != "/feed" or query.get("version") == "2"
        return named and versioned and query.get("token") in self.tokens

    def refusal_status(self) -> int:
        return 401

    def token_of(self, instrument: Instrument) -> str:
        return f"{SEGMENTS[instrument.key.exchange][1]}:{instrument.token}"

    async def hear(self, line: ToyLine, frame: str | bytes) -> None:
        if self.mute:
            return
        message = json.loads(frame)
        code = message["RequestCode"]
        listed = message.get("InstrumentList", [message])
        if line.request.path != "/full" and (len(listed) != message["InstrumentCount"] or len(listed) > 100):
            self.violations.append("a list that is not as long as it says, or too long")
        for each in listed:
            self._change(line, code, f"{each['ExchangeSegment']}:{each['SecurityId']}")

    def _change(self, line: ToyLine, code: int, place: str) -> None:
        if code in _ASKS:
            if place in line.holds:
                self.violations.append("an instrument in two modes")
            line.holds[place] = _ASKS[code]
        elif line.holds.pop(place, None) != _LEAVES.get(code, ""):
            self.violations.append("leaving what is not held")

    async def expire(self, line: ToyLine) -> None:
        await line.say(disconnection(807) if line.request.path == "/feed" else deep_disconnection(807))

    def lines_of(self, path: str) -> list[ToyLine]:
        """The connections to `path`: `/feed`, `/twentydepth` or `/full`."""
        return [line for line in self.lines if line.request.path == path]

    def frames_for(self, line: ToyLine, instrument: Instrument, quote: ToyQuote) -> list[str | bytes]:
        if line.request.path != "/feed":
            levels = 20 if line.request.path == "/twentydepth" else 200
            return [deep_book(instrument, levels, quote)]
        body = packet(instrument, int(line.holds[self.token_of(instrument)]), quote)
        return [body if self.late_close else previous_close(instrument, quote.close) + body]

    def routes(self, app: web.Application) -> None:
        app.router.add_post("/app/generateAccessToken", self._serve_login)
        app.router.add_post("/app/generate-consent", self._serve_consent)
        app.router.add_get("/app/consumeApp-consent", self._serve_consumption)
        app.router.add_get("/v2/RenewToken", self._serve_renewal)
        app.router.add_post("/v2/charts/intraday", self._serve_minutes)
        app.router.add_post("/v2/charts/historical", self._serve_days)

    async def _serve_login(self, request: web.Request) -> web.Response:
        self.requests["login"] += 1
        self.asked.append(dict(request.query) | {"path": request.path, "body": await request.text()})
        if self.refusal is not None:
            return self.refusal
        if request.query["dhanClientId"] != "AB1234":
            return web.json_response({"message": "Invalid Dhan Client ID", "status": "error"})
        if request.query["pin"] != "123456":
            return web.json_response({"message": "Invalid Pin", "status": "error"})
        totp = request.query["totp"]
        if not (totp.isdigit() and len(totp) == 6):
            return web.json_response({"message": "Invalid TOTP", "status": "error"})
        return web.json_response({"dhanClientId": "AB1234", "accessToken": "good-token", "expiryTime": "x"})

    async def _serve_consent(self, request: web.Request) -> web.Response:
        self.requests["consent"] += 1
        if self.refusal is not None:
            return self.refusal
        if (request.headers.get("app_id"), request.headers.get("app_secret")) != APP:
            body = {"errorType": "Invalid_Authentication", "errorCode": "DH-906", "errorMessage": "Invalid app"}
            return web.json_response(body, status=401)
        if request.query["client_id"] != "AB1234":
            return web.json_response({"message": "Invalid Dhan Client ID", "status": "error"})
        body = {"consentAppId": "consent-1", "consentAppStatus": "GENERATED", "status": "success"}
        return web.json_response(body)

    async def _serve_consumption(self, request: web.Request) -> web.Response:
        if (request.headers.get("app_id"), request.headers.get("app_secret")) != APP:
            body = {"errorType": "Invalid_Authentication", "errorCode": "DH-906", "errorMessage": "Invalid app"}
            return web.json_response(body, status=401)
        if request.query["tokenId"] not in self.token_ids:
            return web.json_response({"message": "Invalid token id", "status": "error"}, status=400)
        body = {"dhanClientId": self.token_ids.pop(request.query["tokenId"]), "accessToken": "good-token"}
        return web.json_response(body | {"dhanClientName": "A", "expiryTime": "2026-11-26T12:37:23"})

    async def _serve_renewal(self, request: web.Request) -> web.Response:
        self.requests["renewal"] += 1
        if request.headers.get("access-token") not in self.tokens or request.headers.get("dhanClientId") != "AB1234":
            body = {"errorType": "Invalid_Authentication", "errorCode": "DH-901", "errorMessage": "Invalid token"}
            return web.json_response(body, status=401)
        return web.json_response({"dhanClientId": "AB1234", "accessToken": "renewed-token"})

    async def _serve_minutes(self, request: web.Request) -> web.Response:
        given, refused = await self._asked_for(request)
        if refused is not None:
            return refused
        first, last = ist_seconds(given["fromDate"]), ist_seconds(given["toDate"])
        return _columns([row for row in self.minutes if first <= row[0] <= last], with_oi=given["oi"])

    async def _serve_days(self, request: web.Request) -> web.Response:
        given, refused = await self._asked_for(request)
        if refused is not None:
            return refused
        first, end = ist_seconds(given["fromDate"]), ist_seconds(given["toDate"])
        return _columns([row for row in self.days if first <= row[0] < end], with_oi=given["oi"])

    async def _asked_for(self, request: web.Request) -> tuple[dict[str, Any], web.Response | None]:
        given: dict[str, Any] = await request.json()
        self.requests[request.path] += 1
        self.asked.append(given | {"path": request.path})
        if self.refusal is None and request.headers.get("access-token") not in self.tokens:
            body = {"errorType": "Invalid_Authentication", "errorCode": "DH-901", "errorMessage": "x"}
            return given, web.json_response(body, status=401)
        return given, self.refusal


def refused(code: str, message: str, *, status: int = 400) -> web.Response:
    """A refusal as DhanHQ writes it."""
    return web.json_response({"errorType": "x", "errorCode": code, "errorMessage": message}, status=status)


def token_of_claims(**claims: object) -> str:
    """A JSON Web Token that says `claims`; nobody has signed it."""
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"eyJ0eXAiOiJKV1QifQ.{body}.c2lnbmVk"


def ist_seconds(text: str) -> float:
    """Seconds since 1970 UTC of Indian wall clock: a day, or a day and a time."""
    return datetime.fromisoformat(text).replace(tzinfo=timezone(timedelta(seconds=IST_S))).timestamp()


def _columns(rows: list[list[float]], *, with_oi: bool) -> web.Response:
    names = ("timestamp", "open", "high", "low", "close", "volume", "open_interest")
    columns = {name: [row[place] for row in rows] for place, name in enumerate(names)}
    if not with_oi:
        columns["open_interest"] = []
    return web.json_response(columns)


def _header(code: int, size: int, instrument: Instrument) -> bytes:
    return struct.pack("<BHBI", code, size, SEGMENTS[instrument.key.exchange][0], int(instrument.token))


def packet(instrument: Instrument, code: int, quote: ToyQuote) -> bytes:
    """The packet of an instrument for a request code of the market feed: ticker, quote or full."""
    traded = quote.traded_s + IST_S if quote.traded_s else 0
    if code == 15:
        return _header(2, 16, instrument) + struct.pack("<fI", quote.ltp, traded)
    is_index = instrument.kind is InstrumentKind.INDEX
    volume, average = (0, 0.0) if is_index else (quote.volume, quote.average)
    selling, buying, ltq = (0, 0, 0) if is_index else (quote.selling, quote.buying, quote.last_quantity)
    body = struct.pack("<fHIfIII", quote.ltp, ltq & 0xFFFF, traded, average, volume, selling, buying)
    prices = struct.pack("<ffff", quote.open, quote.close + 1.0 if quote.close else 0.0, quote.high, quote.low)
    if code == 17:
        return _header(4, 50, instrument) + body + prices
    body += struct.pack("<III", quote.oi, quote.oi + 5, quote.oi - 5 if quote.oi else 0) + prices
    nothing = Level(0.0, 0, 0)
    buys, sells = ([*side[:5], *[nothing] * 5][:5] for side in (quote.depth.buy, quote.depth.sell))
    for bid, ask in zip(buys, sells, strict=True):
        row = (int(bid.quantity), int(ask.quantity), bid.orders, ask.orders, bid.price, ask.price)
        body += struct.pack("<IIHHff", *row)
    return _header(8, 162, instrument) + body


def previous_close(instrument: Instrument, close: float) -> bytes:
    """The packet that follows a subscription."""
    return _header(6, 16, instrument) + struct.pack("<fI", close, 4_000)


def open_interest(instrument: Instrument, oi: int) -> bytes:
    """The packet with the open interest alone."""
    return _header(5, 12, instrument) + struct.pack("<I", oi)


def market_status() -> bytes:
    """The packet that says that something about the market has changed."""
    return struct.pack("<BHBI", 7, 8, 0, 0)


def disconnection(reason: int) -> bytes:
    """The last packet of the market feed."""
    return struct.pack("<BHBIH", 50, 10, 0, 0, reason)


def deep_disconnection(reason: int) -> bytes:
    """The last packet of a deep book."""
    return struct.pack("<HBBiIH", 14, 50, 0, 0, 0, reason)


def deep_book(instrument: Instrument, levels: int, quote: ToyQuote) -> bytes:
    """Both sides of the book in one frame, bids first. Of 20 levels all are sent, of 200 those that there are."""
    return deep_side(instrument, 41, levels, quote.depth.buy) + deep_side(instrument, 51, levels, quote.depth.sell)


def deep_side(instrument: Instrument, code: int, levels: int, side: tuple[Level, ...]) -> bytes:
    """One side of the book; 41 the bids, 51 the asks."""
    rows = list(side[:levels])
    if levels == 20:
        rows = [*rows, *[Level(0.0, 0, 0)] * 20][:20]
    body = b"".join(struct.pack("<dII", each.price, int(each.quantity), each.orders) for each in rows)
    number = 7 if levels == 20 else len(rows)
    segment = SEGMENTS[instrument.key.exchange][0]
    return struct.pack("<HBBiI", 12 + len(body), code, segment, int(instrument.token), number) + body
