"""The public REST requests of Binance's USD-M futures: instruments, candles, open interest.

Every request pays its weight first, and a pause that the exchange asks for holds all of them back.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence

import msgspec

from adapters.binance.events import Amount, Milliseconds, PartialDepth
from adapters.binance_futures.instruments import parse
from adapters.binance_futures.wire import SOURCE
from adapters.candle_rows import RawRows, reader, sound_candles
from adapters.masters import Master
from adapters.pacing import TokenBucket
from adapters.transport import HttpClient, RateLimitedError, decode_json
from adapters.venue import CandleRange
from market.candles import Candle, latest_within
from market.errors import FeedRejectedError
from market.instruments import Instrument
from market.ticks import Tick

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
MOST_CANDLES = 1500
_MOST_PAGES = 20
SNAPSHOT_LEVELS = 1000
_CANDLES_WEIGHT = 10.0
_SNAPSHOT_WEIGHT = 20.0
# 2,400 weight a minute and address are allowed; a quarter is left to the user's other programs.
_WEIGHT_PER_S = 25.0
_WEIGHT_BURST = 300.0


class _Row(msgspec.Struct, array_like=True):
    """The first six of the twelve items of a kline; the rest is not asked for."""

    start_ms: Milliseconds
    open: Amount
    high: Amount
    low: Amount
    close: Amount
    volume: Amount


_READ = reader(_Row, lambda r: Candle(r.start_ms, r.open, r.high, r.low, r.close, r.volume))


class _OpenInterest(msgspec.Struct):
    """In coins."""

    openInterest: Amount


class BinanceFuturesRest:
    """The requests. `close` when done."""

    def __init__(self, base_url: str) -> None:
        self._http = HttpClient(base_url)
        self._weight = TokenBucket(_WEIGHT_PER_S, _WEIGHT_BURST)
        self._paused_until = 0.0

    async def instruments(self) -> Master:
        """Everything that is listed. Raises as `HttpClient.get` does."""
        body = await self._get("/fapi/v1/exchangeInfo", {}, 1.0)
        return await asyncio.to_thread(parse, body)

    async def snapshot(self, symbol: str) -> PartialDepth:
        """The best `SNAPSHOT_LEVELS` levels of a book, sizes in coins. Raises as `HttpClient.get` does."""
        params = {"symbol": symbol, "limit": str(SNAPSHOT_LEVELS)}
        return decode_json(await self._get("/fapi/v1/depth", params, _SNAPSHOT_WEIGHT), PartialDepth)

    async def candles(self, symbol: str, asked: CandleRange) -> Sequence[Candle]:
        """Candles of a symbol, oldest first, the running one last; volumes in coins.

        Raises:
            FeedRejectedError: the exchange has no such interval, or refused.
            FeedUnavailableError: no answer.
            DecodeError: the answer is not candles.
        """
        interval = INTERVALS.get(asked.interval_s)
        if interval is None:
            raise FeedRejectedError(f"Binance futures have no candles of {asked.interval_s} s")
        found: list[Candle] = []
        before = asked.end_ms
        # Backwards from the end: with a startTime too, the exchange would answer with the oldest instead of the latest.
        for _ in range(_MOST_PAGES):
            count = min(MOST_CANDLES, asked.limit - len(found))
            page, is_full = await self._page(symbol, interval, count, before)
            found = page + found
            reached = asked.start_ms is not None and page and page[0].start_ms <= asked.start_ms
            if not (page and is_full) or reached or len(found) >= asked.limit:
                break
            before = page[0].start_ms
        return latest_within(found, asked.limit, start_ms=asked.start_ms, end_ms=asked.end_ms)

    async def open_interest(self, instruments: Sequence[Instrument]) -> AsyncIterator[Tick]:
        """Yield ticks with the open interest of `instruments`, in coins, one request each.

        Raises:
            FeedUnavailableError: no answer.
            DecodeError: the answer is no open interest.
        """
        for instrument in instruments:
            try:
                body = await self._get("/fapi/v1/openInterest", {"symbol": instrument.token}, 1.0)
            except FeedRejectedError:
                continue  # it is gone, which the list of instruments tells in its time; the others are still there
            yield Tick(instrument.key, time.time() * 1000.0, SOURCE, oi=decode_json(body, _OpenInterest).openInterest)

    async def close(self) -> None:
        """Close every connection."""
        await self._http.close()

    async def _page(self, symbol: str, interval: str, count: int, before: int | None) -> tuple[list[Candle], bool]:
        """The latest `count` candles that begin before `before`, oldest first, and whether there may be older ones."""
        params = {"symbol": symbol, "interval": interval, "limit": str(count)}
        if before is not None:
            params["endTime"] = str(before - 1)
        rows = decode_json(await self._get("/fapi/v1/klines", params, _CANDLES_WEIGHT), RawRows)
        return sound_candles(rows, _READ, "Binance futures"), len(rows) >= count

    async def _get(self, path: str, params: dict[str, str], weight: float) -> bytes:
        now = asyncio.get_running_loop().time()
        await asyncio.sleep(max(self._weight.delay(now, cost=weight), self._paused_until - now))
        try:
            return await self._http.get(path, params=params or None)
        except RateLimitedError as exc:
            self._paused_until = asyncio.get_running_loop().time() + exc.retry_after_s
            raise
