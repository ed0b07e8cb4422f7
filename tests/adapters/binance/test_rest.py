"""REST against the toy: what is asked, what comes back, and the pause that the exchange may ask for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from adapters.binance.events import PartialDepth
from adapters.binance.rest import BinanceRest
from adapters.transport import RateLimitedError
from adapters.venue import CandleRange
from market.candles import Candle
from market.errors import DecodeError, FeedRejectedError
from tests.doubles.toy_binance import ToyBinance


@pytest.fixture
async def toy() -> AsyncIterator[ToyBinance]:
    toy = ToyBinance()
    await toy.start()
    yield toy
    await toy.stop()


@pytest.fixture
async def rest(toy: ToyBinance) -> AsyncIterator[BinanceRest]:
    rest = BinanceRest(toy.endpoints()["rest"])
    yield rest
    await rest.close()


async def test_snapshot_carries_the_symbol_it_was_asked_for(toy: ToyBinance, rest: BinanceRest) -> None:
    toy.snapshots["BTCUSDT"] = [b'{"lastUpdateId":5,"bids":[["1.0","2"]],"asks":[]}']
    assert await rest.snapshot("BTCUSDT") == PartialDepth(5, [(1.0, 2.0)], [], "BTCUSDT")


async def test_candles_are_oldest_first_and_paged(toy: ToyBinance, rest: BinanceRest) -> None:
    toy.klines = [[60_000 * n, "1.5", "2.5", "0.5", "2.0", "10.25", 0, "0", 1, "0", "0", "0"] for n in range(2600)]
    candles = await rest.candles("BTCUSDT", CandleRange(60, 2500))
    assert [candle.start_ms for candle in candles] == [60_000 * n for n in range(100, 2600)]
    assert candles[0] == Candle(6_000_000, 1.5, 2.5, 0.5, 2.0, 10.25)
    assert toy.requests["klines"] == 3


async def test_candles_of_a_range_are_those_that_begin_in_it(toy: ToyBinance, rest: BinanceRest) -> None:
    toy.klines = [[60_000 * n, "1.5", "2.5", "0.5", "2.0", "10.25"] for n in range(5000)]

    async def starts(limit: int, **bounds: int) -> list[int]:
        return [candle.start_ms // 60_000 for candle in await rest.candles("BTCUSDT", CandleRange(60, limit, **bounds))]

    assert await starts(5000, start_ms=60_000 * 1000, end_ms=60_000 * 3500) == list(range(1000, 3500))
    assert toy.requests["klines"] == 3
    assert await starts(5000, start_ms=60_000 * 10, end_ms=60_000 * 12) == [10, 11]
    assert await starts(3, end_ms=60_000 * 12) == [9, 10, 11]
    assert await starts(5, start_ms=60_000 * 12, end_ms=60_000 * 12) == []
    assert await starts(50, start_ms=60_000 * 4998) == [4998, 4999]


async def test_history_shorter_than_asked_is_all_there_is(toy: ToyBinance, rest: BinanceRest) -> None:
    toy.klines = [[0, "1", "1", "1", "1", "1"]]
    assert len(await rest.candles("BTCUSDT", CandleRange(86400, 500))) == 1
    toy.klines = []
    assert await rest.candles("BTCUSDT", CandleRange(86400, 500)) == []


async def test_interval_that_binance_lacks_is_rejected(rest: BinanceRest) -> None:
    with pytest.raises(FeedRejectedError, match="no candles of 600 s"):
        await rest.candles("BTCUSDT", CandleRange(600, 5))


async def test_answer_of_another_shape_is_a_decode_error(toy: ToyBinance, rest: BinanceRest) -> None:
    toy.days["BTCUSDT"] = b'{"symbol":"BTCUSDT"}'
    with pytest.raises(DecodeError):
        await rest.day("BTCUSDT")


async def test_pause_that_is_asked_for_holds_the_next_request_back(toy: ToyBinance, rest: BinanceRest) -> None:
    toy.rest_status = 429  # the toy asks for one second
    with pytest.raises(RateLimitedError):
        await rest.day("BTCUSDT")
    toy.rest_status = 200
    begun = asyncio.get_running_loop().time()
    with pytest.raises(FeedRejectedError, match="404"):
        await rest.day("BTCUSDT")
    assert asyncio.get_running_loop().time() - begun >= 0.95
