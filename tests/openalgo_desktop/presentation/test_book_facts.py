"""The figures below the book, and the circuits."""

from __future__ import annotations

from datetime import date

import pytest

from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey, InstrumentKind
from market.ticks import Tick
from openalgo_desktop.presentation.book_facts import band, facts
from openalgo_desktop.presentation.book_style import BookStyle

KEY = InstrumentKey(Exchange.NFO, "NIFTY30DEC25FUT")
TICK = Tick(KEY, 0.0, "test", ltp=1100.0, lower_circuit=990.0, upper_circuit=1210.0)


def test_what_is_not_known_is_a_dash() -> None:
    assert {text for _, text in facts(None, BookStyle(), None)} == {"–"}
    assert band(None, BookStyle()) is None
    assert band(TICK._replace(upper_circuit=None), BookStyle()) is None


def test_facts_name_expiry_and_the_reference_of_crypto() -> None:
    contract = Instrument(key=KEY, kind=InstrumentKind.FUTURE, expiry=date(2025, 12, 30))
    said = dict(facts(Tick(KEY, 0.0, "test", close=99.0, average_price=98.5), BookStyle(), contract))
    assert (said["Expiry"], said["Prev close"], said["VWAP"]) == ("30 Dec 2025", "99.00", "98.50")
    rolling = dict(facts(Tick(KEY, 0.0, "test", close=99.0, rolling_24h=True), BookStyle(), None))
    assert rolling["24 h ago"] == "99.00"


def test_the_way_to_each_circuit_is_in_percent_of_the_price_and_in_rupees() -> None:
    found = band(TICK, BookStyle())
    assert found is not None
    assert (found.lower, found.upper) == ("990.00", "1,210.00")
    assert (found.to_lower, found.to_upper) == ("10.00% · 110.00", "10.00% · 110.00")
    assert found.position == pytest.approx(0.5)


@pytest.mark.parametrize(("ltp", "position"), [(990.0, 0.0), (1210.0, 1.0), (1300.0, 1.0), (900.0, 0.0)])
def test_the_meter_ends_at_the_circuits(ltp: float, position: float) -> None:
    found = band(TICK._replace(ltp=ltp), BookStyle())
    assert found is not None
    assert found.position == position


def test_without_a_price_only_the_circuits_are_known() -> None:
    found = band(TICK._replace(ltp=None), BookStyle())
    assert found is not None
    assert (found.lower, found.to_lower) == ("990.00", "–")
