"""Columns that are pictures have numbers too: pressure, distance to circuits, five minutes, last moves."""

from __future__ import annotations

import pytest

from market.exchanges import Exchange
from market.instruments import InstrumentKey
from market.ticks import Tick, Update
from openalgo_desktop.presentation.column_catalogue import BY_ID
from openalgo_desktop.presentation.quote_board import QuoteBoard
from openalgo_desktop.presentation.quote_row import value_of
from openalgo_desktop.presentation.visual_columns import nearest_circuit, pressure, to_lower, to_upper

KEY = InstrumentKey(Exchange.NSE, "INFY")
TICK = Tick(KEY, 0.0, "test", ltp=100.0, lower_circuit=90.0, upper_circuit=104.5, bid_size=30.0, ask_size=10.0)


def test_pressure_is_of_the_whole_book_where_it_is_known() -> None:
    assert pressure(TICK) == 75.0
    assert pressure(TICK._replace(total_buy_quantity=1.0, total_sell_quantity=3.0)) == 25.0
    assert pressure(TICK._replace(bid_size=None)) is None
    assert pressure(TICK._replace(bid_size=0.0, ask_size=0.0)) is None


def test_circuits_are_so_far_away() -> None:
    assert (to_upper(TICK), to_lower(TICK), nearest_circuit(TICK)) == (4.5, 10.0, 4.5)
    at_it = TICK._replace(ltp=104.5)
    assert to_upper(at_it) == nearest_circuit(at_it) == 0.0
    assert nearest_circuit(TICK._replace(lower_circuit=None)) == 4.5
    unknown = TICK._replace(lower_circuit=None, upper_circuit=None)
    assert to_upper(unknown) is to_lower(unknown) is nearest_circuit(unknown) is None
    assert nearest_circuit(TICK._replace(ltp=105.0)) == 0.0, "beyond it there is no way left"


def test_line_and_moves_are_written_when_they_change_and_only_then() -> None:
    board = QuoteBoard([BY_ID["symbol"], BY_ID["ltp"], BY_ID["spark"], BY_ID["trail"]])
    board.set_keys([KEY], lambda _key: None)
    for number, price in enumerate((200.0, 201.0, 202.0)):
        board.apply([Update(TICK._replace(ltp=price), 14)])
        board.sample(number * 5_000.0)
    board.flush(0, 1, 0.0)
    row = board.rows[0]
    assert row.texts[2:] == ["+1.00%", "+2"]
    board.flush(0, 1, 1.0)
    assert row.changed_cells == []
    board.sample(15_000.0)
    board.flush(0, 1, 2.0)
    assert row.changed_cells == [2]
    board.apply([Update(TICK._replace(ltp=201.0), 14)])
    board.flush(0, 1, 3.0)
    assert 3 in row.changed_cells
    assert value_of(BY_ID["trail"], row) == 1.0


def test_points_are_five_seconds_apart() -> None:
    board = QuoteBoard()
    board.set_keys([KEY], lambda _key: None)
    board.apply([Update(TICK, 14)])
    for second in range(21):
        board.sample(1e12 + second * 1_000.0)
    row = board.row(KEY)
    assert row is not None
    assert row.history.points == 5


@pytest.mark.parametrize("column", ["spark", "trail", "pressure", "circuit", "to_upper", "to_lower"])
def test_what_is_not_known_is_a_dash(column: str) -> None:
    board = QuoteBoard([BY_ID["symbol"], BY_ID[column]])
    board.set_keys([KEY], lambda _key: None)
    board.apply([Update(Tick(KEY, 0.0, "test", ltp=1.0), 14)])
    board.flush(0, 1, 0.0)
    assert board.rows[0].texts[1] == "–"
