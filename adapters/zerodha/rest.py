"""Kite Connect's REST requests that a market watch needs: candles.

Limits: 3 requests a second for candles. A request spans at most as many days as `_SPANS` says (the vendor's forum,
discussion 3105). Times are Indian wall clock without a zone on the way there, and with +0530 on the way back.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone

import msgspec

from adapters.pacing import TokenBucket
from adapters.transport import HttpClient, RefusedError, decode_json
from adapters.venue import CandleRange
from market.candles import Candle, latest_within
from market.errors import DecodeError, FeedRejectedError, TokenExpiredError
from market.logins import BrokerSession

IST = timezone(timedelta(hours=5, minutes=30))
INTERVALS = {
    60: "minute",
    180: "3minute",
    300: "5minute",
    600: "10minute",
    900: "15minute",
    1800: "30minute",
    3600: "60minute",
    86400: "day",
}
_SPANS = {60: 60, 180: 100, 300: 100, 600: 100, 900: 200, 1800: 200, 3600: 400, 86400: 2000}
_SESSION_S = 22_500.0
_MOST_REQUESTS = 40


class _Row(msgspec.Struct, array_like=True):
    at: str
    open: float
    high: float
    low: float
    close: float
    volume: float = 0
    oi: float | None = None


class _Candles(msgspec.Struct):
    candles: list[_Row]


class _Answer(msgspec.Struct):
    data: _Candles


class ZerodhaRest:
    """The requests. Opens on first use; `close` when done."""

    def __init__(self, base_url: str) -> None:
        self._http = HttpClient(base_url, headers={"X-Kite-Version": "3"})
        self._pace = TokenBucket(2.0, 1.0)

    async def candles(self, session: BrokerSession, token: str, asked: CandleRange) -> Sequence[Candle]:
        """Candles of the instrument `token`, oldest first.

        Raises:
            FeedRejectedError: Kite has no such interval, or refused.
            FeedUnavailableError: no answer.
            TokenExpiredError: the session is over.
        """
        interval = INTERVALS.get(asked.interval_s)
        if interval is None:
            raise FeedRejectedError(f"Zerodha has no candles of {asked.interval_s} s")
        end = _ist(asked.end_ms) if asked.end_ms is not None else _ist(int(time.time() * 1000.0)) + timedelta(seconds=1)
        first = _ist(asked.start_ms) if asked.start_ms is not None else end - _back(asked)
        span = timedelta(days=_SPANS[asked.interval_s])
        found: list[Candle] = []
        for _ in range(_MOST_REQUESTS):
            start = max(first, end - span)
            found = [*await self._get(session, token, interval, start, end), *found]
            end = start
            if start <= first or len(found) >= asked.limit:
                break
        return latest_within(found, asked.limit, start_ms=asked.start_ms, end_ms=asked.end_ms)

    async def close(self) -> None:
        """Close every connection."""
        await self._http.close()

    async def _get(
        self, session: BrokerSession, token: str, interval: str, start: datetime, end: datetime
    ) -> list[Candle]:
        await asyncio.sleep(self._pace.delay(asyncio.get_running_loop().time()))
        params = {"from": _written(start), "to": _written(end), "oi": "1"}
        try:
            body = await self._http.get(
                f"/instruments/historical/{token}/{interval}", params=params, headers=authorization(session)
            )
        except RefusedError as exc:
            if exc.status == 403:
                raise TokenExpiredError("Zerodha's session is over") from None
            raise FeedRejectedError(f"Zerodha refused the candles (HTTP {exc.status})") from None
        end_ms = end.timestamp() * 1000.0
        return [each for row in decode_json(body, _Answer).data.candles if (each := _candle(row)).start_ms < end_ms]


def authorization(session: BrokerSession) -> dict[str, str]:
    """The header that Kite's requests carry."""
    return {"Authorization": f"token {session.reveal('api_key')}:{session.reveal('access_token')}"}


def _candle(row: _Row) -> Candle:
    try:
        at = datetime.fromisoformat(row.at)
    except ValueError:
        raise DecodeError("A candle of Kite has no time", row.at) from None
    return Candle(int(at.timestamp() * 1000.0), row.open, row.high, row.low, row.close, int(row.volume), row.oi)


def _back(asked: CandleRange) -> timedelta:
    """A span that holds `limit` candles, weekends, holidays and short sessions of a stock exchange allowed for."""
    days = asked.limit if asked.interval_s >= 86_400 else asked.limit * asked.interval_s / _SESSION_S
    return timedelta(days=days * 1.6 + 7)


def _ist(at_ms: int) -> datetime:
    return datetime.fromtimestamp(at_ms / 1000.0, UTC).astimezone(IST)


def _written(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S")
