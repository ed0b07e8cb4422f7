"""Upstox's REST requests that a market watch needs: where the feed is, and candles.

Candles of past days and of the running day come from two addresses. A request for past days spans at most what `_SPANS`
says, counts whole days on both ends, and answers with the newest first. Limits: 2,000 requests in 30 minutes, and
more at once (Upstox developer documentation, "Rate limiting" and "Historical candle data V3").
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from urllib.parse import quote

import msgspec

from adapters.candle_portions import MOST_REQUESTS, reach_days
from adapters.candle_rows import RawRows, sound_candles
from adapters.dated_rows import dated_reader
from adapters.pacing import TokenBucket
from adapters.transport import HttpClient, RefusedError, decode_json
from adapters.upstox.refusals import code_of, explained, is_about_the_token
from adapters.venue import CandleRange
from market.candles import Candle, latest_within
from market.errors import FeedRejectedError, TokenExpiredError
from market.logins import BrokerSession

IST = timezone(timedelta(hours=5, minutes=30))
INTERVALS = {
    60: "minutes/1",
    180: "minutes/3",
    300: "minutes/5",
    600: "minutes/10",
    900: "minutes/15",
    1800: "minutes/30",
    3600: "hours/1",
    7200: "hours/2",
    14400: "hours/4",
    86400: "days/1",
}
_MONTH, _QUARTER, _DECADE = 28, 88, 3650
_SPANS = {60: _MONTH, 180: _MONTH, 300: _MONTH, 600: _MONTH, 900: _MONTH, 86400: _DECADE}
"""Days that a request may span, by interval in seconds, `_QUARTER` for the others: a little less than allowed, for
months differ."""


_READ = dated_reader("Upstox")


class _Candles(msgspec.Struct):
    candles: RawRows


class _Answer(msgspec.Struct):
    data: _Candles


class _Redirect(msgspec.Struct):
    authorized_redirect_uri: str


class _Authorized(msgspec.Struct):
    data: _Redirect


class UpstoxRest:
    """The requests. Opens on first use; `close` when done."""

    def __init__(self, base_url: str) -> None:
        self._http = HttpClient(base_url, headers={"Accept": "application/json"})
        self._is_encrypted = base_url.startswith("https://")
        self._pace = TokenBucket(1.0, 20.0)

    async def feed_address(self, session: BrokerSession) -> str:
        """Return the URL of the feed: good for one connection, at once. It holds a code, so it is not logged.

        Reconnects have their own patience, and do not wait behind candles.

        Raises:
            TokenExpiredError: the session is over.
            FeedRejectedError: Upstox refused, or named an address that is not encrypted.
            FeedUnavailableError: no answer.
        """
        body = await self._get(session, "/v3/feed/market-data-feed/authorize", "the feed")
        url = decode_json(body, _Authorized).data.authorized_redirect_uri
        if not url.startswith("wss://") and (self._is_encrypted or not url.startswith("ws://")):
            raise FeedRejectedError("Upstox named an address of its feed that is not encrypted")
        return url

    async def candles(self, session: BrokerSession, instrument_key: str, asked: CandleRange) -> Sequence[Candle]:
        """Candles of an instrument, oldest first.

        Raises:
            FeedRejectedError: Upstox has no such interval, or refused.
            FeedUnavailableError: no answer.
            TokenExpiredError: the session is over.
        """
        interval = INTERVALS.get(asked.interval_s)
        if interval is None:
            raise FeedRejectedError(f"Upstox has no candles of {asked.interval_s} s")
        path = f"{quote(instrument_key, safe='')}/{interval}"
        now_ms = time.time() * 1000.0
        today = _day(now_ms)
        end = min(today, _day(now_ms if asked.end_ms is None else asked.end_ms - 1))
        first = _day(asked.start_ms) if asked.start_ms is not None else end - timedelta(days=int(reach_days(asked)))
        found: dict[int, Candle] = {}
        if end == today:
            await self._into(found, session, f"/v3/historical-candle/intraday/{path}")
            end = today - timedelta(days=1)
        span = timedelta(days=_SPANS.get(asked.interval_s, _QUARTER))
        for _ in range(MOST_REQUESTS):
            if end < first or _count(found, asked) >= asked.limit:
                break
            start = max(first, end - span)
            await self._into(found, session, f"/v3/historical-candle/{path}/{end}/{start}")
            end = start - timedelta(days=1)
        candles = [found[at] for at in sorted(found)]
        return latest_within(candles, asked.limit, start_ms=asked.start_ms, end_ms=asked.end_ms)

    async def close(self) -> None:
        """Close every connection."""
        await self._http.close()

    async def _into(self, found: dict[int, Candle], session: BrokerSession, path: str) -> None:
        await asyncio.sleep(self._pace.delay(asyncio.get_running_loop().time()))
        rows = decode_json(await self._get(session, path, "the candles"), _Answer).data.candles
        for candle in sound_candles(rows, _READ, "Upstox"):
            found.setdefault(candle.start_ms, candle)

    async def _get(self, session: BrokerSession, path: str, what: str) -> bytes:
        headers = {"Authorization": f"Bearer {session.reveal('access_token')}"}
        try:
            return await self._http.get(path, headers=headers)
        except RefusedError as exc:
            sentence = explained(exc.body, f"Upstox refused {what} (HTTP {exc.status})")
            if is_about_the_token(code_of(exc.body)):
                raise TokenExpiredError(sentence) from None
            raise FeedRejectedError(sentence) from None


def _count(found: dict[int, Candle], asked: CandleRange) -> int:
    """How many of the candles found so far are asked for."""
    return len(found) if asked.end_ms is None else sum(at < asked.end_ms for at in found)


def _day(at_ms: float) -> date:
    """The day in India."""
    return datetime.fromtimestamp(at_ms / 1000.0, UTC).astimezone(IST).date()
