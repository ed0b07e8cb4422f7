"""The board: what changes, what flashes, what goes stale, and that hidden rows cost nothing."""

from __future__ import annotations

from datetime import date

import pytest

from market.exchanges import Exchange
from market.freshness import Freshness
from market.instruments import Instrument, InstrumentKey, InstrumentKind
from market.ticks import Tick, Update
from openalgo_desktop.presentation import flash
from openalgo_desktop.presentation.columns import COLUMNS
from openalgo_desktop.presentation.formats import NumberStyle
from openalgo_desktop.presentation.quote_board import QuoteBoard

INFY = InstrumentKey(Exchange.NSE, "INFY")
TCS = InstrumentKey(Exchange.NSE, "TCS")
NUMBER = {column.id: number for number, column in enumerate(COLUMNS)}


@pytest.fixture
def board() -> QuoteBoard:
    board = QuoteBoard()
    board.set_keys([INFY, TCS], lambda key: None)
    return board


def put(board: QuoteBoard, key: InstrumentKey = INFY, **fields: float) -> None:
    board.apply([Update(Tick(key, 1000.0, "test", **fields), 0)])  # type: ignore[arg-type]


def text(board: QuoteBoard, column: str, *, row: int = 0) -> str:
    return board.rows[row].texts[NUMBER[column]]


def test_new_row_shows_unknown_everywhere(board: QuoteBoard) -> None:
    assert board.flush(0, 2, 0.0) == [0, 1]
    assert set(board.rows[0].texts) == {"–"}


def test_flush_formats_changed_cells_only(board: QuoteBoard) -> None:
    put(board, ltp=100.0, close=90.0)
    board.flush(0, 2, 0.0)
    put(board, ltp=100.0, close=90.0, volume=123456)
    assert board.flush(0, 2, 100.0) == [0]
    assert board.rows[0].changed_cells == [NUMBER["volume"]]
    assert text(board, "volume") == "1.23 L"
    assert board.flush(0, 2, 200.0) == []


def test_rows_off_screen_are_not_formatted_and_come_up_without_flash(board: QuoteBoard) -> None:
    put(board, ltp=100.0)
    put(board, TCS, ltp=3000.0)
    board.flush(0, 1, 0.0)
    assert text(board, "ltp", row=1) == "–"
    put(board, TCS, ltp=3100.0)
    board.flush(0, 1, 100.0)
    board.flush(0, 2, 200.0)
    assert text(board, "ltp", row=1) == "3,100.00"
    assert board.rows[1].flash_steps == [0] * len(COLUMNS)


def test_row_that_was_scrolled_away_comes_back_without_flash(board: QuoteBoard) -> None:
    put(board, TCS, ltp=3000.0)
    board.flush(0, 2, 0.0)
    board.flush(0, 1, 100.0)
    put(board, TCS, ltp=3100.0)
    board.flush(0, 2, 200.0)
    assert text(board, "ltp", row=1) == "3,100.00"
    assert board.rows[1].flash_steps == [0] * len(COLUMNS)


def test_change_of_direction_repaints_the_row_and_colours_it(board: QuoteBoard) -> None:
    put(board, ltp=100.0, close=99.0)
    board.flush(0, 2, 0.0)
    assert board.rows[0].direction == 1
    put(board, ltp=98.0, close=99.0)
    board.flush(0, 2, 100.0)
    assert board.rows[0].direction == -1
    assert board.rows[0].changed_cells == list(range(len(COLUMNS)))


def test_change_that_reads_zero_has_no_direction(board: QuoteBoard) -> None:
    put(board, ltp=254.35000000000002, close=254.35)
    board.flush(0, 2, 0.0)
    assert (text(board, "change"), board.rows[0].direction) == ("0.00", 0)


def test_restyle_writes_the_digits_of_the_tick_size(board: QuoteBoard) -> None:
    put(board, ltp=89.3125)
    board.flush(0, 2, 0.0)
    contract = Instrument(key=INFY, kind=InstrumentKind.FUTURE, tick_size=0.0025)
    board.restyle(lambda key: contract if key == INFY else None)
    assert board.flush(0, 2, 100.0) == [0]
    assert text(board, "ltp") == "89.3125"


