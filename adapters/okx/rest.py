"""OKX's public REST requests: instruments and candles."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from urllib.parse import quote

import msgspec

from adapters.candle_rows import RawRows, reader, sound_candles
from adapters.finite import Finite
from adapters.masters import Lack, Master
from adapters.okx.instruments import parse, underlyings
from adapters.pacing import TokenBucket
from adapters.transport import HttpClient, decode_json
from adapters.venue import CandleRange
from market.candles import Candle, latest_within
from market.errors import FeedRejectedError, OpenAlgoError
from market.instruments import InstrumentKind

INTERVALS = {
    60: "1m",
    180: "3m",
    300: "5m",
    900: "15m",
    1800: "30m",
    3600: "1H",
    7200: "2H",
    14_400: "4H",
    21_600: "6Hutc",
    43_200: "12Hutc",
    86_400: "1Dutc",
}
_PAGE = 300
_MOST_PAGES = 20
_LISTS = ("instType=SPOT", "instType=SWAP", "instType=FUTURES")


class _Candles(msgspec.Struct):
    code: str
    msg: str = ""
    data: RawRows = []


class OkxRest:
    """The requests. `close` when done."""

    def __init__(self, base_url: str) -> None:
        self._http = HttpClient(base_url)
        # 40 requests in two seconds are allowed, 20 for what is older; half of the smaller is used.
        self._pace = TokenBucket(5.0, 5.0)

    async def instruments(self) -> Master:
        """Everything that is listed; options that cannot be had are lacked. Raises as `HttpClient.get` does."""
        bodies = [await self._listed(query) for query in _LISTS]
        lacks: list[Lack] = []
        try:
            await self._wait()
            written_on = underlyings(await self._http.get("/api/v5/public/underlying?instType=OPTION"))
        except OpenAlgoError as exc:
            written_on = []
            lacks.append(Lack("options", str(exc), InstrumentKind.OPTION))
        for name in written_on:
            try:
                body = await self._listed(f"instType=OPTION&uly={quote(name, safe='')}")
                await asyncio.to_thread(parse, [body])  # a refusal is an answer too
                bodies.append(body)
            except OpenAlgoError as exc:
                lacks.append(Lack(f"the options on {name}", str(exc), InstrumentKind.OPTION, name))
        master = await asyncio.to_thread(parse, bodies)
        master.lacks = lacks
        return master

    async def candles(self, name: str, asked: CandleRange, *, is_spot: bool) -> Sequence[Candle]:
        """Candles of OKX's instrument `name`, oldest first, the running one last; volumes in coins.

        Raises:
            FeedRejectedError: OKX has no such interval, or refused.
        """
        bar = INTERVALS.get(asked.interval_s)
        if bar is None:
            raise FeedRejectedError(f"OKX has no candles of {asked.interval_s} s")
        found: list[Candle] = []
        path, before = "candles", asked.end_ms
        for _ in range(_MOST_PAGES):
            page = await self._page(path, name, bar, before, volume_at=5 if is_spot else 6)
            if not page and path == "candles":
                path = "history-candles"  # the other one keeps but the latest 1,440
                continue
            found = [*page, *found]
            reached = asked.start_ms is not None and page and page[0].start_ms <= asked.start_ms
            if not page or reached or len(found) >= asked.limit:
                break
            before = page[0].start_ms
        return latest_within(found, asked.limit, start_ms=asked.start_ms, end_ms=asked.end_ms)

    async def close(self) -> None:
        """Close every connection."""
        await self._http.close()

    async def _page(self, path: str, name: str, bar: str, before: int | None, *, volume_at: int) -> list[Candle]:
        """Up to 300 candles that begin before `before`, oldest first."""
        await self._wait()
        params = {"instId": name, "bar": bar, "limit": str(_PAGE)} | ({"after": str(before)} if before else {})
        answer = decode_json(await self._http.get(f"/api/v5/market/{path}", params=params), _Candles)
        if answer.code != "0":
            raise FeedRejectedError(f"OKX refused the candles: {answer.msg[:120]}")
        # Time, open, high, low, close, then volumes: on spot coins and currency, otherwise contracts and coins.
        read = reader(list[Finite], lambda row: _candle(row, volume_at))
        return sound_candles(reversed(answer.data), read, "OKX")

    async def _listed(self, query: str) -> bytes:
        await self._wait()
        return await self._http.get(f"/api/v5/public/instruments?{query}")

    async def _wait(self) -> None:
        await asyncio.sleep(self._pace.delay(asyncio.get_running_loop().time()))


def _candle(row: list[float], volume_at: int) -> Candle:
    return Candle(int(row[0]), row[1], row[2], row[3], row[4], row[volume_at])
