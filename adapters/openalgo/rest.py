"""REST requests to an OpenAlgo server: the instrument list, candles, and whether it is there at all."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from urllib.parse import urlencode

import msgspec

from adapters.candle_portions import reach_days
from adapters.candle_rows import RawRows, reader, sound_candles
from adapters.finite import Finite
from adapters.masters import Master
from adapters.openalgo.instruments import parse
from adapters.pacing import TokenBucket
from adapters.transport import HttpClient, Limits, RefusedError, decode_json
from adapters.venue import CandleRange
from market.candles import Candle, latest_within
from market.errors import FeedRejectedError, TokenExpiredError
from market.instruments import InstrumentKey
from market.logins import BrokerSession

IST = timezone(timedelta(hours=5, minutes=30))
INTERVALS = {
    **{seconds: f"{seconds}s" for seconds in (1, 5, 10, 15, 30, 45)},
    **{minutes * 60: f"{minutes}m" for minutes in (1, 2, 3, 5, 10, 15, 20, 30)},
    **{hours * 3600: f"{hours}h" for hours in (1, 2, 3, 4)},
    86_400: "D",
}
_LIMITS = Limits(request_timeout_s=60.0)


class _Row(msgspec.Struct):
    timestamp: Finite
    open: Finite
    high: Finite
    low: Finite
    close: Finite
    volume: Finite = 0
    oi: Finite | None = None


def _candle(row: _Row) -> Candle:
    return Candle(int(row.timestamp * 1000), row.open, row.high, row.low, row.close, int(row.volume), row.oi)


_READ = reader(_Row, _candle)


class _History(msgspec.Struct):
    data: RawRows


class OpenAlgoRest:
    """The requests; the address is that of the session, which the user gave. `close` when done."""

    def __init__(self) -> None:
        self._clients: dict[str, HttpClient] = {}
        self._pace = TokenBucket(2.0, 1.0)

    async def ping(self, session: BrokerSession) -> str:
        """Return the name of the broker behind the server. Raises as `HttpClient`, TokenExpiredError for a bad key."""
        body = await self._post(session, "ping", {})
        answer = decode_json(body, dict[str, Any])
        data = answer.get("data")
        return str(data.get("broker") or "") if isinstance(data, dict) else ""

    async def instruments(self, session: BrokerSession) -> Master:
        """Everything that the server lists."""
        query = urlencode({"apikey": session.reveal("api_key"), "format": "csv"})
        try:
            body = await self._client(session).get(f"/api/v1/instruments?{query}")
        except RefusedError as exc:
            raise _explained(exc) from None
        return await asyncio.to_thread(parse, body)

    async def candles(self, session: BrokerSession, key: InstrumentKey, asked: CandleRange) -> Sequence[Candle]:
        """Candles of `key`, oldest first; days are asked for as dates in India.

        Raises:
            FeedRejectedError: no such interval, or the broker behind the server has none.
        """
        interval = INTERVALS.get(asked.interval_s)
        if interval is None:
            raise FeedRejectedError(f"OpenAlgo has no candles of {asked.interval_s} s")
        end = _date(asked.end_ms if asked.end_ms is not None else time.time() * 1000.0)
        start = _date(asked.start_ms) if asked.start_ms is not None else end - timedelta(days=int(reach_days(asked)))
        await asyncio.sleep(self._pace.delay(asyncio.get_running_loop().time()))
        request = {
            "symbol": key.symbol,
            "exchange": key.exchange,
            "interval": interval,
            "start_date": f"{start:%Y-%m-%d}",
            "end_date": f"{end:%Y-%m-%d}",
            "source": "api",
        }
        rows = decode_json(await self._post(session, "history", request), _History).data
        return latest_within(
            sound_candles(rows, _READ, "OpenAlgo"), asked.limit, start_ms=asked.start_ms, end_ms=asked.end_ms
        )

    async def close(self) -> None:
        """Close every connection."""
        for client in self._clients.values():
            await client.close()

    def _client(self, session: BrokerSession) -> HttpClient:
        host = session.reveal("host")
        return self._clients.setdefault(host, HttpClient(host, limits=_LIMITS))

    async def _post(self, session: BrokerSession, name: str, request: dict[str, str]) -> bytes:
        payload = {"apikey": session.reveal("api_key"), **request}
        try:
            return await self._client(session).post(f"/api/v1/{name}", payload)
        except RefusedError as exc:
            raise _explained(exc) from None


def _explained(exc: RefusedError) -> FeedRejectedError | TokenExpiredError:
    if exc.status == 403:
        return TokenExpiredError("OpenAlgo does not accept the API key")
    return FeedRejectedError(f"OpenAlgo refused the request (HTTP {exc.status})")


def _date(at_ms: float) -> datetime:
    return datetime.fromtimestamp(at_ms / 1000.0, UTC).astimezone(IST)
