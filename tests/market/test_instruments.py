from __future__ import annotations

import pytest

from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey, InstrumentKind, decimals_of


@pytest.mark.parametrize(
    ("tick_size", "digits"),
    [(0.05, 2), (0.01, 2), (1.0, 2), (0.5, 2), (0.0025, 4), (0.001, 3), (0.00000001, 8), (0.0, 2), (100.0, 2)],
)
def test_decimals_follow_the_tick_size(tick_size: float, digits: int) -> None:
    key = InstrumentKey(Exchange.CDS, "USDINR30DEC25FUT")
    assert decimals_of(tick_size) == digits
    assert Instrument(key=key, kind=InstrumentKind.FUTURE, tick_size=tick_size).decimals == digits


def test_decimals_obey_their_bounds() -> None:
    assert decimals_of(1.0, least=0) == 0
    assert decimals_of(0.123456, most=3) == 3


def test_a_key_reads_as_exchange_and_symbol_and_equals_its_parts() -> None:
    key = InstrumentKey(Exchange.NSE, "M&M")
    assert str(key) == "NSE:M&M"
    assert {("NSE", "M&M"): 1}[key] == 1
