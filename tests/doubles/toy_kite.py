"""A toy Kite ticker: the real packets, and the REST requests that the feed makes."""

from __future__ import annotations

import json
import struct

from aiohttp import web

from market.instruments import Instrument, InstrumentKind
from tests.doubles.toy_broker import ToyBroker, ToyLine, ToyQuote

_DIVISORS = {3: 10_000_000, 6: 10_000, 12: 10_000}


class ToyKite(ToyBroker):
    """One of them.

    Attributes:
        history: what candle requests are answered with: `[["2026-11-25T09:15:00+0530", o, h, l, c, v, oi], …]`.
        sells_history: whether the plan has historical data.
    """

    def __init__(self) -> None:
        super().__init__()
        self.history: list[list[object]] = []
        self.sells_history = True
        self.asked: list[dict[str, str]] = []

    def endpoints(self) -> dict[str, str]:
        http = f"http://127.0.0.1:{self.port}"
        return {"ws": f"ws://127.0.0.1:{self.port}/", "rest": http, "login": http, "masters": http}

    def admits(self, request: web.Request) -> bool:
        return request.query.get("api_key") == "key" and request.query.get("access_token") in self.tokens

    def token_of(self, instrument: Instrument) -> str:
        return instrument.token

    async def hear(self, line: ToyLine, frame: str | bytes) -> None:
        message = json.loads(frame)
        action, value = message["a"], message["v"]
        if action == "subscribe":
            line.holds.update((str(token), "quote") for token in value)
        elif action == "unsubscribe":
            for token in value:
                line.holds.pop(str(token), None)
        elif action == "mode":
            mode, tokens = value
            for token in tokens:
                if str(token) not in line.holds:
                    self.violations.append("a mode for an instrument that is not subscribed")
                line.holds[str(token)] = mode

    def frames_for(self, line: ToyLine, instrument: Instrument, quote: ToyQuote) -> list[str | bytes]:
        body = packet(int(instrument.token), line.holds[instrument.token], quote, instrument.kind)
        return [frame(body)]

    async def heartbeat(self) -> None:
        """The byte that is sent while nothing else is to be said."""
        await self.send_to_all(b"\x00")

    def routes(self, app: web.Application) -> None:
        app.router.add_get("/instruments/historical/{token}/{interval}", self._serve_history)

    async def _serve_history(self, request: web.Request) -> web.Response:
        self.requests["history"] += 1
        self.asked.append(dict(request.query) | dict(request.match_info))
        kind, _, credentials = request.headers.get("Authorization", "").partition(" ")
        if kind != "token" or credentials.partition(":")[2] not in self.tokens:
            body = {"status": "error", "message": "Incorrect token", "error_type": "TokenException"}
            return web.json_response(body, status=403)
        if not self.sells_history:
            body = {"status": "error", "message": "Insufficient permission for that call.", "data": None}
            return web.json_response(body | {"error_type": "PermissionException"}, status=403)
        start, end = request.query["from"].replace(" ", "T"), request.query["to"].replace(" ", "T")
        rows = [row for row in self.history if start <= str(row[0])[:19] <= end]
        return web.json_response({"status": "success", "data": {"candles": rows}})


def frame(*packets: bytes) -> bytes:
    """Packets as one frame."""
    return struct.pack(">H", len(packets)) + b"".join(struct.pack(">H", len(each)) + each for each in packets)


def packet(token: int, mode: str, quote: ToyQuote, kind: InstrumentKind = InstrumentKind.EQUITY) -> bytes:
    """The packet of an instrument in a mode of Kite's."""
    unit = _DIVISORS.get(token & 0xFF, 100)

    def paise(*prices: float) -> list[int]:
        return [round(price * unit) for price in prices]

    if mode == "ltp":
        return struct.pack(">Ii", token, *paise(quote.ltp))
    if kind is InstrumentKind.INDEX:
        body = struct.pack(">I6i", token, *paise(quote.ltp, quote.high, quote.low, quote.open, quote.close), 0)
        return body if mode == "quote" else body + struct.pack(">i", quote.at_s)
    body = struct.pack(">Iiii", token, *paise(quote.ltp), quote.last_quantity, *paise(quote.average))
    body += struct.pack(">iii", quote.volume, quote.buying, quote.selling)
    body += struct.pack(">iiii", *paise(quote.open, quote.high, quote.low, quote.close))
    if mode == "quote":
        return body
    body += struct.pack(">iiiii", quote.traded_s, quote.oi, quote.oi, quote.oi, quote.at_s)
    for side in (quote.depth.buy, quote.depth.sell):
        rows = [*side[:5], *[(0.0, 0, 0)] * 5][:5]
        body += b"".join(struct.pack(">iiHxx", int(size), *paise(price), orders) for price, size, orders in rows)
    return body
