"""Flags, notes and expired contracts on the board."""

from __future__ import annotations

from datetime import date

import pytest

from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey, InstrumentKind
from market.ticks import Tick, Update
from openalgo_desktop.presentation import row_texts
from openalgo_desktop.presentation.column_catalogue import BY_ID
from openalgo_desktop.presentation.list_lines import QuoteLine
from openalgo_desktop.presentation.quote_board import QuoteBoard
from openalgo_desktop.presentation.row_expiry import expired
from openalgo_desktop.presentation.row_order import Sort

TCS, INFY = InstrumentKey(Exchange.NSE, "TCS"), InstrumentKey(Exchange.NSE, "INFY")
FUTURE = InstrumentKey(Exchange.NFO, "NIFTY28NOV25FUT")
COLUMNS = tuple(BY_ID[each] for each in ("symbol", "ltp", "flag", "note", "expiry"))


def nothing(_key: InstrumentKey) -> Instrument | None:
    return None


@pytest.fixture
def board() -> QuoteBoard:
    return QuoteBoard(COLUMNS)


def test_flag_and_note_are_written_and_change_without_losing_the_price(board: QuoteBoard) -> None:
    board.set_lines([QuoteLine(TCS), QuoteLine(INFY, 3, "stop")], nothing)
    board.apply([Update(Tick(INFY, 0.0, "test", ltp=100.0), 0)])
    board.flush(0, 2, 0.0)
    assert [row.texts for row in board.quotes] == [["–", "–", "", "", "–"], ["–", "100.00", "3", "stop", "–"]]
    board.set_lines([QuoteLine(TCS), QuoteLine(INFY, 0, "go")], nothing)
    assert 1 in board.flush(0, 2, 1.0)
    assert board.quotes[1].texts == ["–", "100.00", "", "go", "–"]
    board.restyle(lambda key: Instrument(key=key, kind=InstrumentKind.EQUITY, tick_size=0.0025))
    board.flush(0, 2, 2.0)
    assert board.quotes[1].texts == ["–", "100.0000", "", "go", "–"]


def test_rows_sort_by_flag_with_those_without_last(board: QuoteBoard) -> None:
    board.set_lines([QuoteLine(TCS), QuoteLine(INFY, 3), QuoteLine(FUTURE, 1)], nothing)
    board.set_sort(Sort("flag"))
    board.arrange()
    assert [row.style.flag for row in board.quotes] == [1, 3, 0]


def test_note_and_flag_are_said(board: QuoteBoard) -> None:
    board.set_lines([QuoteLine(INFY, 3, "stop 182")], nothing)
    assert "note: stop 182" in row_texts.tooltip(board.quotes[0], 0.0)
    assert row_texts.spoken(board.quotes[0]).endswith("flag 3, note stop 182")


def test_contract_that_expired_says_so_from_the_day_after(board: QuoteBoard) -> None:
    board.set_today(date(2025, 11, 28))
    board.set_lines([QuoteLine(FUTURE), QuoteLine(TCS)], nothing)
    row = board.quotes[0]
    board.flush(0, 2, 0.0)
    assert (row.expired, row.says) == ("", "")
    board.set_today(date(2025, 11, 29))
    assert (row.expired, row.says) == ("expired 28 Nov", "expired 28 Nov · Ctrl+R rolls it to the next expiry")
    assert board.flush(0, 2, 1.0) == [0]
    assert board.quotes[1].expired == ""
    board.set_note(FUTURE, "Unknown instrument")
    assert row.says.startswith("expired 28 Nov")
    assert row_texts.spoken(row).endswith("expired 28 Nov")
    board.apply([Update(Tick(FUTURE, 0.0, "test", ltp=26_000.0), 0)])
    assert "expired 28 Nov" in row_texts.tooltip(row, 0.0)


@pytest.mark.parametrize(
    ("expiry", "said"),
    [(date(2025, 11, 28), ""), (date(2025, 11, 27), "expired 27 Nov"), (date(2024, 12, 26), "expired 26 Dec 2024")],
)
def test_year_is_said_where_it_is_another(expiry: date, said: str) -> None:
    assert expired(expiry, date(2025, 11, 28)) == said
    assert expired(None, date(2025, 11, 28)) == expired(expiry, None) == ""
