"""Copied rows: raw numbers for a spreadsheet, or what the screen says."""

from __future__ import annotations

from market.exchanges import Exchange
from market.instruments import InstrumentKey
from market.ticks import Tick
from openalgo_desktop.presentation.columns import COLUMNS, RowStyle
from openalgo_desktop.presentation.quote_row import QuoteRow
from openalgo_desktop.presentation.row_export import tab_separated

SHOWN = [column for column in COLUMNS if column.id in ("symbol", "ltp", "change_percent", "volume", "oi")]


def rows() -> list[QuoteRow]:
    made = QuoteRow(InstrumentKey(Exchange.NSE, "INFY"), RowStyle(), COLUMNS)
    made.tick = Tick(made.key, 0.0, "test", ltp=123402.7, close=123000.0, volume=7_082_847)
    return [made, QuoteRow(InstrumentKey(Exchange.NSE_INDEX, "NIFTY"), RowStyle(), COLUMNS)]


def test_raw_numbers_have_no_separators_and_unknown_is_empty() -> None:
    assert tab_separated(rows(), SHOWN, formatted=False) == (
        "Instrument\tLTP\tChange %\tVolume\tOI\nNSE:INFY\t123402.7\t0.32739837\t7082847\t\nNSE_INDEX:NIFTY\t\t\t\t\n"
    )


def test_formatted_is_what_the_screen_says() -> None:
    assert tab_separated(rows(), SHOWN, formatted=True) == (
        "Instrument\tLTP\tChange %\tVolume\tOI\n"
        "INFY NSE\t1,23,402.70\t+0.33%\t70.83 L\t–\n"
        "NIFTY NSE index\t–\t–\t–\t–\n"
    )
