"""Binance's public REST requests: book snapshots, the list of symbols, 24-hour figures, candles.

Every request pays its weight first, and a pause that the exchange asks for holds all of them back.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import msgspec

from adapters.binance.events import Amount, Milliseconds, PartialDepth
from adapters.binance.instruments import parse
from adapters.binance.prices import Day
from adapters.candle_rows import RawRows, reader, sound_candles
from adapters.masters import Master
from adapters.pacing import TokenBucket
from adapters.transport import HttpClient, RateLimitedError, decode_json
from adapters.venue import CandleRange
from market.candles import Candle, latest_within
from market.errors import FeedRejectedError

SNAPSHOT_LEVELS = 1000
MOST_CANDLES = 1000
# 6,000 weight a minute and address are allowed; a fifth is left to the user's other programs.
_WEIGHT_PER_S = 80.0
_WEIGHT_BURST = 800.0
INTERVALS = {
    1: "1s",
    60: "1m",
    180: "3m",
    300: "5m",
    900: "15m",
    1800: "30m",
    3600: "1h",
    7200: "2h",
    14400: "4h",
    21600: "6h",
    28800: "8h",
    43200: "12h",
    86400: "1d",
    259200: "3d",
    604800: "1w",
}


class _Row(msgspec.Struct, array_like=True):
    """The first six of the twelve items of a kline; the rest is not asked for."""

    start_ms: Milliseconds
    open: Amount
    high: Amount
    low: Amount
    close: Amount
    volume: Amount


_READ = reader(_Row, lambda r: Candle(r.start_ms, r.open, r.high, r.low, r.close, r.volume))


class BinanceRest:
    """The requests. Opens on first use; `close` when done."""

    def __init__(self, base_url: str) -> None:
        self._http = HttpClient(base_url)
        self._weight = TokenBucket(_WEIGHT_PER_S, _WEIGHT_BURST)
        self._paused_until = 0.0

    async def instruments(self) -> Master:
        """Fetch everything that is listed. Raises as `HttpClient.get_json` does."""
        body = await self._get("/api/v3/exchangeInfo", {}, 20)
        return await asyncio.to_thread(parse, body)

    async def snapshot(self, symbol: str) -> PartialDepth:
        """Fetch the best `SNAPSHOT_LEVELS` levels of a book. Raises as `HttpClient.get_json` does."""
        body = await self._get("/api/v3/depth", {"symbol": symbol, "limit": str(SNAPSHOT_LEVELS)}, 50)
        snapshot = decode_json(body, PartialDepth)
        snapshot.symbol = symbol
        return snapshot

    async def day(self, symbol: str) -> Day:
        """Fetch the 24-hour figures of a symbol. Raises as `HttpClient.get_json` does."""
        return decode_json(await self._get("/api/v3/ticker/24hr", {"symbol": symbol}, 2), Day)

    async def candles(self, symbol: str, asked: CandleRange) -> Sequence[Candle]:
        """Fetch up to `asked.limit` latest candles of a range, oldest first; see `market.feeds.Feed.history`.

        Raises:
            FeedRejectedError: Binance has no such interval, or refused the symbol.
            FeedUnavailableError: no answer.
            DecodeError: the answer is not candles.
        """
        interval = INTERVALS.get(asked.interval_s)
        if interval is None:
            raise FeedRejectedError(f"Binance has no candles of {asked.interval_s} s")
        candles: list[Candle] = []
        # Backwards from the end: with a startTime too, Binance would answer with the oldest instead of the latest.
        before_ms = asked.end_ms
        while len(candles) < asked.limit and _is_before(asked.start_ms, before_ms):
            count = min(MOST_CANDLES, asked.limit - len(candles))
            params = {"symbol": symbol, "interval": interval, "limit": str(count)}
            if before_ms is not None:
                params["endTime"] = str(before_ms - 1)
            rows = decode_json(await self._get("/api/v3/klines", params, 2), RawRows)
            page = sound_candles(rows, _READ, "Binance")
            candles = page + candles
            if len(rows) < count:
                break
            before_ms = page[0].start_ms
        return latest_within(candles, asked.limit, start_ms=asked.start_ms, end_ms=asked.end_ms)

    async def close(self) -> None:
        """Close every connection."""
        await self._http.close()

    async def _get(self, path: str, params: dict[str, str], weight: float) -> bytes:
        now = asyncio.get_running_loop().time()
        await asyncio.sleep(max(self._weight.delay(now, cost=weight), self._paused_until - now))
        try:
            return await self._http.get(path, params=params or None)
        except RateLimitedError as exc:
            self._paused_until = asyncio.get_running_loop().time() + exc.retry_after_s
            raise


def _is_before(start_ms: int | None, end_ms: int | None) -> bool:
    return start_ms is None or end_ms is None or start_ms < end_ms
