"""The book's picture: rows, bars, marks, totals."""

from __future__ import annotations

import pytest

from market.exchanges import Exchange
from market.instruments import InstrumentKey
from market.ticks import Depth, Level, Tick
from openalgo_desktop.presentation.book_style import BookStyle
from openalgo_desktop.presentation.columns import RowStyle
from openalgo_desktop.presentation.depth_book import EMPTY, BookPicture, BookWriter, bar_scale, heading, level_choices
from openalgo_desktop.presentation.order_size import FLICKER_MS, Mark

KEY = InstrumentKey(Exchange.NFO, "NIFTY30DEC25FUT")
BOOK = Depth((Level(100.5, 150, 3), Level(100.45, 300)), (Level(100.55, 75, 1),))
TICK = Tick(KEY, 0.0, "test", depth=BOOK)


def picture(tick: Tick | None, *, least: int = 5, most: int = 20) -> BookPicture:
    return BookWriter(BookStyle()).picture(tick, least=least, most=most, now_ms=0.0)


def test_rows_are_bid_left_and_offer_right() -> None:
    shown = picture(TICK)
    bid, ask = shown.rows[0]
    assert (bid.orders, bid.quantity, bid.price, bid.average) == ("3", "150", "100.50", "50")
    assert (ask.orders, ask.quantity, ask.price, ask.average) == ("1", "75", "100.55", "75")
    assert shown.rows[1][0].orders == "–", "a feed that does not count orders is not shown as zero"
    assert shown.rows[1][1] is EMPTY
    assert len(shown.rows) == 5


def test_levels_are_those_that_were_chosen() -> None:
    side = tuple(Level(100.0 - i, 10, 2) for i in range(50))
    tick = TICK._replace(depth=Depth(side, side))
    for most in (5, 20, 50):
        shown = picture(tick, most=most)
        assert (len(shown.rows), shown.sent) == (most, 50)
    assert len(picture(TICK, least=20, most=5).rows) == 5


def test_bar_scale_ignores_one_wall_far_from_the_price() -> None:
    levels = tuple(Level(100 - i, 10) for i in range(20))
    wall = (*levels[:15], Level(84.0, 100_000), *levels[16:])
    assert bar_scale(Depth(wall, levels)) == 10
    near = (Level(100.0, 500), *levels[1:])
    assert bar_scale(Depth(near, levels)) == 500
    assert bar_scale(Depth((), ())) == 1.0


def test_bars_never_pass_the_end() -> None:
    levels = tuple(Level(100 - i, 10 if i != 15 else 1000) for i in range(20))
    shown = picture(TICK._replace(depth=Depth(levels, levels)))
    assert max(bid.bar for bid, _ in shown.rows) == 1.0


def test_large_single_orders_are_marked() -> None:
    levels = tuple(Level(100.0 - i, 1000 if i == 2 else 100, 1 if i == 2 else 5) for i in range(5))
    shown = picture(TICK._replace(depth=Depth(levels, ())))
    assert [bid.mark for bid, _ in shown.rows] == [Mark.NONE, Mark.NONE, Mark.SINGLE, Mark.NONE, Mark.NONE]


def test_a_lot_that_has_just_come_is_young() -> None:
    writer = BookWriter(BookStyle(RowStyle(lot=75)))
    later = TICK._replace(depth=Depth((Level(100.5, 75, 1), *BOOK.buy[1:]), BOOK.sell))
    times = (0.0, 100.0, 100.0 + FLICKER_MS)
    young = [
        writer.picture(tick, least=5, most=5, now_ms=now).rows[0][0].young
        for tick, now in zip((TICK, later, later), times, strict=True)
    ]
    assert young == [False, True, False]


def test_totals_come_from_the_feed_else_from_all_levels_sent() -> None:
    summed = picture(TICK, most=1)
    assert (summed.total_buy, summed.total_sell) == ("450", "75")
    assert summed.buy_share == pytest.approx(450 / 525)
    said = picture(TICK._replace(total_buy_quantity=1_00_000, total_sell_quantity=3_00_000))
    assert (said.total_buy, said.buy_share) == ("1,00,000", 0.25)


def test_picture_of_nothing_is_dashes() -> None:
    shown = picture(None)
    assert (shown.total_buy, shown.buy_share, shown.band, shown.sent) == ("–", None, None, 0)
    assert {text for _, text in shown.facts} == {"–"}


def test_heading_says_levels_exchange_and_source() -> None:
    assert heading(20, 20, "NSE", "zerodha") == "20 levels · NSE · zerodha"
    assert heading(5, 20, "NSE", "zerodha") == "5 of 20 levels · NSE · zerodha"
    assert heading(0, 0, "NSE index", "simulated") == "NSE index · simulated"


@pytest.mark.parametrize(
    ("sent", "offered"), [(5, (5,)), (17, (5, 20)), (20, (5, 20)), (50, (5, 20, 50)), (200, (5, 20, 50))]
)
def test_levels_are_offered_as_far_as_they_are_sent(sent: int, offered: tuple[int, ...]) -> None:
    assert level_choices(sent) == offered
