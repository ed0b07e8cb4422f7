"""A toy Angel One: SmartStream's real packets, the login, and the requests for candles."""

from __future__ import annotations

import base64
import json
import struct
from typing import Any

from aiohttp import web

from adapters.angel.wire import EXCHANGE_TYPES
from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKind
from tests.doubles.toy_broker import ToyBroker, ToyLine, ToyQuote

_SIZES = {1: 51, 2: 123, 3: 379}


class ToyAngel(ToyBroker):
    """One of them.

    Attributes:
        candles, interests: what requests for candles and for open interest are answered with.
        asked: the bodies of requests, with their path as `path`.
        code: the one-time code that is good, None for any of six digits.
        refusal: what the next login is answered with instead, if anything.
        too_often: how many requests for candles are refused for coming too often.
    """

    def __init__(self) -> None:
        super().__init__()
        self.candles: list[list[object]] = []
        self.interests: list[dict[str, object]] = []
        self.asked: list[dict[str, Any]] = []
        self.code: str | None = None
        self.refusal: web.Response | None = None
        self.too_often = 0

    def endpoints(self) -> dict[str, str]:
        http = f"http://127.0.0.1:{self.port}"
        return {"ws": f"ws://127.0.0.1:{self.port}/smart-stream", "rest": http, "masters": http}

    def admits(self, request: web.Request) -> bool:
        named = (request.headers.get("x-api-key"), request.headers.get("x-client-code"))
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        good = kind == "Bearer" and token in self.tokens
        return good and named == ("key", "AB1234") and request.headers.get("x-feed-token") == "feed"

    def refusal_status(self) -> int:
        return 401

    def token_of(self, instrument: Instrument) -> str:
        return f"{EXCHANGE_TYPES[instrument.key.exchange]}:{instrument.token}"

    async def hear(self, line: ToyLine, frame: str | bytes) -> None:
        if self.mute:
            return
        if frame == "ping":
            await line.say("pong")
            return
        message = json.loads(frame)
        correlation, action, params = message["correlationID"], message["action"], message["params"]
        if not correlation.isalnum() or len(correlation) > 10:
            self.violations.append("a correlation id of another form")
        mode = str(params["mode"])
        places = [f"{each['exchangeType']}:{token}" for each in params["tokenList"] for token in each["tokens"]]
        if action == 1 and self.refused.intersection(places):
            refused = {"correlationID": correlation, "errorCode": "E1001", "errorMessage": "Invalid request payload"}
            await line.say(json.dumps(refused))
            return
        for place in places:
            self._change(line, action, mode, place)

    def _change(self, line: ToyLine, action: int, mode: str, place: str) -> None:
        if action == 1:
            if place in line.holds:
                self.violations.append("a token in two modes, which counts twice")
            line.holds[place] = mode
        elif line.holds.pop(place, None) != mode:
            self.violations.append("leaving what is not held")

    def frames_for(self, line: ToyLine, instrument: Instrument, quote: ToyQuote) -> list[str | bytes]:
        return [packet(instrument, int(line.holds[self.token_of(instrument)]), quote)]

    def routes(self, app: web.Application) -> None:
        app.router.add_post("/rest/auth/angelbroking/user/v1/loginByPassword", self._serve_login)
        app.router.add_post("/rest/auth/angelbroking/jwt/v1/generateTokens", self._serve_renewal)
        app.router.add_post("/rest/secure/angelbroking/historical/v1/getCandleData", self._serve_candles)
        app.router.add_post("/rest/secure/angelbroking/historical/v1/getOIData", self._serve_interests)

    async def _hear(self, request: web.Request) -> dict[str, Any]:
        given: dict[str, Any] = await request.json()
        self.requests[request.path.rpartition("/")[2]] += 1
        self.asked.append(given | {"path": request.path})
        for name in ("X-UserType", "X-SourceID", "X-ClientLocalIP", "X-ClientPublicIP", "X-MACAddress"):
            if not request.headers.get(name):
                self.violations.append(f"a request without {name}")
        return given

    async def _serve_login(self, request: web.Request) -> web.Response:
        given = await self._hear(request)
        if self.refusal is not None:
            return self.refusal
        if request.headers.get("X-PrivateKey") != "key":
            return refused("AG8004", "Invalid API Key", gateway=True)
        if given["clientcode"] != "AB1234" or given["password"] != "1234":
            return refused("AB1007", "Invalid client code or Mpin")
        if not (given["totp"].isdigit() and len(given["totp"]) == 6) or self.code not in (None, given["totp"]):
            return refused("AB1050", "Invalid totp")
        return _granted("good-token")

    async def _serve_renewal(self, request: web.Request) -> web.Response:
        given = await self._hear(request)
        if given != {"refreshToken": "refresh"} or not self._knows(request):
            return refused("AB8050", "Invalid Refresh Token")
        return _granted("renewed-token")

    async def _serve_candles(self, request: web.Request) -> web.Response:
        given = await self._hear(request)
        if self.too_often:
            self.too_often -= 1
            return web.Response(status=403, text="Access denied because of exceeding access rate")
        if not self._knows(request):
            return refused("AG8001", "Invalid Token", gateway=True)
        start, end = given["fromdate"].replace(" ", "T"), given["todate"].replace(" ", "T")
        rows = [row for row in self.candles if start <= str(row[0])[:16] <= end]
        return web.json_response({"status": True, "message": "SUCCESS", "errorcode": "", "data": rows})

    async def _serve_interests(self, request: web.Request) -> web.Response:
        await self._hear(request)
        return web.json_response({"status": True, "message": "SUCCESS", "errorcode": "", "data": self.interests})

    def _knows(self, request: web.Request) -> bool:
        return request.headers.get("Authorization", "").removeprefix("Bearer ") in self.tokens


