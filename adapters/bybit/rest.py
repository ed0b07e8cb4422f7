"""Bybit's public REST requests: instruments and candles."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

import msgspec

from adapters.bybit.instruments import (
    INVERSE,
    LINEAR,
    OPTION,
    OPTION_COINS,
    SPOT,
    Page,
    option_coins,
    parse,
    read_page,
)
from adapters.candle_rows import RawRows, reader, sound_candles
from adapters.finite import Finite
from adapters.masters import Lack, Master
from adapters.pacing import TokenBucket
from adapters.transport import HttpClient, decode_json
from adapters.venue import CandleRange
from market.candles import Candle, latest_within
from market.errors import FeedRejectedError, OpenAlgoError
from market.instruments import InstrumentKind

INTERVALS = {
    60: "1",
    180: "3",
    300: "5",
    900: "15",
    1800: "30",
    3600: "60",
    7200: "120",
    14_400: "240",
    21_600: "360",
    43_200: "720",
    86_400: "D",
}
_PAGE = 1000
_MOST_PAGES = 20


class _Rows(msgspec.Struct):
    rows: RawRows = msgspec.field(default_factory=list, name="list")


class _Candles(msgspec.Struct):
    retCode: int
    retMsg: str = ""
    result: _Rows = msgspec.field(default_factory=_Rows)


class BybitRest:
    """The requests. `close` when done."""

    def __init__(self, base_url: str) -> None:
        self._http = HttpClient(base_url)
        # 600 requests in five seconds are allowed for an address, on pain of ten minutes without any.
        self._pace = TokenBucket(20.0, 10.0)

    async def instruments(self) -> Master:
        """Everything that is listed; options that cannot be had are lacked. Raises as `HttpClient.get` does."""
        pages: list[Page] = []
        for category in (SPOT, LINEAR, INVERSE):
            pages += await self._listed(category, {})
        lacks: list[Lack] = []
        for coin in await self._coins():
            try:
                pages += await self._listed(OPTION, {"baseCoin": coin})
            except OpenAlgoError as exc:
                lacks.append(Lack(f"the options on {coin}", str(exc), InstrumentKind.OPTION, f"{OPTION}|{coin}-"))
        master = await asyncio.to_thread(parse, pages)
        master.lacks = lacks
        return master

    async def _coins(self) -> Sequence[str]:
        """The coins that options are written on; where Bybit does not tell, those of which it is known."""
        await self._wait()
        try:
            return option_coins(await self._http.get("/v5/market/option-base-coins"))
        except OpenAlgoError:
            return OPTION_COINS

    async def _listed(self, category: str, more: Mapping[str, str]) -> list[Page]:
        pages: list[Page] = []
        cursor = ""
        for _ in range(_MOST_PAGES):
            await self._wait()
            query = {"category": category, "limit": str(_PAGE), **more} | ({"cursor": cursor} if cursor else {})
            body = await self._http.get(f"/v5/market/instruments-info?{urlencode(query)}")
            page = await asyncio.to_thread(read_page, body)
            page.category = category
            pages.append(page)
            if not page.nextPageCursor or page.nextPageCursor == cursor:
                break
            cursor = page.nextPageCursor
        return pages

    async def candles(self, category: str, name: str, asked: CandleRange) -> Sequence[Candle]:
        """Candles of Bybit's instrument `name`, oldest first, the running one last; volumes in coins.

        Raises:
            FeedRejectedError: Bybit has no such interval, none of options, or refused.
        """
        if category == OPTION:
            raise FeedRejectedError("Bybit has no candles of options")
        interval = INTERVALS.get(asked.interval_s)
        if interval is None:
            raise FeedRejectedError(f"Bybit has no candles of {asked.interval_s} s")
        found: list[Candle] = []
        before = asked.end_ms
        for _ in range(_MOST_PAGES):
            page, is_full = await self._page(category, name, interval, before)
            found = [*page, *found]
            reached = asked.start_ms is not None and page and page[0].start_ms <= asked.start_ms
            if not (page and is_full) or reached or len(found) >= asked.limit:
                break
            before = page[0].start_ms
        return latest_within(found, asked.limit, start_ms=asked.start_ms, end_ms=asked.end_ms)

    async def close(self) -> None:
        """Close every connection."""
        await self._http.close()

    async def _page(self, category: str, name: str, interval: str, before: int | None) -> tuple[list[Candle], bool]:
        """Up to 1,000 candles that begin before `before`, oldest first, and whether there may be older ones."""
        await self._wait()
        params = {"category": category, "symbol": name, "interval": interval, "limit": str(_PAGE)}
        if before is not None:
            params["end"] = str(before - 1)
        answer = decode_json(await self._http.get("/v5/market/kline", params=params), _Candles)
        if answer.retCode:
            raise FeedRejectedError(f"Bybit refused the candles: {answer.retMsg[:120]}")
        # Time, open, high, low, close, volume, turnover; margined in coins, the turnover is what is in coins.
        volume_at = 6 if category == INVERSE else 5
        rows = answer.result.rows
        read = reader(list[Finite], lambda row: _candle(row, volume_at))
        return sound_candles(reversed(rows), read, "Bybit"), len(rows) >= _PAGE

    async def _wait(self) -> None:
        await asyncio.sleep(self._pace.delay(asyncio.get_running_loop().time()))


def _candle(row: list[float], volume_at: int) -> Candle:
    return Candle(int(row[0]), row[1], row[2], row[3], row[4], row[volume_at])
