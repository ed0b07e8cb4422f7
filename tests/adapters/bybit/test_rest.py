"""Instruments and candles of Bybit."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from adapters.bybit.instruments import OPTION_COINS, read_page
from adapters.bybit.rest import BybitRest
from adapters.venue import CandleRange
from market.errors import DecodeError, FeedRejectedError
from market.instruments import InstrumentKind
from tests.doubles.toy_bybit import ToyBybit

EXPIRY = "1774512000000"  # 26 March 2026


def _row(symbol: str, coin: str, currency: str, contract: str = "", **more: object) -> dict[str, object]:
    row: dict[str, object] = {
        "symbol": symbol,
        "baseCoin": coin,
        "quoteCoin": currency,
        "status": "Trading",
        "priceFilter": {"tickSize": "0.1"},
        "lotSizeFilter": {"qtyStep": "0.001"} if contract else {"basePrecision": "0.00001"},
    }
    return row | ({"contractType": contract, "deliveryTime": "0"} if contract else {}) | more


@pytest.fixture
async def toy() -> AsyncIterator[ToyBybit]:
    toy = ToyBybit()
    await toy.start()
    yield toy
    await toy.stop()


@pytest.fixture
async def rest(toy: ToyBybit) -> AsyncIterator[BybitRest]:
    rest = BybitRest(toy.endpoints()["rest"])
    yield rest
    await rest.close()


async def test_each_kind_is_named_and_every_page_is_read(rest: BybitRest, toy: ToyBybit) -> None:
    toy.page = 2
    toy.lists = {
        "spot": [_row("BTCUSDT", "BTC", "USDT")],
        "linear": [
            _row("BTCUSDT", "BTC", "USDT", "LinearPerpetual"),
            _row("BTCPERP", "BTC", "USDC", "LinearPerpetual"),
            _row("BTCUSDT-26MAR26", "BTC", "USDT", "LinearFutures", deliveryTime=EXPIRY),
            _row("NEWUSDT", "NEW", "USDT", "LinearPerpetual", status="PreLaunch"),
            _row("ODDUSDT", "ODD", "USDT", "LinearFutures", deliveryTime="soon"),
        ],
        "inverse": [
            _row("BTCUSD", "BTC", "USD", "InversePerpetual"),
            _row("BTCUSDH26", "BTC", "USD", "InverseFutures", deliveryTime=EXPIRY),
        ],
    }
    master = await rest.instruments()
    known = {each.key.symbol: each for each in master.instruments}
    assert {symbol: each.token for symbol, each in known.items()} == {
        "BTCUSDT": "spot|BTCUSDT",
        "BTCUSDTFUT": "linear|BTCUSDT",
        "BTCUSDCFUT": "linear|BTCPERP",
        "BTCUSDT26MAR26FUT": "linear|BTCUSDT-26MAR26",
        "BTCUSDFUT": "inverse|BTCUSD",
        "BTC26MAR26FUT": "inverse|BTCUSDH26",
    }
    assert (known["BTCUSDT"].lot, known["BTCUSDTFUT"].lot, known["BTCUSDTFUT"].tick_size) == (0.00001, 0.001, 0.1)
    assert known["BTC26MAR26FUT"].kind is InstrumentKind.FUTURE
    assert master.skipped == {"it is PreLaunch": 1, "a name, a number or a date cannot be read": 1}
    assert [each.get("cursor") for each in toy.asked if each["category"] == "linear"] == [None, "2", "4"]


def _option(symbol: str, coin: str, **more: str) -> dict[str, object]:
    row = {"symbol": symbol, "baseCoin": coin, "quoteCoin": "USDT", "optionsType": "Call", "status": "Trading"}
    filters = {"priceFilter": {"tickSize": "5"}, "lotSizeFilter": {"qtyStep": "0.01"}}
    return {**row, "deliveryTime": "1806048000000", **filters, **more}


async def test_options_are_asked_for_coin_by_coin(rest: BybitRest, toy: ToyBybit) -> None:
    toy.lists = {
        "option": [
            _option("BTC-26MAR27-90000-C-USDT", "BTC"),
            _option("BTC-26MAR27-90000-P", "BTC", quoteCoin="USD", optionsType="Put"),
            _option("ETH-26MAR27-3000.5-C-USDT", "ETH"),
            _option("ETH-26MAR27-much-C-USDT", "ETH"),
            _option("ETH-26MAR27-nan-C-USDT", "ETH"),
        ]
    }
    master = await rest.instruments()
    assert {each.key.symbol: each.token for each in master.instruments} == {
        "BTCUSDT26MAR2790000CE": "option|BTC-26MAR27-90000-C-USDT",
        "BTC26MAR2790000PE": "option|BTC-26MAR27-90000-P",
        "ETHUSDT26MAR273000.5CE": "option|ETH-26MAR27-3000.5-C-USDT",
    }
    assert master.skipped == {"a name, a number or a date cannot be read": 2}
    assert [each["baseCoin"] for each in toy.asked if each["category"] == "option"] == ["BTC", "ETH"]
    with pytest.raises(FeedRejectedError, match="no candles of options"):
        await rest.candles("option", "BTC-26MAR27-90000-C-USDT", CandleRange(60, 5))


async def test_options_on_a_coin_that_cannot_be_had_are_lacked_and_nothing_else(rest: BybitRest, toy: ToyBybit) -> None:
    toy.lists = {
        "spot": [_row("BTCUSDT", "BTC", "USDT")],
        "option": [_option("BTC-26MAR27-90000-C-USDT", "BTC"), _option("ETH-26MAR27-3000-C-USDT", "ETH")],
    }
    toy.refused = {"ETH"}
    master = await rest.instruments()
    assert [each.key.symbol for each in master.instruments] == ["BTCUSDT", "BTCUSDT26MAR2790000CE"]
    (lack,) = master.lacks
    assert (lack.what, lack.kind, lack.prefix) == ("the options on ETH", InstrumentKind.OPTION, "option|ETH-")
    assert "service is not available" in lack.reason


async def test_coins_that_are_not_told_are_those_of_always(rest: BybitRest, toy: ToyBybit) -> None:
    toy.coins = False
    toy.lists = {"option": [_option("ETH-26MAR27-3000-C-USDT", "ETH")]}
    assert [each.key.symbol for each in (await rest.instruments()).instruments] == ["ETHUSDT26MAR273000CE"]
    assert [each["baseCoin"] for each in toy.asked if each["category"] == "option"] == list(OPTION_COINS)


async def test_candles_go_back_page_by_page(rest: BybitRest, toy: ToyBybit) -> None:
    toy.rows = [[str(minute * 60_000), "1", "2", "0.5", "1.5", "10", "20"] for minute in range(2500)]
    candles = await rest.candles("spot", "BTCUSDT", CandleRange(60, 1500))
    assert [candle.start_ms for candle in candles] == [minute * 60_000 for minute in range(1000, 2500)]
    assert candles[0].volume == 10
    assert [asked.get("end") for asked in toy.asked] == [None, str(1500 * 60_000 - 1)]
    coins = await rest.candles("inverse", "BTCUSD", CandleRange(60, 5, 0, 300_000))
    assert [(candle.start_ms, candle.volume) for candle in coins] == [(minute * 60_000, 20) for minute in range(5)]


async def test_what_cannot_be_had_is_said(rest: BybitRest, toy: ToyBybit) -> None:
    with pytest.raises(FeedRejectedError, match="no candles of 7 s"):
        await rest.candles("spot", "BTCUSDT", CandleRange(7, 5))
    toy.refused = {"NONE"}
    with pytest.raises(FeedRejectedError, match="refused the candles: symbol invalid"):
        await rest.candles("spot", "NONE", CandleRange(60, 5))


@pytest.mark.parametrize("body", [b"", b"{}", b'{"retCode":0,"result":{"list":[1]}}', b'{"retCode":1,"retMsg":"no"}'])
def test_what_is_no_page_is_refused(body: bytes) -> None:
    with pytest.raises(DecodeError, match="Bybit"):
        read_page(body)
