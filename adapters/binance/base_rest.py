"""The REST requests that Binance's spot and futures have in common: snapshots of books, candles.

Every request pays its weight first, and a pause that the exchange asks for holds all of them back.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from adapters.binance.events import Amount, Milliseconds, PartialDepth
from adapters.candle_rows import RawRows, reader, sound_candles
from adapters.pacing import TokenBucket
from adapters.transport import HttpClient, RateLimitedError, decode_json
from adapters.venue import CandleRange
from market.candles import Candle, latest_within
from market.errors import FeedRejectedError

SNAPSHOT_LEVELS = 1000
INTERVALS = {
    60: "1m",
    180: "3m",
    300: "5m",
    900: "15m",
    1800: "30m",
    3600: "1h",
    7200: "2h",
    14_400: "4h",
    21_600: "6h",
    28_800: "8h",
    43_200: "12h",
    86_400: "1d",
    259_200: "3d",
    604_800: "1w",
}
_MOST_PAGES = 100


class _Row(msgspec.Struct, array_like=True):
    """The first six of the twelve items of a kline; the rest is not asked for."""

    start_ms: Milliseconds
    open: Amount
    high: Amount
    low: Amount
    close: Amount
    volume: Amount


_READ = reader(_Row, lambda r: Candle(r.start_ms, r.open, r.high, r.low, r.close, r.volume))


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What is particular to one of the exchanges.

    Args:
        title: for sentences.
        path: what its requests begin with.
        intervals: its words for the lengths of candles in seconds.
        most_candles: of one request.
        candles_weight: what a request for candles costs.
        snapshot_weight: what a request for the `SNAPSHOT_LEVELS` best levels costs.
        weight_per_s: the weight that is spent on average.
        weight_burst: the weight that may be spent at once.
    """

    title: str
    path: str
    intervals: Mapping[int, str]
    most_candles: int
    candles_weight: float
    snapshot_weight: float
    weight_per_s: float
    weight_burst: float


class BaseRest:
    """The requests. Opens on first use; `close` when done."""

    def __init__(self, base_url: str, terms: Terms) -> None:
        self._http = HttpClient(base_url)
        self._terms = terms
        self._weight = TokenBucket(terms.weight_per_s, terms.weight_burst)
        self._paused_until = 0.0

    async def snapshot(self, symbol: str) -> PartialDepth:
        """The best `SNAPSHOT_LEVELS` levels of a book, sizes in coins. Raises as `HttpClient.get` does."""
        params = {"symbol": symbol, "limit": str(SNAPSHOT_LEVELS)}
        snapshot = decode_json(await self._get("depth", params, self._terms.snapshot_weight), PartialDepth)
        snapshot.symbol = symbol
        return snapshot

    async def candles(self, symbol: str, asked: CandleRange) -> Sequence[Candle]:
        """Candles of a symbol, oldest first, the running one last; volumes in coins.

        Raises:
            FeedRejectedError: the exchange has no such interval, or refused.
            FeedUnavailableError: no answer.
            DecodeError: the answer is not candles.
        """
        interval = self._terms.intervals.get(asked.interval_s)
        if interval is None:
            raise FeedRejectedError(f"{self._terms.title} has no candles of {asked.interval_s} s")
        if asked.start_ms is not None and asked.end_ms is not None and asked.start_ms >= asked.end_ms:
            return []
        found: list[Candle] = []
        before = asked.end_ms
        # Backwards from the end: with a startTime too, the exchange would answer with the oldest instead of the latest.
        for _ in range(_MOST_PAGES):
            count = min(self._terms.most_candles, asked.limit - len(found))
            page, is_full = await self._page(symbol, interval, count, before)
            found = page + found
            reached = asked.start_ms is not None and page and page[0].start_ms <= asked.start_ms
            if not (page and is_full) or reached or len(found) >= asked.limit:
                break
            before = page[0].start_ms
        return latest_within(found, asked.limit, start_ms=asked.start_ms, end_ms=asked.end_ms)

    async def close(self) -> None:
        """Close every connection."""
        await self._http.close()

    async def _page(self, symbol: str, interval: str, count: int, before: int | None) -> tuple[list[Candle], bool]:
        """The latest `count` candles that begin before `before`, oldest first, and whether there may be older ones."""
        params = {"symbol": symbol, "interval": interval, "limit": str(count)}
        if before is not None:
            params["endTime"] = str(before - 1)
        rows = decode_json(await self._get("klines", params, self._terms.candles_weight), RawRows)
        return sound_candles(rows, _READ, self._terms.title), len(rows) >= count

    async def _get(self, name: str, params: dict[str, str], weight: float) -> bytes:
        now = asyncio.get_running_loop().time()
        await asyncio.sleep(max(self._weight.delay(now, cost=weight), self._paused_until - now))
        try:
            return await self._http.get(f"{self._terms.path}/{name}", params=params or None)
        except RateLimitedError as exc:
            self._paused_until = asyncio.get_running_loop().time() + exc.retry_after_s
            raise
