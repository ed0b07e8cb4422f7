"""Which contracts there are on what, and whose price they follow."""

from __future__ import annotations

from datetime import date

import pytest

from market.exchanges import Exchange
from market.instruments import InstrumentKey, OptionRight
from services.rest.contracts import Contracts, Underlying
from tests.doubles.chains import FAR, NEAR, NIFTY, STRIKES, contract, market


@pytest.fixture
def contracts() -> Contracts:
    return Contracts(market())


def test_expiries_are_those_of_the_base_alone_nearest_first(contracts: Contracts) -> None:
    assert contracts.expiries(Exchange.NFO, "NIFTY", of_options=True, since=NEAR) == [NEAR, FAR]
    assert contracts.expiries(Exchange.NFO, "NIFTY", of_options=False, since=date(2026, 1, 1)) == [FAR]
    assert contracts.expiries(Exchange.NFO, "NIFT", of_options=True, since=NEAR) == []
    assert contracts.expiries(Exchange.BFO, "NIFTY", of_options=True, since=NEAR) == []


def test_a_chain_has_both_sides_of_every_strike(contracts: Contracts) -> None:
    strikes = contracts.family(Exchange.NFO, "NIFTY").options[NEAR]
    assert tuple(strikes) == STRIKES
    assert strikes[25_000.0][OptionRight.PUT].key.symbol == "NIFTY30DEC2525000PE"


@pytest.mark.parametrize(
    ("symbol", "exchange", "expected"),
    [
        ("nifty ", "NSE_INDEX", Underlying("NIFTY", Exchange.NFO, NIFTY)),
        ("NIFTY", "NFO", Underlying("NIFTY", Exchange.NFO, NIFTY)),
        ("SBIN", "BSE", Underlying("SBIN", Exchange.BFO, InstrumentKey(Exchange.BSE, "SBIN"))),
        (
            "NIFTY27JAN26FUT",
            "NFO",
            Underlying("NIFTY", Exchange.NFO, InstrumentKey(Exchange.NFO, "NIFTY27JAN26FUT"), FAR),
        ),
        ("CRUDEOIL", "MCX", Underlying("CRUDEOIL", Exchange.MCX, None)),
    ],
)
def test_an_underlying_is_understood(contracts: Contracts, symbol: str, exchange: str, expected: Underlying) -> None:
    assert contracts.underlying(symbol, Exchange(exchange)) == expected


def test_options_without_a_spot_follow_the_first_future_that_outlives_them(contracts: Contracts) -> None:
    oil = contracts.underlying("CRUDEOIL", Exchange.MCX)
    assert contracts.quoted_for(oil, date(2026, 1, 14)) == InstrumentKey(Exchange.MCX, "CRUDEOIL19JAN26FUT")
    assert contracts.quoted_for(oil, date(2026, 1, 20)) == InstrumentKey(Exchange.MCX, "CRUDEOIL19FEB26FUT")
    assert contracts.quoted_for(oil, date(2026, 3, 1)) is None


def test_the_spot_that_a_contract_names_is_used_if_it_is_known() -> None:
    spot = InstrumentKey(Exchange.CRYPTO, "BTCUSDFUT")
    option = contract(Exchange.CRYPTO, "BTC", NEAR, 62_000.0, OptionRight.CALL, underlying=spot)
    assert Contracts([option]).underlying("BTC", Exchange.CRYPTO).quoted is None
    perpetual = market()[1]
    perpetual = type(perpetual)(key=spot, kind=perpetual.kind)
    assert Contracts([option, perpetual]).underlying("BTC", Exchange.CRYPTO).quoted == spot
