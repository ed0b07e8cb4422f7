"""The endpoints `history`, `intervals` and `ticker`: candles of a range of days in India."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple, Protocol

from market.candles import Candle
from market.errors import FeedRejectedError, UnknownInstrumentError
from market.instruments import InstrumentKey
from market.sessions import IST_OFFSET_MS, SessionCalendar, midnight_ms, ordinal_of
from services.rest.answers import TEXT, Answer, Endpoint, RequestFailure, Values, success
from services.rest.candle_intervals import (
    INTERVALS,
    PERIODS,
    SECONDS,
    Source,
    available,
    is_daily,
    merged_days,
    merged_intraday,
    period_end,
    period_start,
    source_of,
    stamp_s,
)
from services.rest.fields import Field, choice, day, optional, text
from services.rest.instrument_rows import whole
from services.rest.requests import API_KEY, EXCHANGES, instrument_of, not_found

MOST_CANDLES = 50_000
_AT_ONCE = 4
_LARGE = 500
# Where a week before begins at the latest, holidays and all: a candle from there shows that a period is whole.
_BEFORE = timedelta(days=10)
_TICKER_DAYS, _TICKER_DAYS_DAILY = 30, 3650


class CandleSource(Protocol):
    """Fetches candles, as `market.feeds.Feed.history` does."""

    def __call__(
        self, key: InstrumentKey, interval_s: int, limit: int, *, start_ms: int | None, end_ms: int | None
    ) -> Awaitable[Sequence[Candle]]: ...


class CandleFeed(NamedTuple):
    """Where candles come from: `of` fetches them, `offered(key)` says which there are, `offers()` all feeds' own."""

    of: CandleSource
    offered: Callable[[InstrumentKey], Collection[int]]
    offers: Callable[[], Sequence[Collection[int]]]


class Span(NamedTuple):
    """What was asked for: an interval, and days of which the last counts too."""

    interval: str
    first: date
    last: date


