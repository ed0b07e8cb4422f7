"""A toy Upstox: the market data feed v3 with its one-time addresses, and the REST requests that the feed makes."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from aiohttp import web

from adapters.upstox.schema import INITIAL_FEED, LIVE_FEED, MARKET_INFO, MESSAGES
from market.instruments import Instrument, InstrumentKind
from tests.doubles.toy_broker import ToyBroker, ToyLine, ToyQuote

_MODES = {"ltpc": 0, "full": 1, "option_greeks": 2, "full_d30": 3}


class ToyUpstox(ToyBroker):
    """`history` answers for past days, `intraday` for the running one: `[["2026-11-25T09:15:00+05:30", o, …], …]`."""

    path = "/market-data-feeder/v3/{tail:.*}"

    def __init__(self) -> None:
        super().__init__()
        self.history: list[list[object]] = []
        self.intraday: list[list[object]] = []
        self.asked: list[dict[str, str]] = []
        self.refuse_requests: tuple[int, str] | None = None
        self.codes: set[str] = set()
        self.is_active = True
        self.socket_base = ""
        self._codes_made = 0

    def endpoints(self) -> dict[str, str]:
        http = f"http://127.0.0.1:{self.port}"
        return {"rest": http, "login": http, "masters": http}

    def routes(self, app: web.Application) -> None:
        app.router.add_get("/v3/feed/market-data-feed/authorize", self._authorize)
        app.router.add_get("/v3/feed/market-data-feed", self._redirect)
        app.router.add_post("/v2/login/authorization/token", self._serve_token)
        app.router.add_get("/v3/historical-candle/intraday/{key}/{unit}/{interval}", self._serve_intraday)
        app.router.add_get("/v3/historical-candle/{key}/{unit}/{interval}/{to}/{first}", self._serve_history)

    def admits(self, request: web.Request) -> bool:
        code = request.query.get("code", "")
        admitted = code in self.codes
        self.codes.discard(code)
        return admitted

    def token_of(self, instrument: Instrument) -> str:
        return instrument.token

    async def greet(self, line: ToyLine) -> None:
        await line.say(market_info({"NSE_EQ": 2, "NSE_FO": 2}))

    async def hear(self, line: ToyLine, frame: str | bytes) -> None:
        if isinstance(frame, str):
            self.violations.append("a text frame, which Upstox ignores")
            return
        message = json.loads(frame)
        keys = message["data"]["instrumentKeys"]
        if message["method"] == "unsub":
            for key in keys:
                line.holds.pop(key, None)
            return
        if message["method"] == "change_mode" and not all(key in line.holds for key in keys):
            self.violations.append("a mode for an instrument that is not subscribed")
        line.holds.update(dict.fromkeys(keys, message["data"]["mode"]))
        full = sum(mode == "full" for mode in line.holds.values())
        if full > 1500 and full != len(line.holds):
            self.violations.append("too many full instruments beside other modes")

    def frames_for(self, line: ToyLine, instrument: Instrument, quote: ToyQuote) -> list[str | bytes]:
        feeds = {instrument.token: feed(line.holds[instrument.token], quote, instrument.kind)}
        return [response(feeds, kind=LIVE_FEED, at_ms=quote.at_s * 1000)]

    async def _authorize(self, request: web.Request) -> web.Response:
        self.requests["authorize"] += 1
        answer = {"status": "success", "data": {"authorized_redirect_uri": self._new_address()}}
        return self._refusal(request) or web.json_response(answer)

    async def _redirect(self, request: web.Request) -> web.Response:
        """The other way in: the handshake itself carries the token, and is sent on."""
        return self._refusal(request) or web.Response(status=302, headers={"Location": self._new_address()})

    def _new_address(self) -> str:
        self._codes_made += 1
        code = f"code-{self._codes_made}"
        self.codes.add(code)
        return f"{self.socket_base or f'ws://127.0.0.1:{self.port}'}/market-data-feeder/v3/feeds?code={code}"

    async def _serve_token(self, request: web.Request) -> web.Response:
        fields = dict(await request.post())
        self.asked.append({name: str(value) for name, value in fields.items()})
        refused = [
            (fields.get("client_id") != "key", "UDAPI100068"),
            (fields.get("client_secret") != "secret", "UDAPI100069"),
            (fields.get("code") != "good-code", "UDAPI100057"),
        ]
        for is_wrong, code in refused:
            if is_wrong:
                return web.json_response(error(code), status=401 if code == "UDAPI100057" else 400)
        user = {"user_id": "AB1234", "is_active": self.is_active, "exchanges": ["NSE"]}
        return web.json_response(user | {"access_token": "good-token", "extended_token": None})

    async def _serve_history(self, request: web.Request) -> web.Response:
        first, last = (date.fromisoformat(request.match_info[name]) for name in ("first", "to"))
        rows = [row for row in self.history if first <= date.fromisoformat(str(row[0])[:10]) <= last]
        return self._candles(request, rows)

    async def _serve_intraday(self, request: web.Request) -> web.Response:
        return self._candles(request, self.intraday)

    def _candles(self, request: web.Request, rows: list[list[object]]) -> web.Response:
        self.requests["history"] += 1
        self.asked.append(dict(request.match_info))
        newest_first = sorted(rows, key=lambda row: str(row[0]), reverse=True)
        return self._refusal(request) or web.json_response({"status": "success", "data": {"candles": newest_first}})

    def _refusal(self, request: web.Request) -> web.Response | None:
        if self.refuse_requests is not None:
            status, code = self.refuse_requests
            return web.json_response(error(code), status=status)
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        if kind != "Bearer" or token not in self.tokens:
            return web.json_response(error("UDAPI100050"), status=401)
        return None


def error(code: str) -> dict[str, object]:
    """The body of a refusal."""
    text = "the text of it, which may repeat a secret"
    return {"status": "error", "errors": [{"errorCode": code, "error_code": code, "message": text}]}


def response(feeds: dict[str, Any], *, kind: int = INITIAL_FEED, at_ms: int = 0) -> bytes:
    """A frame with `feeds`."""
    message = MESSAGES["FeedResponse"](type=kind, currentTs=at_ms)
    for key, each in feeds.items():
        message.feeds[key].CopyFrom(each)
    return bytes(message.SerializeToString())


def market_info(statuses: dict[str, int]) -> bytes:
    """The first frame of every connection."""
    message = MESSAGES["FeedResponse"](type=MARKET_INFO, currentTs=1)
    message.marketInfo.segmentStatus.update(statuses)
    return bytes(message.SerializeToString())


def feed(mode: str, quote: ToyQuote, kind: InstrumentKind = InstrumentKind.EQUITY) -> Any:
    """What Upstox says of an instrument in a mode."""
    made = MESSAGES["Feed"](requestMode=_MODES[mode])
    ltpc = {"ltp": quote.ltp, "ltt": quote.traded_s * 1000, "ltq": quote.last_quantity, "cp": quote.close}
    if mode == "ltpc":
        made.ltpc.CopyFrom(MESSAGES["Ltpc"](**ltpc))
        return made
    market = made.fullFeed.indexFF if kind is InstrumentKind.INDEX else made.fullFeed.marketFF
    market.ltpc.CopyFrom(MESSAGES["Ltpc"](**ltpc))
    day = {"open": quote.open, "high": quote.high, "low": quote.low, "close": quote.ltp, "vol": quote.volume}
    market.marketOHLC.ohlc.add(interval="1d", **day)
    market.marketOHLC.ohlc.add(interval="I1", open=1.0, high=1.0, low=1.0, close=1.0, vol=1)
    if kind is InstrumentKind.INDEX:
        return made
    market.atp, market.vtt, market.oi = quote.average, quote.volume, quote.oi
    market.tbq, market.tsq = quote.buying, quote.selling
    levels = 30 if mode == "full_d30" else 5
    for place in range(min(levels, max(len(quote.depth.buy), len(quote.depth.sell)))):
        row = market.marketLevel.bidAskQuote.add()
        if place < len(quote.depth.buy):
            row.bidP, row.bidQ = quote.depth.buy[place].price, int(quote.depth.buy[place].quantity)
        if place < len(quote.depth.sell):
            row.askP, row.askQ = quote.depth.sell[place].price, int(quote.depth.sell[place].quantity)
    return made
