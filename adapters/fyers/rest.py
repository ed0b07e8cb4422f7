"""Fyers's REST requests that a market watch needs: where the deep books are, and candles.

A request for candles spans whole days, at most what `_span` says (the documentation allows more, other programs found
less). Limits: 10 requests a second, 200 a minute, shared with everything else that uses the app (Fyers API
documentation, "Rate limits" and "History").
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, timezone

import msgspec

from adapters.candle_portions import MOST_REQUESTS, reach_days
from adapters.candle_rows import RawRows, reader, sound_candles
from adapters.finite import Finite
from adapters.fyers.requests import answered
from adapters.pacing import TokenBucket
from adapters.transport import HttpClient, decode_json
from adapters.venue import CandleRange
from market.candles import Candle, latest_within
from market.errors import DecodeError, FeedRejectedError, OpenAlgoError
from market.logins import BrokerSession
from market.sessions import midnight_ms, ordinal_of

IST = timezone(timedelta(hours=5, minutes=30))
DAY_S = 86_400
INTERVALS = {
    **{seconds: f"{seconds}S" for seconds in (5, 10, 15, 30, 45)},
    **{minutes * 60: str(minutes) for minutes in (1, 2, 3, 5, 10, 15, 20, 30, 60, 120, 240)},
    DAY_S: "1D",
}
_SPAN_OF_SECONDS, _SPAN, _SPAN_OF_DAYS = 25, 60, 300


class _Row(msgspec.Struct, array_like=True):
    at_s: int
    open: Finite
    high: Finite
    low: Finite
    close: Finite
    volume: Finite = 0
    oi: Finite | None = None


class _Answer(msgspec.Struct):
    candles: RawRows = []


class _Socket(msgspec.Struct):
    socket_url: str


class _Located(msgspec.Struct):
    data: _Socket


class FyersRest:
    """The requests. Opens on first use; `close` when done."""

    def __init__(self, base_url: str) -> None:
        self._http = HttpClient(base_url)
        self._is_encrypted = base_url.startswith("https://")
        self._pace = TokenBucket(3.0, 5.0)

    async def deep_address(self, session: BrokerSession, usual: str) -> str:
        """Return the URL of the deep books, `usual` where Fyers does not say. It does not wait behind candles."""
        try:
            body = await self._get(session, "/indus/home/tbtws", {}, "Fyers does not say where its deep books are")
            url = decode_json(body, _Located).data.socket_url
        except OpenAlgoError:
            return usual
        is_encrypted = url.startswith("wss://") or (url.startswith("ws://") and not self._is_encrypted)
        return url if is_encrypted else usual

    async def candles(self, session: BrokerSession, ticker: str, asked: CandleRange) -> Sequence[Candle]:
        """Candles of an instrument, oldest first.

        Raises:
            FeedRejectedError: Fyers has no such interval, or refused.
            FeedUnavailableError: no answer.
            TokenExpiredError: the session is over.
        """
        resolution = INTERVALS.get(asked.interval_s)
        if resolution is None:
            raise FeedRejectedError(f"Fyers has no candles of {asked.interval_s} s")
        now_ms = time.time() * 1000.0
        end = min(_day(now_ms), _day(now_ms if asked.end_ms is None else asked.end_ms - 1))
        first = _day(asked.start_ms) if asked.start_ms is not None else end - timedelta(days=int(reach_days(asked)))
        span = _span(asked.interval_s)
        found: dict[int, Candle] = {}
        for _ in range(MOST_REQUESTS):
            if end < first or _count(found, asked) >= asked.limit:
                break
            start = max(first, end - span)
            for candle in await self._page(session, ticker, resolution, start, end):
                found.setdefault(candle.start_ms, candle)
            end = start - timedelta(days=1)
        candles = [found[at] for at in sorted(found)]
        return latest_within(candles, asked.limit, start_ms=asked.start_ms, end_ms=asked.end_ms)

    async def close(self) -> None:
        """Close every connection."""
        await self._http.close()

    async def _page(self, session: BrokerSession, ticker: str, resolution: str, start: date, end: date) -> list[Candle]:
        query = {
            "symbol": ticker,
            "resolution": resolution,
            "date_format": "1",
            "range_from": start.isoformat(),
            "range_to": end.isoformat(),
            "cont_flag": "1",
            "oi_flag": "1",
        }
        await asyncio.sleep(self._pace.delay(asyncio.get_running_loop().time()))
        body = await self._get(session, "/data/history", query, "Fyers refused the candles")
        is_daily = resolution == INTERVALS[DAY_S]
        read = reader(_Row, lambda row: _candle(row, is_daily=is_daily))
        return sound_candles(decode_json(body, _Answer).candles, read, "Fyers")

    async def _get(self, session: BrokerSession, path: str, query: dict[str, str], otherwise: str) -> bytes:
        return await answered(self._http.get(path, params=query, headers=authorization(session)), otherwise)


def authorization(session: BrokerSession) -> dict[str, str]:
    """The header that Fyers's requests carry."""
    return {"Authorization": f"{session.reveal('app_id')}:{session.reveal('access_token')}"}


def _candle(row: _Row, *, is_daily: bool) -> Candle:
    """A day is told as midnight UTC, and begins at midnight in India."""
    if not 0 < row.at_s < 10_000_000_000:
        raise DecodeError("A candle of Fyers has no time in seconds", str(row.at_s))
    at_ms = row.at_s * 1000
    start_ms = midnight_ms(ordinal_of(at_ms)) if is_daily else at_ms
    return Candle(start_ms, row.open, row.high, row.low, row.close, int(row.volume), row.oi)


def _span(interval_s: int) -> timedelta:
    if interval_s < 60:
        return timedelta(days=_SPAN_OF_SECONDS)
    return timedelta(days=_SPAN if interval_s < DAY_S else _SPAN_OF_DAYS)


def _count(found: dict[int, Candle], asked: CandleRange) -> int:
    """How many of the candles found so far are asked for."""
    return len(found) if asked.end_ms is None else sum(at < asked.end_ms for at in found)


def _day(at_ms: float) -> date:
    """The day in India."""
    return datetime.fromtimestamp(at_ms / 1000.0, UTC).astimezone(IST).date()