def test_flash_is_on_the_changed_cell_and_fades_to_nothing(board: QuoteBoard) -> None:
    put(board, ltp=100.0, bid_price=99.0)
    board.flush(0, 2, 0.0)
    put(board, ltp=101.0, bid_price=99.0)
    board.flush(0, 2, 1000.0)
    row, ltp = board.rows[0], NUMBER["ltp"]
    assert (row.flash_signs[ltp], row.flash_steps[ltp]) == (1, flash.STEPS)
    assert row.flash_steps[NUMBER["bid"]] == 0
    board.flush(0, 2, 1300.0)
    assert 0 < row.flash_steps[ltp] < flash.STEPS
    assert row.changed_cells == [ltp]
    board.flush(0, 2, 1450.0)
    assert row.flash_steps[ltp] == 0
    assert row.changed_cells == [ltp]
    assert board.flush(0, 2, 1500.0) == []


def test_flash_starts_at_most_once_in_a_quarter_second(board: QuoteBoard) -> None:
    put(board, ltp=100.0)
    board.flush(0, 2, 0.0)
    for now, price in ((1000.0, 101.0), (1240.0, 99.0), (1250.0, 98.0)):
        put(board, ltp=price)
        board.flush(0, 2, now)
        if now == 1240.0:
            assert board.rows[0].flash_signs[NUMBER["ltp"]] == 1
    assert board.rows[0].flash_signs[NUMBER["ltp"]] == -1


def test_first_price_does_not_flash(board: QuoteBoard) -> None:
    board.flush(0, 2, 0.0)
    put(board, ltp=100.0)
    board.flush(0, 2, 100.0)
    assert board.rows[0].flash_steps[NUMBER["ltp"]] == 0


def test_no_flash_where_flashing_is_off(board: QuoteBoard) -> None:
    board.writer.flashing = False
    for now, price in ((0.0, 100.0), (1000.0, 101.0)):
        put(board, ltp=price)
        board.flush(0, 2, now)
    assert board.rows[0].flash_steps[NUMBER["ltp"]] == 0


def test_stale_row_is_painted_again_and_keeps_its_price(board: QuoteBoard) -> None:
    put(board, ltp=100.0)
    board.flush(0, 2, 0.0)
    board.set_freshness(lambda tick: Freshness.STALE)
    assert board.flush(0, 2, 1000.0) == [0]
    assert board.rows[0].stale
    assert not board.rows[1].stale, "a row without a price has nothing to be stale"
    assert text(board, "ltp") == "100.00"
    board.set_freshness(lambda tick: Freshness.LIVE)
    assert board.flush(0, 2, 2000.0) == [0]


def test_quiet_row_is_not_painted_again(board: QuoteBoard) -> None:
    put(board, ltp=100.0)
    board.flush(0, 2, 0.0)
    board.set_freshness(lambda tick: Freshness.QUIET)
    assert board.flush(0, 2, 1000.0) == []


def test_set_keys_keeps_values_of_rows_that_stay(board: QuoteBoard) -> None:
    put(board, ltp=100.0)
    board.set_keys([TCS, INFY], lambda key: None)
    board.flush(0, 2, 0.0)
    assert [row.key for row in board.rows] == [TCS, INFY]
    assert text(board, "ltp", row=1) == "100.00"
    board.set_keys([TCS], lambda key: None)
    assert INFY not in board
    assert board.index(TCS) == 0
    assert board.index(INFY) is None


def test_number_style_changes_every_text(board: QuoteBoard) -> None:
    put(board, ltp=1234567.0)
    board.flush(0, 2, 0.0)
    board.set_numbers(NumberStyle.INTERNATIONAL)
    board.flush(0, 2, 100.0)
    assert text(board, "ltp") == "1,234,567.00"
    assert board.rows[0].flash_steps[NUMBER["ltp"]] == 0


def test_note_is_painted_once(board: QuoteBoard) -> None:
    board.flush(0, 2, 0.0)
    board.set_note(INFY, "no feed serves it")
    assert board.flush(0, 2, 100.0) == [0]
    board.set_note(INFY, "no feed serves it")
    assert board.flush(0, 2, 200.0) == []


def test_contract_says_its_last_day_on_that_day_only() -> None:
    key = InstrumentKey(Exchange.NFO, "NIFTY30DEC25FUT")
    instrument = Instrument(key=key, kind=InstrumentKind.FUTURE, expiry=date(2025, 12, 30))
    board = QuoteBoard()
    board.set_keys([key], {key: instrument}.get)
    for day, last, gone in ((29, False, ""), (30, True, ""), (31, False, "expired 30 Dec")):
        board.set_today(date(2025, 12, day))
        assert (board.listed[0].expires_today, board.listed[0].expired) == (last, gone)


def test_doubtful_rows_are_counted(board: QuoteBoard) -> None:
    put(board, ltp=1.0)
    put(board, TCS, ltp=1.0)
    assert board.doubtful == 0
    board.set_freshness(lambda tick: Freshness.FROZEN if tick.key == TCS else Freshness.QUIET)
    assert board.doubtful == 1