class History:
    """Fetches, cuts and merges candles."""

    def __init__(
        self,
        feed: CandleFeed,
        calendar: SessionCalendar,
        *,
        clock: Callable[[], float] = lambda: time.time() * 1000.0,
    ) -> None:
        self._feed = feed
        self._calendar = calendar
        self._clock = clock
        self._turns = asyncio.Semaphore(_AT_ONCE)

    def endpoints(self) -> list[Endpoint]:
        """The three endpoints."""
        history = {
            "apikey": API_KEY,
            "symbol": Field(text(1)),
            "exchange": Field(choice(EXCHANGES)),
            "interval": Field(choice(INTERVALS)),
            "start_date": Field(day),
            "end_date": Field(day),
            "source": optional(choice(("api", "db")), "api"),
        }
        ticker = {
            "apikey": API_KEY._replace(is_required=False),
            "ticker": Field(text(1)),
            "interval": optional(choice(INTERVALS), "D"),
            "from": optional(day),
            "to": optional(day),
            "format": optional(choice(("json", "txt")), "json"),
        }
        return [
            Endpoint("POST", "/api/v1/history", history, self._history),
            Endpoint("POST", "/api/v1/intervals", {"apikey": API_KEY}, self._intervals),
            Endpoint("GET", "/api/v1/ticker/{ticker}", ticker, self._ticker, text_format="txt"),
        ]

    async def candles(self, key: InstrumentKey, span: Span) -> list[Candle]:
        """The candles of `key` that begin on the days of `span`, oldest first.

        Raises:
            RequestFailure: no feed knows `key`, or has candles of that interval, or of days so long ago.
            FeedError: the feed does not answer.
        """
        try:
            source = source_of(span.interval, self._feed.offered(key))
        except UnknownInstrumentError:
            raise RequestFailure(400, not_found(key.symbol, key.exchange)) from None
        if source is None:
            raise RequestFailure(400, f"Interval {span.interval} is not available for {key}; see /api/v1/intervals")
        start_ms, end_ms = _fetched(span)
        now_ms = self._clock()
        if start_ms > now_ms:
            return []
        reach = math.ceil((min(now_ms, end_ms) - start_ms) / (source.seconds * 1000)) + 1
        # A range that has not ended yet has no end for the feed: the running candle belongs to it.
        until_ms = None if end_ms > now_ms else end_ms
        try:
            async with self._turns:
                found = await self._feed.of(
                    key, source.seconds, min(reach, MOST_CANDLES), start_ms=start_ms, end_ms=until_ms
                )
        except FeedRejectedError as error:
            raise RequestFailure(400, str(error)) from None
        return await asyncio.to_thread(self._shaped, key, found, span, source)

    def _shaped(self, key: InstrumentKey, found: Sequence[Candle], span: Span, source: Source) -> list[Candle]:
        begin = midnight_ms(period_start(span.interval, span.first).toordinal())
        end = midnight_ms(span.last.toordinal() + 1)
        if span.interval in PERIODS:
            found = merged_days(found, span.interval)
        elif source.is_made:
            near = [candle for candle in found if begin <= candle.start_ms < end]
            width_ms = SECONDS[span.interval] * 1000
            found = merged_intraday(near, width_ms, lambda at: self._calendar.session_start_ms(key.exchange, at))
        return [candle for candle in found if begin <= candle.start_ms < end]

    # --- endpoints

    async def _intervals(self, _: str, values: Values) -> Answer:
        return success(available(self._feed.offers()))

    async def _history(self, _: str, values: Values) -> Answer:
        key = instrument_of(values["symbol"], values["exchange"])
        span = Span(values["interval"], values["start_date"], values["end_date"])
        return await self._rows(key, span)

    async def _rows(self, key: InstrumentKey, span: Span) -> Answer:
        if span.first > span.last:
            raise RequestFailure(400, {"end_date": ["Must not be before start_date."]})
        candles = await self.candles(key, span)
        if len(candles) < _LARGE:
            return success(_rows(candles, span.interval))
        rows = await asyncio.to_thread(_rows, candles, span.interval)
        return success(rows)._replace(is_large=True)

    async def _ticker(self, _: str, values: Values) -> Answer:
        exchange, colon, symbol = values["ticker"].partition(":")
        if not colon or ":" in symbol or exchange not in EXCHANGES:
            raise RequestFailure(400, "The ticker must be EXCHANGE:SYMBOL, such as NSE:RELIANCE")
        key = instrument_of(symbol, exchange)
        interval = values["interval"]
        last = values["to"] or date.fromordinal(ordinal_of(self._clock()))
        earliest = last - timedelta(days=_TICKER_DAYS_DAILY if is_daily(interval) else _TICKER_DAYS)
        span = Span(interval, max(values["from"] or earliest, earliest), last)
        if values["format"] == "json":
            return await self._rows(key, span)
        lines = await asyncio.to_thread(_lines, key, await self.candles(key, span), interval)
        return Answer(200, lines, media=TEXT)


def _fetched(span: Span) -> tuple[int, int]:
    """The range to fetch, in ms: periods need the days of whole ones, and a day before the first."""
    first, end = span.first, span.last + timedelta(days=1)
    if span.interval in PERIODS:
        first, end = period_start(span.interval, first) - _BEFORE, period_end(span.interval, span.last)
    return midnight_ms(first.toordinal()), midnight_ms(end.toordinal())


def _rows(candles: Sequence[Candle], interval: str) -> list[dict[str, object]]:
    return [
        {
            "timestamp": stamp_s(candle, interval),
            "open": candle.open,
            "high": candle.high,
            "low": candle.low,
            "close": candle.close,
            "volume": whole(candle.volume),
            "oi": whole(candle.oi or 0),
        }
        for candle in candles
    ]


def _lines(key: InstrumentKey, candles: Sequence[Candle], interval: str) -> str:
    lines = []
    for candle in candles:
        # UTC of a shifted time: India's clock, without a time zone database.
        at = datetime.fromtimestamp((candle.start_ms + IST_OFFSET_MS) / 1000.0, UTC)
        when = f"{at:%Y-%m-%d}" if is_daily(interval) else f"{at:%Y-%m-%d,%H:%M:%S}"
        prices = f"{candle.open},{candle.high},{candle.low},{candle.close},{whole(candle.volume)}"
        lines.append(f"{key},{when},{prices}\n")
    return "".join(lines)
