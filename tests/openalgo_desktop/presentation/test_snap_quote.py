"""All that is known at one moment, as text."""

from __future__ import annotations

from datetime import date

from market.exchanges import Exchange
from market.freshness import Freshness
from market.instruments import Instrument, InstrumentKey, InstrumentKind
from market.ticks import Tick
from openalgo_desktop.presentation.book_style import BookStyle
from openalgo_desktop.presentation.snap_quote import SnapQuote, columns_of, snap_quote

KEY = InstrumentKey(Exchange.NFO, "NIFTY30DEC25FUT")
CONTRACT = Instrument(key=KEY, kind=InstrumentKind.FUTURE, name="NIFTY", lot=75, expiry=date(2025, 12, 30))
NOW = 1_764_000_000_250.0
TICK = Tick(
    KEY, NOW - 40, "zerodha", ltp=26_100.0, ltt=1_764_000_000_005, close=26_000.0, volume=1_23_45_675,
    bid_price=26_099.9, bid_size=150, ask_price=26_100.1, ask_size=75, lower_circuit=23_490.0, upper_circuit=28_710.0,
)  # fmt: skip


def taken(tick: Tick | None = TICK) -> SnapQuote:
    return snap_quote("NIFTY 30 DEC FUT NFO", tick, BookStyle(), CONTRACT, Freshness.LIVE, NOW)


def test_every_field_is_said() -> None:
    said = dict(taken().lines)
    assert said["LTP"] == "26,100.00"
    assert said["Change"] == "+100.00 (+0.38%)"
    assert said["Volume"] == "1,23,45,675", "in full: it may be copied"
    assert (said["Bid"], said["Ask"]) == ("26,099.90 × 150", "26,100.10 × 75")
    assert said["Upper circuit"] == "28,710.00 (10.00% · 2,610.00)"
    assert (said["Lot"], said["Expiry"], said["Tick size"]) == ("75", "30 Dec 2025", "0.05")
    assert said["Last trade"] == "21:30:00.005"


def test_time_and_source_are_said() -> None:
    assert taken().origin == "zerodha · live · taken 21:30:00.250 IST · last tick 0.0 s before"
    ours = snap_quote("X", TICK._replace(source="simulated"), BookStyle(), None, Freshness.SIMULATED, NOW)
    assert ours.origin.startswith("simulated · taken"), "a word is said once"
    assert taken(None).origin == "nothing was heard by 21:30:00.250 IST"


def test_unknown_is_a_dash_and_never_zero() -> None:
    said = dict(taken(None).lines)
    assert (said["LTP"], said["Bid"], said["Lower circuit"]) == ("–", "– × –", "–")


def test_a_side_without_orders_has_no_price() -> None:
    assert dict(taken(TICK._replace(ask_price=0.0, ask_size=0)).lines)["Ask"] == "– × 0"


def test_text_has_a_tab_between_name_and_value() -> None:
    lines = taken().as_text().splitlines()
    assert lines[0] == "NIFTY 30 DEC FUT NFO"
    assert "LTP\t26,100.00" in lines
    assert lines[-1].startswith("zerodha")


def test_columns_are_as_long_as_each_other() -> None:
    first, second = columns_of(taken().lines)
    assert 0 <= len(first) - len(second) <= 1
    assert (*first, *second) == taken().lines