def refused(code: str, message: str, *, gateway: bool = False, status: int = 200) -> web.Response:
    """A refusal, as SmartAPI or as the gateway in front of it writes it."""
    if gateway:
        body: dict[str, object] = {"success": False, "message": message, "errorCode": code, "data": ""}
    else:
        body = {"status": False, "message": message, "errorcode": code, "data": None}
    return web.json_response(body, status=status)


def _granted(token: str) -> web.Response:
    data = {"jwtToken": token, "refreshToken": "refresh", "feedToken": "feed"}
    return web.json_response({"status": True, "message": "SUCCESS", "errorcode": "", "data": data})


def packet(instrument: Instrument, mode: int, quote: ToyQuote) -> bytes:
    """The packet of an instrument in a mode of SmartStream's."""
    unit = 10_000_000 if instrument.key.exchange is Exchange.CDS else 100

    def written(*prices: float) -> list[int]:
        return [round(price * unit) for price in prices]

    is_index = instrument.kind is InstrumentKind.INDEX
    kind = EXCHANGE_TYPES[instrument.key.exchange]
    token = instrument.token.encode()
    body = struct.pack("<BB25sqqq", mode, kind, token, 7, quote.at_s * 1000, *written(quote.ltp))
    traded = (0, 0, 0, 0.0, 0.0)
    if not is_index:
        average = written(quote.average)[0]
        traded = (quote.last_quantity, average, quote.volume, float(quote.buying), float(quote.selling))
    body += struct.pack("<qqqdd", *traded)
    body += struct.pack("<qqqq", *written(quote.open, quote.high, quote.low, quote.close))
    body += struct.pack("<qqd", quote.traded_s, 0 if is_index else quote.oi, 0.25)
    for flag, side in ((1, quote.depth.buy), (0, quote.depth.sell)):
        rows = [] if is_index else list(side[:5])
        for price, size, orders in [*rows, *[(0.0, 0, 0)] * 5][:5]:
            body += struct.pack("<hqqh", flag, int(size), *written(price), orders)
    body += struct.pack("<qqqq", *written(200.0, 50.0, 300.0, 25.0))
    return body[: _SIZES[mode]]


def token(exp: int) -> str:
    """An access token as Angel One's look from outside; `exp` in seconds since 1970 UTC."""
    parts = ({"alg": "HS512"}, {"username": "AB1234", "exp": exp}, {"signature": "x"})
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)
