"""Delta Exchange India's public REST requests: products, candles, and the volume that its stream is without."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from urllib.parse import quote, urlencode

import msgspec

from adapters.candle_rows import RawRows, sound_rows
from adapters.delta.instruments import Page, name_and_unit, parse, read_page
from adapters.delta.wire import SOURCE
from adapters.finite import Finite
from adapters.masters import Master
from adapters.pacing import TokenBucket
from adapters.transport import HttpClient, decode_json
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
    86_400: "1d",
    604_800: "1w",
}
_PAGE = 2000
_PRODUCTS = 1000
_MOST_PAGES = 20
# An illiquid option may go without a trade for longer than a page covers; whether anything came before is not known.
_MOST_EMPTY_PAGES = 5
# More tickers than these are had with one request for all, a megabyte or so.
_FEW = 30


class _Row(msgspec.Struct):
    time: int
    open: Finite
    high: Finite
    low: Finite
    close: Finite
    volume: Finite | None = None


class _Candles(msgspec.Struct):
    success: bool = True
    result: RawRows = []


class _Ticker(msgspec.Struct):
    """24 hours of one product; `size` is its volume in contracts."""

    symbol: str
    size: Finite | None = None


class _OneTicker(msgspec.Struct):
    result: _Ticker | None = None


class _Tickers(msgspec.Struct):
    result: list[_Ticker] = []


class DeltaRest:
    """The requests. `close` when done."""

    def __init__(self, base_url: str) -> None:
        self._http = HttpClient(base_url)
        # 10,000 points in five minutes are allowed, and each of these costs three: eleven a second.
        self._pace = TokenBucket(5.0, 5.0)

    async def instruments(self) -> Master:
        """Everything that is listed. Raises as `HttpClient.get` does."""
        pages: list[Page] = []
        after = ""
        for _ in range(_MOST_PAGES):
            await self._wait()
            query = {"page_size": str(_PRODUCTS)} | ({"after": after} if after else {})
            body = await self._http.get(f"/products?{urlencode(query)}")
            pages.append(await asyncio.to_thread(read_page, body))
            following = pages[-1].meta.after or ""
            if not following or following == after:
                break
            after = following
        return await asyncio.to_thread(parse, pages)

    async def candles(self, name: str, unit: float, asked: CandleRange) -> Sequence[Candle]:
        """Candles of Delta's product `name`, oldest first, the running one last; volumes in coins.

        Raises:
            FeedRejectedError: Delta has no such interval, or refused.
        """
        resolution = INTERVALS.get(asked.interval_s)
        if resolution is None:
            raise FeedRejectedError(f"Delta Exchange has no candles of {asked.interval_s} s")
        found: list[Candle] = []
        before_s = int(time.time()) + 1 if asked.end_ms is None else -(-asked.end_ms // 1000)
        start_s = 0 if asked.start_ms is None else asked.start_ms // 1000
        empty = 0
        for _ in range(_MOST_PAGES):
            page = await self._page(name, unit, resolution, before_s, asked.interval_s)
            found = [*page, *found]
            empty = 0 if page else empty + 1
            before_s = page[0].start_ms // 1000 if page else before_s - _PAGE * asked.interval_s
            was_all = asked.start_ms is None and empty == _MOST_EMPTY_PAGES
            if before_s <= start_s or was_all or len(found) >= asked.limit:
                break
        return latest_within(found, asked.limit, start_ms=asked.start_ms, end_ms=asked.end_ms)

    async def volumes(self, instruments: Sequence[Instrument]) -> AsyncIterator[Tick]:
        """Yield ticks with the volumes of 24 hours, in coins, of those of `instruments` that have one.

        Raises as `HttpClient.get` does.
        """
        wanted = {name: (instrument, unit) for instrument in instruments for name, unit in [name_and_unit(instrument)]}
        async for ticker in self._tickers(list(wanted)):
            if ticker.symbol in wanted and ticker.size is not None:
                instrument, unit = wanted[ticker.symbol]
                yield Tick(instrument.key, time.time() * 1000.0, SOURCE, volume=ticker.size * unit)

    async def _tickers(self, names: Sequence[str]) -> AsyncIterator[_Ticker]:
        if len(names) > _FEW:
            await self._wait()
            body = await self._http.get("/tickers")
            for ticker in (await asyncio.to_thread(decode_json, body, _Tickers)).result:
                yield ticker
            return
        for name in names:
            await self._wait()
            try:
                found = decode_json(await self._http.get(f"/tickers/{quote(name, safe='')}"), _OneTicker).result
            except FeedRejectedError:
                continue  # it is gone, which the list of products tells in its time; the others are still there
            if found is not None:
                yield found

    async def close(self) -> None:
        """Close every connection."""
        await self._http.close()

    async def _page(self, name: str, unit: float, resolution: str, before_s: int, interval_s: int) -> list[Candle]:
        """Up to 2,000 candles that begin before `before_s`, oldest first."""
        await self._wait()
        start_s = max(before_s - _PAGE * interval_s, 0)
        params = {"resolution": resolution, "symbol": name, "start": str(start_s), "end": str(before_s - 1)}
        answer = decode_json(await self._http.get("/history/candles", params=params), _Candles)
        if not answer.success:
            raise FeedRejectedError("Delta Exchange refused the candles")
        rows = sorted(sound_rows(answer.result, _Row, "Not candles of Delta Exchange"), key=lambda row: row.time)
        return [
            Candle(row.time * 1000, row.open, row.high, row.low, row.close, (row.volume or 0.0) * unit)
            for row in rows
            if row.time < before_s
        ]

    async def _wait(self) -> None:
        await asyncio.sleep(self._pace.delay(asyncio.get_running_loop().time()))
