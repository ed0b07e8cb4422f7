"""Instruments and candles of Binance's USD-M futures."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from adapters.binance_futures.instruments import parse
from adapters.binance_futures.rest import BinanceFuturesRest
from adapters.venue import CandleRange
from market.errors import DecodeError, FeedRejectedError
from market.instruments import InstrumentKind
from tests.doubles.toy_binance_futures import ToyBinanceFutures

FILTERS = [{"filterType": "PRICE_FILTER", "tickSize": "0.10"}, {"filterType": "LOT_SIZE", "stepSize": "0.001"}]
ROW = {"baseAsset": "BTC", "quoteAsset": "USDT", "status": "TRADING", "filters": FILTERS}
MARCH_27 = 1_774_598_400_000  # 08:00 UTC


@pytest.fixture
async def toy() -> AsyncIterator[ToyBinanceFutures]:
    toy = ToyBinanceFutures()
    await toy.start()
    yield toy
    await toy.stop()


@pytest.fixture
async def rest(toy: ToyBinanceFutures) -> AsyncIterator[BinanceFuturesRest]:
    rest = BinanceFuturesRest(toy.endpoints()["rest"])
    yield rest
    await rest.close()


async def test_each_kind_is_named_and_what_is_left_out_is_counted(
    rest: BinanceFuturesRest, toy: ToyBinanceFutures
) -> None:
    dated = {**ROW, "contractType": "CURRENT_QUARTER", "deliveryDate": MARCH_27}
    toy.symbols = [
        {**ROW, "symbol": "BTCUSDT", "contractType": "PERPETUAL", "deliveryDate": 4_133_404_800_000},
        {**dated, "symbol": "BTCUSDT_260327"},
        {**ROW, "symbol": "OLDUSDT", "contractType": "PERPETUAL", "status": "SETTLING"},
        {**ROW, "symbol": "ODDUSDT", "contractType": ""},
        {**dated, "symbol": "BTCUSDT_X", "filters": []},
        {**ROW, "symbol": "币安人生USDT", "baseAsset": "币安人生", "contractType": "PERPETUAL"},
    ]
    master = await rest.instruments()
    perpetual, future = sorted(master.instruments, key=lambda each: each.key.symbol, reverse=True)
    assert (perpetual.key.symbol, perpetual.kind, perpetual.expiry) == ("BTCUSDTFUT", InstrumentKind.PERPETUAL, None)
    assert (perpetual.token, perpetual.tick_size, perpetual.lot) == ("BTCUSDT", 0.1, 0.001)
    assert (future.key.symbol, future.token) == ("BTCUSDT27MAR26FUT", "BTCUSDT_260327")
    assert str(future.underlying) == "CRYPTO:BTCUSDT"
    assert master.skipped == {
        "it is settling": 1,
        "a contract of the kind nothing": 1,
        "a name, a number or a date cannot be read": 1,
        "its name cannot be a symbol": 1,
    }


@pytest.mark.parametrize("body", [b"", b"[]", b'{"symbols":[{}]}', b"\xff"])
def test_what_is_no_list_is_an_error(body: bytes) -> None:
    with pytest.raises(DecodeError):
        parse(body)


async def test_candles_go_back_page_by_page(rest: BinanceFuturesRest, toy: ToyBinanceFutures) -> None:
    toy.rows = [[minute * 60_000, "1", "2", "0.5", "1.5", "10", 0, "0", 1, "0", "0", "0"] for minute in range(4000)]
    candles = await rest.candles("BTCUSDT", CandleRange(60, 2000))
    assert [candle.start_ms for candle in candles] == [minute * 60_000 for minute in range(2000, 4000)]
    assert candles[0].volume == 10
    assert [(asked["limit"], asked.get("endTime")) for asked in toy.asked] == [
        ("1500", None),
        ("500", str(2500 * 60_000 - 1)),
    ]
    some = await rest.candles("BTCUSDT", CandleRange(60, 100, 60_000, 240_000))
    assert [candle.start_ms for candle in some] == [60_000, 120_000, 180_000]


async def test_an_interval_that_it_does_not_have_is_refused(rest: BinanceFuturesRest) -> None:
    with pytest.raises(FeedRejectedError, match="no candles of 7 s"):
        await rest.candles("BTCUSDT", CandleRange(7, 5))
