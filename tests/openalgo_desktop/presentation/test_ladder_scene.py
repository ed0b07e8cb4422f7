"""A ladder's rows: what rests where, the last price, circuits, what a row means."""

from __future__ import annotations

import pytest

from market.exchanges import Exchange
from market.instruments import InstrumentKey
from market.ticks import Depth, Level, Tick
from openalgo_desktop.presentation.book_style import BookStyle
from openalgo_desktop.presentation.columns import RowStyle
from openalgo_desktop.presentation.ladder_position import Inside
from openalgo_desktop.presentation.ladder_scene import NO_CELL, LadderScene, Line
from openalgo_desktop.presentation.order_size import Mark
from openalgo_desktop.presentation.trade_side import BOUGHT, SOLD, Print

KEY = InstrumentKey(Exchange.NSE, "INFY")
BOOK = Depth(
    (Level(100.00, 150, 3), Level(99.95, 300, 2), Level(99.80, 75, 0)),
    (Level(100.05, 50, 1), Level(100.10, 100, 4)),
)
TICK = Tick(KEY, 0.0, "test", ltp=100.05, depth=BOOK, lower_circuit=99.7, upper_circuit=100.2)


def scene(tick: Tick | None = TICK, *, lot: float = 1.0) -> LadderScene:
    made = LadderScene()
    made.begin(BookStyle(RowStyle(lot=lot)))
    made.set_book(tick, 0.0)
    return made


def line(found: LadderScene, row: int) -> Line:
    return found.lines(row, 1)[0]


def test_rows_go_down_in_price() -> None:
    assert [each.price for each in scene().lines(2002, 3)] == ["100.10", "100.05", "100.00"]


def test_each_side_rests_on_its_own_rows() -> None:
    best_bid, best_ask = line(scene(), 2000), line(scene(), 2001)
    assert (best_bid.bid.quantity, best_bid.bid.orders, best_bid.ask) == ("150", "3", NO_CELL)
    assert (best_ask.ask.quantity, best_ask.ask.orders, best_ask.bid) == ("50", "1", NO_CELL)
    assert line(scene(), 1996).bid.orders == "–"
    assert (line(scene(), 1999).bid.bar, best_bid.bid.bar) == (1.0, 0.5)


def test_cumulative_runs_from_the_best_price_outwards() -> None:
    assert [line(scene(), row).bid.cumulative for row in (2000, 1999, 1998, 1996)] == ["150", "450", "", "525"]
    assert [line(scene(), row).ask.cumulative for row in (2001, 2002)] == ["50", "150"]


def test_grouping_adds_up_and_keeps_the_sides_apart() -> None:
    found = scene()
    found.set_group(5)
    assert (line(found, 400).bid.quantity, line(found, 400).price) == ("150", "100.00")
    assert line(found, 399).bid.quantity == "375"
    assert (line(found, 401).ask.quantity, line(found, 401).ask.orders) == ("150", "5")
    assert found.inside == Inside(400, 401)
    assert found.row_height_text == "0.25 a row"


def test_the_last_price_stands_on_the_side_at_which_it_traded() -> None:
    found = scene()
    assert found.last_row == 2001
    found.set_group(5)
    assert found.last_row == 401
    found.set_book(TICK._replace(ltp=100.0), 0.0)
    assert found.last_row == 400


def test_circuits_are_walls() -> None:
    found = scene()
    assert found.walls == (1994, 2004)
    assert [line(found, row).beyond for row in (2005, 2004, 1994, 1993)] == [True, False, False, True]
    assert scene(TICK._replace(lower_circuit=None, upper_circuit=None)).walls == (None, None)


def test_no_price_is_below_zero_unless_the_market_is() -> None:
    bare = TICK._replace(lower_circuit=None, upper_circuit=None)
    assert [line(scene(bare), row).beyond for row in (1, 0, -1)] == [False, True, True]
    assert not line(scene(bare._replace(ltp=-37.63)), -1).beyond


def test_at_a_circuit_one_side_is_enough_to_stand_by() -> None:
    assert scene(TICK._replace(depth=Depth(BOOK.buy, ()))).inside == Inside(2000, 2001)
    assert scene(TICK._replace(depth=Depth((), BOOK.sell))).inside == Inside(2000, 2001)
    assert scene(TICK._replace(depth=None)).inside == Inside(2001, 2001)
    assert scene(None).inside is None


def test_traded_quantities_stand_at_their_price_on_their_side() -> None:
    found = scene()
    found.take([Print(0.0, 100.05, 40, BOUGHT), Print(0.0, 100.05, 5, SOLD), Print(0.0, 99.0, 7, SOLD)])
    assert (line(found, 2001).bid.traded, line(found, 2001).ask.traded) == ("5", "40")
    assert line(found, 1980).bid.traded == "7"
    found.set_group(5)
    assert line(found, 400).ask.traded == "40"


def test_pulling_and_stacking_have_their_sign() -> None:
    found = scene()
    more = Depth((Level(100.0, 500, 3), Level(99.95, 100, 2), Level(99.80, 75, 0)), BOOK.sell)
    found.set_book(TICK._replace(depth=more), 100.0)
    stacked, pulled = line(found, 2000).bid, line(found, 1999).bid
    assert (stacked.change, stacked.change_sign) == ("+350", 1)
    assert (pulled.change, pulled.change_sign) == ("−200", -1)
    assert line(found, 1996).bid.change == ""


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (1999, "99.95  cumulative to here: 450 @ avg 99.97"),
        (2002, "100.10  cumulative to here: 150 @ avg 100.08"),
        (1998, "99.90  cumulative to here: 450 @ avg 99.97"),
    ],
)
def test_a_row_says_how_far_an_order_would_reach(row: int, said: str) -> None:
    assert scene().said(row) == said


def test_a_single_lot_that_has_just_come_is_young_in_single_ticks_only() -> None:
    found = scene(lot=75)
    lone = Depth((Level(100.0, 75, 1), *BOOK.buy[1:]), BOOK.sell)
    found.set_book(TICK._replace(depth=lone), 100.0)
    assert line(found, 2000).bid.young
    assert found.has_young
    found.set_group(5)
    assert not found.has_young


def test_a_sparse_book_begins_with_coarser_rows() -> None:
    sparse = Depth(tuple(Level(100.0 - i, 10) for i in range(5)), tuple(Level(101.0 + i, 10) for i in range(5)))
    assert scene(TICK._replace(depth=sparse)).group == 25
    assert scene(None).group == 0, "without a book nothing is decided"


def test_size_of_orders_and_single_large_ones() -> None:
    assert line(scene(), 1999).bid.average == "150"
    buy = tuple(Level(100.0 - i * 0.05, 1000 if i == 2 else 100, 1 if i == 2 else 5) for i in range(5))
    marked = scene(TICK._replace(depth=Depth(buy, ())))
    assert [line(marked, row).bid.mark for row in (2000, 1998)] == [Mark.NONE, Mark.SINGLE]


def test_other_numbers_are_written_at_once() -> None:
    found = scene(lot=50)
    assert line(found, 2000).bid.quantity == "150"
    found.restyle(BookStyle(RowStyle(lot=50), in_lots=True))
    assert line(found, 2000).bid.quantity == "3"
