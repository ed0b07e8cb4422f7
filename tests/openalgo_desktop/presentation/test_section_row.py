"""Sections on the board: order within each, folding, filtering, averages, and where a drop goes."""

from __future__ import annotations

import pytest

from market.instruments import InstrumentKey
from market.ticks import Update
from openalgo_desktop.presentation import row_texts
from openalgo_desktop.presentation.list_lines import Line, QuoteLine, SectionKey, SectionLine
from openalgo_desktop.presentation.quote_board import QuoteBoard
from openalgo_desktop.presentation.row_order import Sort
from openalgo_desktop.presentation.section_row import AVERAGE_EVERY_MS, SectionRow
from tests.doubles.random_market import RandomMarket

MARKET = RandomMarket(7)
KEYS = MARKET.keys


def lines(*, folded: bool = False) -> list[Line]:
    a, b, c, d, e, *_ = (QuoteLine(key) for key in KEYS)
    return [a, SectionLine(1, "Banks", folded), b, c, SectionLine(2, "Empty"), SectionLine(3, "Rest"), d, e]


@pytest.fixture
def board() -> QuoteBoard:
    made = QuoteBoard()
    made.set_lines(lines(), MARKET.find)
    return made


def price(key: InstrumentKey, ltp: float, close: float = 100.0) -> Update:
    tick = next(update.tick for update in MARKET.open_all(1_764_000_000_000.0) if update.tick.key == key)
    return Update(tick._replace(ltp=ltp, close=close), 0)


def shape(board: QuoteBoard) -> str:
    letters = dict(zip(KEYS, "abcdefg", strict=True))
    return " ".join(f"[{row.name}]" if isinstance(row, SectionRow) else letters[row.key] for row in board.rows)


def test_titles_stand_among_the_rows(board: QuoteBoard) -> None:
    assert shape(board) == "a [Banks] b c [Empty] [Rest] d e"
    assert len(board.quotes) == 5
    assert board.index(SectionKey(2)) == 4
    assert board.index(KEYS[2]) == 3


def test_folded_section_shows_its_title_alone(board: QuoteBoard) -> None:
    board.set_lines(lines(folded=True), MARKET.find)
    assert shape(board) == "a [Banks] [Empty] [Rest] d e"
    assert [row.key for row in board.listed] == KEYS[:5]
    assert board.rows[1].size == "2"  # type: ignore[union-attr]


def test_rows_sort_within_their_section(board: QuoteBoard) -> None:
    board.apply([price(key, ltp) for key, ltp in zip(KEYS[:5], (1.0, 3.0, 2.0, 5.0, 4.0), strict=True)])
    board.set_sort(Sort("ltp"))
    board.arrange()
    assert shape(board) == "a [Banks] c b [Empty] [Rest] e d"


def test_filter_opens_folded_sections_and_hides_those_without_a_match(board: QuoteBoard) -> None:
    board.set_lines(lines(folded=True), MARKET.find)
    board.set_filter(lambda row: row.key == KEYS[2])
    board.arrange()
    assert shape(board) == "[Banks] c"
    board.arrange(keep=KEYS[4])
    assert shape(board) == "[Banks] c [Rest] e"


def test_average_is_that_of_the_known_changes_and_moves_once_a_second(board: QuoteBoard) -> None:
    title = board.rows[1]
    assert isinstance(title, SectionRow)
    board.flush(0, 8, 0.0)
    assert title.text == ""
    board.apply([price(KEYS[1], 103.0), price(KEYS[0], 500.0)])
    board.flush(0, 8, AVERAGE_EVERY_MS - 1)
    assert title.text == ""
    assert 1 in board.flush(0, 8, AVERAGE_EVERY_MS)
    assert (title.text, title.direction) == ("+3.00%", 1)
    board.apply([price(KEYS[2], 95.0)])
    board.flush(0, 8, 2 * AVERAGE_EVERY_MS)
    assert (title.text, title.direction) == ("−1.00%", -1)
    assert 1 not in board.flush(0, 8, 3 * AVERAGE_EVERY_MS)
    assert row_texts.spoken(title) == "section Banks, 2 instruments, on average −1.00% today"
    title.collapsed = True
    assert row_texts.spoken(title).endswith(", folded")
    assert "unfold" in row_texts.tooltip(title, 0.0)


def test_place_of_a_drop_counts_titles_and_folded_rows(board: QuoteBoard) -> None:
    assert [board.line_before(at) for at in (0, 1, 2, 5, 8)] == [0, 1, 2, 5, 8]
    board.set_lines(lines(folded=True), MARKET.find)
    assert [board.line_before(at) for at in (1, 2, 3, 6)] == [1, 4, 5, 8]
    folded_last = [QuoteLine(KEYS[0]), SectionLine(1, "Banks", collapsed=True), QuoteLine(KEYS[1])]
    board.set_lines(folded_last, MARKET.find)
    assert board.line_before(2) == 3
    board.set_lines([], MARKET.find)
    assert board.line_before(0) == 0


def test_titles_and_rows_that_stay_keep_what_they_know(board: QuoteBoard) -> None:
    board.apply([price(KEYS[1], 103.0)])
    before = board.rows[1], board.rows[2]
    renamed = [SectionLine(1, "Lenders"), QuoteLine(KEYS[1])]
    board.set_lines(renamed, MARKET.find)
    assert (board.rows[0], board.rows[1]) == before
    assert board.rows[0].name == "Lenders"  # type: ignore[union-attr]
