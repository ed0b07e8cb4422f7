"""Products and candles of Delta Exchange India."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from adapters.delta.instruments import read_page
from adapters.delta.rest import DeltaRest
from adapters.venue import CandleRange
from market.errors import DecodeError, FeedRejectedError
from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey, InstrumentKind
from tests.doubles.toy_delta import ToyDelta


@pytest.fixture
async def toy() -> AsyncIterator[ToyDelta]:
    toy = ToyDelta()
    await toy.start()
    yield toy
    await toy.stop()


@pytest.fixture
async def rest(toy: ToyDelta) -> AsyncIterator[DeltaRest]:
    rest = DeltaRest(toy.endpoints()["rest"])
    yield rest
    await rest.close()


def _product(symbol: str, kind: str, **more: object) -> dict[str, object]:
    return {
        "symbol": symbol,
        "contract_type": kind,
        "state": "live",
        "tick_size": "0.5",
        "contract_value": "0.001",
        "underlying_asset": {"symbol": "BTC"},
        "quoting_asset": {"symbol": "USD"},
        **more,
    }


async def test_each_kind_is_named_and_every_page_is_read(rest: DeltaRest, toy: ToyDelta) -> None:
    toy.page = 2
    when = {"settlement_time": "2026-09-25T12:00:00Z"}
    toy.products = [
        _product("BTCUSD", "perpetual_futures"),
        _product("BTCUSD_25Sep", "futures", **when),
        _product("C-BTC-80000-250926", "call_options", strike_price="80000", **when),
        _product("P-BTC-80000-250926", "put_options", strike_price="80000", **when),
        _product("MV-BTC-80000-250926", "move_options", strike_price="80000", **when),
        _product("C-BTC-81000-250926", "call_options", strike_price="81000", **when, state="expired"),
        _product("C-BTC-82000-250926", "call_options", strike_price="82000", settlement_time="soon"),
    ]
    master = await rest.instruments()
    assert {each.key.symbol: each.token for each in master.instruments} == {
        "BTCUSDFUT": "BTCUSD|0.001",
        "BTC25SEP26FUT": "BTCUSD_25Sep|0.001",
        "BTC25SEP2680000CE": "C-BTC-80000-250926|0.001",
        "BTC25SEP2680000PE": "P-BTC-80000-250926|0.001",
    }
    assert master.skipped == {
        "a kind that has no name: move_options": 1,
        "it is expired": 1,
        "a name, a number or a date cannot be read": 1,
    }


async def test_an_underlying_that_is_the_currency_is_not_what_a_contract_is_named_after(
    rest: DeltaRest, toy: ToyDelta
) -> None:
    usd: dict[str, object] = {"underlying_asset": {"symbol": "USD"}}
    inverse: dict[str, object] = {"settling_asset": {"symbol": "BTC"}, "contract_unit_currency": "USD"}
    toy.products = [
        _product("ETHUSD", "perpetual_futures", **usd, contract_unit_currency="ETH"),
        _product("SOLUSD", "perpetual_futures", **usd, contract_unit_currency="SOL"),
        _product("XUSD", "perpetual_futures", **usd, contract_unit_currency="USD"),
        _product("YUSD", "perpetual_futures", **usd),
        _product("BTCUSD", "perpetual_futures", **inverse),
    ]
    master = await rest.instruments()
    assert [each.key.symbol for each in master.instruments] == ["ETHUSDFUT", "SOLUSDFUT", "BTCUSDFUT"]
    assert master.skipped == {"a name, a number or a date cannot be read": 2}


async def test_candles_go_back_page_by_page(rest: DeltaRest, toy: ToyDelta) -> None:
    toy.rows = [
        {"time": minute * 60, "open": 1.0, "high": 2.0, "low": 0.5, "close": 1.5, "volume": 100.0}
        for minute in range(5000)
    ]
    asked = CandleRange(60, 3000, None, 5000 * 60_000)
    candles = await rest.candles("BTCUSD", 0.001, asked)
    assert [candle.start_ms for candle in candles] == [minute * 60_000 for minute in range(2000, 5000)]
    assert candles[0].volume == pytest.approx(0.1)
    assert [query["end"] for query in toy.asked] == [str(5000 * 60 - 1), str(3000 * 60 - 1)]


def _candle_rows(*minutes: int) -> list[dict[str, object]]:
    return [
        {"time": minute * 60, "open": 1.0, "high": 1.0, "low": 1.0, "close": 1.0, "volume": 1.0} for minute in minutes
    ]


async def test_candles_older_than_a_gap_of_pages_are_reached(rest: DeltaRest, toy: ToyDelta) -> None:
    toy.rows = _candle_rows(100_000, 106_000, 106_001)
    candles = await rest.candles("BTCUSD", 1.0, CandleRange(60, 100, 100_000 * 60_000, 106_002 * 60_000))
    assert [candle.start_ms // 60_000 for candle in candles] == [100_000, 106_000, 106_001]


async def test_candles_of_what_was_never_traded_are_not_asked_for_back_to_1970(rest: DeltaRest, toy: ToyDelta) -> None:
    toy.rows = _candle_rows(10)
    assert await rest.candles("BTCUSD", 1.0, CandleRange(60, 100, None, 106_002 * 60_000)) == []
    assert len(toy.asked) == 5


def _perpetual(name: str) -> Instrument:
    key = InstrumentKey(Exchange.CRYPTO, f"{name}FUT")
    return Instrument(key=key, kind=InstrumentKind.PERPETUAL, token=f"{name}|0.001", broker_symbol=name)


async def test_volumes_are_in_coins_and_what_is_gone_keeps_none_of_the_others_back(
    rest: DeltaRest, toy: ToyDelta
) -> None:
    toy.volumes = {"BTCUSD": 5229, "ETHUSD": 10}
    ticks = [tick async for tick in rest.volumes([_perpetual(name) for name in ("GONE", "BTCUSD", "ETHUSD")])]
    assert {tick.key.symbol: tick.volume for tick in ticks} == {"BTCUSDFUT": 5.229, "ETHUSDFUT": 0.01}
    assert toy.tickers_asked == ["GONE", "BTCUSD", "ETHUSD"]


async def test_many_volumes_are_asked_for_at_once(rest: DeltaRest, toy: ToyDelta) -> None:
    toy.volumes = {f"C{number}USD": number for number in range(200)}
    wanted = [_perpetual(f"C{number}USD") for number in range(1, 40)]
    ticks = [tick async for tick in rest.volumes(wanted)]
    assert [tick.key for tick in ticks] == [each.key for each in wanted]
    assert toy.tickers_asked == ["*"]


async def test_what_cannot_be_had_is_said(rest: DeltaRest, toy: ToyDelta) -> None:
    with pytest.raises(FeedRejectedError, match="no candles of 7 s"):
        await rest.candles("BTCUSD", 1.0, CandleRange(7, 5))
    toy.refused = {"NONE"}
    with pytest.raises(FeedRejectedError, match="refused the candles"):
        await rest.candles("NONE", 1.0, CandleRange(60, 5))


@pytest.mark.parametrize("body", [b"", b'{"result":[1]}', b'{"result":{}}'])
def test_what_is_no_page_is_refused(body: bytes) -> None:
    with pytest.raises(DecodeError, match="Delta Exchange"):
        read_page(body)
