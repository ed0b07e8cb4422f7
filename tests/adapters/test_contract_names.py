"""Contracts under the OpenAlgo standard."""

from __future__ import annotations

from datetime import date

import pytest

from adapters.contract_names import contract, underlying_of
from market.exchanges import Exchange
from market.instruments import InstrumentKey, InstrumentKind, OptionRight

DAY = date(2026, 12, 29)


def test_a_future() -> None:
    made = contract(Exchange.NFO, "NIFTY", DAY)
    assert (made.key, made.kind) == (InstrumentKey(Exchange.NFO, "NIFTY29DEC26FUT"), InstrumentKind.FUTURE)


def test_an_option_writes_its_strike_without_zeros() -> None:
    assert contract(Exchange.NFO, "VEDL", DAY, 292.5, OptionRight.CALL).key.symbol == "VEDL29DEC26292.5CE"
    assert contract(Exchange.NFO, "NIFTY", DAY, 26000.0, OptionRight.PUT).key.symbol == "NIFTY29DEC2626000PE"


@pytest.mark.parametrize("strike", [None, 0.0, -1.0])
def test_an_option_without_a_strike_has_no_name(strike: float | None) -> None:
    with pytest.raises(ValueError, match="strike"):
        contract(Exchange.NFO, "NIFTY", DAY, strike, OptionRight.PUT)


def test_what_a_contract_is_written_on() -> None:
    assert underlying_of(Exchange.NFO, "BANKNIFTY") == InstrumentKey(Exchange.NSE_INDEX, "BANKNIFTY")
    assert underlying_of(Exchange.BFO, "SENSEX") == InstrumentKey(Exchange.BSE_INDEX, "SENSEX")
    assert underlying_of(Exchange.NFO, "TCS") == InstrumentKey(Exchange.NSE, "TCS")
    assert underlying_of(Exchange.MCX, "GOLD") is None
