"""What a row answers: tooltip and speech."""

from __future__ import annotations

from market.exchanges import Exchange
from market.freshness import Freshness
from market.instruments import InstrumentKey
from market.ticks import Tick
from openalgo_desktop.presentation.columns import COLUMNS, RowStyle
from openalgo_desktop.presentation.quote_row import QuoteRow
from openalgo_desktop.presentation.row_texts import spoken, tooltip

AT = 1_764_000_000_118.0


def row() -> QuoteRow:
    return QuoteRow(InstrumentKey(Exchange.NSE, "TCS"), RowStyle(), COLUMNS)


def test_tooltip_of_a_row_without_price() -> None:
    waiting = row()
    assert tooltip(waiting, AT) == "NSE:TCS\nno price yet"
    waiting.note = "No feed serves NSE:TCS"
    assert tooltip(waiting, AT) == "NSE:TCS\nNo feed serves NSE:TCS"


def test_tooltip_says_age_source_and_state() -> None:
    stale = row()
    stale.tick = Tick(stale.key, AT, "fyers/ws", ltp=1.0)
    stale.freshness = Freshness.STALE
    assert tooltip(stale, AT + 41_000) == (
        "NSE:TCS\nlast tick 21:30:00.118, 41 s ago, source fyers/ws\n"
        "stale: the feed is not there, this is the last price known"
    )


def test_spoken_has_name_price_change_and_state() -> None:
    said = row()
    said.tick = Tick(said.key, AT, "test", ltp=3150.0, close=3151.0)
    assert spoken(said) == "TCS NSE, LTP 3,150.00, Change −1.00, Change % −0.03%"
    said.freshness = Freshness.STALE
    assert spoken(said).endswith(", stale")
