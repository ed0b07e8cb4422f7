"""Instruments and candles of OKX."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from adapters.okx.instruments import name_and_unit
from adapters.okx.rest import OkxRest
from adapters.venue import CandleRange
from market.errors import FeedRejectedError
from market.instruments import InstrumentKind, OptionRight
from tests.doubles.toy_okx import ToyOkx

ROW = {"state": "live", "tickSz": "0.1", "lotSz": "1", "ctVal": "0.01", "expTime": "", "stk": "", "optType": ""}


@pytest.fixture
async def toy() -> AsyncIterator[ToyOkx]:
    toy = ToyOkx()
    await toy.start()
    yield toy
    await toy.stop()


@pytest.fixture
async def rest(toy: ToyOkx) -> AsyncIterator[OkxRest]:
    rest = OkxRest(toy.endpoints()["rest"])
    yield rest
    await rest.close()


async def test_each_kind_is_named(rest: OkxRest, toy: ToyOkx) -> None:
    expiry = "1790323200000"  # 25 September 2026
    toy.lists = {
        "SPOT": [{**ROW, "instId": "BTC-USDT", "instType": "SPOT", "ctVal": "", "lotSz": "0.00001"}],
        "SWAP": [
            {**ROW, "instId": "BTC-USDT-SWAP", "instType": "SWAP"},
            {**ROW, "instId": "BTC-USD-SWAP", "instType": "SWAP", "ctVal": "100"},
            {**ROW, "instId": "OLD-USDT-SWAP", "instType": "SWAP", "state": "suspend"},
        ],
        "FUTURES": [
            {**ROW, "instId": "BTC-USD-260925", "instType": "FUTURES", "expTime": expiry},
            {**ROW, "instId": "BTC-USDT-260925", "instType": "FUTURES", "expTime": expiry},
            {**ROW, "instId": "BTC-USDT-XXXXXX", "instType": "FUTURES", "expTime": "x"},
        ],
        "OPTION": [
            {
                **ROW,
                "instId": "BTC-USD-260925-80000-C",
                "instType": "OPTION",
                "expTime": expiry,
                "stk": "80000",
                "optType": "C",
            },
            {
                **ROW,
                "instId": "SOL-USD-260925-150-P",
                "instType": "OPTION",
                "expTime": expiry,
                "stk": "150",
                "optType": "P",
            },
        ],
    }
    master = await rest.instruments()
    known = {each.key.symbol: each for each in master.instruments}
    assert sorted(known) == [
        "BTC25SEP2680000CE",
        "BTC25SEP26FUT",
        "BTCUSDFUT",
        "BTCUSDT",
        "BTCUSDT25SEP26FUT",
        "BTCUSDTFUT",
        "SOL25SEP26150PE",
    ]
    assert known["BTC25SEP2680000CE"].right is OptionRight.CALL
    assert known["BTCUSDTFUT"].lot == 0.01
    assert master.skipped == {"it is suspend": 1, "a name, a number or a date cannot be read": 1}
    assert not master.lacks


EXPIRY = "1793347200000"  # 30 October 2026
OPTION = {**ROW, "instType": "OPTION", "expTime": EXPIRY, "stk": "150", "optType": "P"}


async def test_dollars_as_margin_are_told_from_coins(rest: OkxRest, toy: ToyOkx) -> None:
    toy.lists = {
        "SWAP": [
            {**ROW, "instId": "BTC-USD_UM-SWAP", "instType": "SWAP"},
            {**ROW, "instId": "BTC-USD-SWAP", "instType": "SWAP", "ctVal": "100"},
        ],
        "FUTURES": [
            {**ROW, "instId": "BTC-USD_UM-261030", "instType": "FUTURES", "expTime": EXPIRY},
            {**ROW, "instId": "BTC-USD-261030", "instType": "FUTURES", "expTime": EXPIRY},
        ],
        "OPTION": [{**OPTION, "instId": "SOL-USD_UM-261030-150-P"}, {**OPTION, "instId": "SOL-USD-261030-150-P"}],
    }
    known = {each.key.symbol: each for each in (await rest.instruments()).instruments}
    assert {symbol: each.broker_symbol for symbol, each in known.items()} == {
        "BTCUSDUMFUT": "BTC-USD_UM-SWAP",
        "BTCUSDFUT": "BTC-USD-SWAP",
        "BTCUSD30OCT26FUT": "BTC-USD_UM-261030",
        "BTC30OCT26FUT": "BTC-USD-261030",
        "SOLUSD30OCT26150PE": "SOL-USD_UM-261030-150-P",
        "SOL30OCT26150PE": "SOL-USD-261030-150-P",
    }
    assert {str(each.underlying) for each in known.values() if each.expiry} == {"CRYPTO:BTCUSD", "CRYPTO:SOLUSD"}


async def test_a_contract_counts_with_its_multiplier(rest: OkxRest, toy: ToyOkx) -> None:
    row = {**OPTION, "instId": "BTC-USD-261030-150-P", "ctVal": "1", "ctMult": "0.01", "lotSz": "5"}
    toy.lists = {"OPTION": [row]}
    (option,) = (await rest.instruments()).instruments
    assert (option.lot, name_and_unit(option)) == (0.05, ("BTC-USD-261030-150-P", 0.01))


async def test_options_that_cannot_be_had_are_lacked_and_nothing_else(rest: OkxRest, toy: ToyOkx) -> None:
    toy.lists = {
        "SPOT": [{**ROW, "instId": "BTC-USDT", "instType": "SPOT", "ctVal": ""}],
        "OPTION": [{**OPTION, "instId": "SOL-USD-261030-150-P"}, {**OPTION, "instId": "BTC-USD-261030-150-P"}],
    }
    toy.refused = {"SOL-USD"}
    master = await rest.instruments()
    assert [each.key.symbol for each in master.instruments] == ["BTCUSDT", "BTC30OCT26150PE"]
    (lack,) = master.lacks
    assert (lack.what, lack.kind, lack.prefix) == ("the options on SOL-USD", InstrumentKind.OPTION, "SOL-USD")
    assert "Parameter uly" in lack.reason


async def test_candles_go_back_page_by_page(rest: OkxRest, toy: ToyOkx) -> None:
    toy.rows = [[str(minute * 60_000), "1", "2", "0.5", "1.5", "10", "20", "30", "1"] for minute in range(1000)]
    candles = await rest.candles("BTC-USDT", CandleRange(60, 450), is_spot=True)
    assert [candle.start_ms for candle in candles] == [minute * 60_000 for minute in range(550, 1000)]
    assert candles[0].volume == 10
    assert [asked.get("after") for asked in toy.asked] == [None, "42000000"]
    swap = await rest.candles("BTC-USDT-SWAP", CandleRange(60, 5, 0, 300_000), is_spot=False)
    assert [candle.volume for candle in swap] == [20] * 5


async def test_what_the_first_list_no_longer_has_is_looked_for_in_the_other(rest: OkxRest, toy: ToyOkx) -> None:
    assert await rest.candles("BTC-USDT", CandleRange(60, 5), is_spot=True) == []
    assert [asked["kind"] for asked in toy.asked] == ["candles", "history-candles"]


async def test_an_interval_that_it_does_not_have_is_refused(rest: OkxRest) -> None:
    with pytest.raises(FeedRejectedError, match="no candles of 7 s"):
        await rest.candles("BTC-USDT", CandleRange(7, 5), is_spot=True)
