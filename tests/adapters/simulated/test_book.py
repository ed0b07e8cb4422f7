from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from adapters.simulated.book import LEVELS, Book, Scale
from market.ticks import Level

NSE = Scale(1, 20, 1, 1)
COIN = Scale(1, 1, 0, 100_000)
# Where the best bid goes, in levels.
moves = st.lists(st.integers(-30, 30), max_size=30)


def played(steps: list[int], gap: int, scale: Scale, *, lowest: int = 1, highest: int = 1000) -> Book:
    book = Book(gap, lowest * gap, highest * gap, scale, Random(7))
    bid = 500
    for step in steps:
        bid = max(lowest, min(highest - 1, bid + step))
        book.move(bid * gap, (bid + 1) * gap)
    return book


@given(moves, st.sampled_from([1, 7]), st.sampled_from([NSE, COIN]))
def test_a_book_is_never_crossed_and_has_a_level_every_gap(steps: list[int], gap: int, scale: Scale) -> None:
    book = played([0, *steps], gap, scale)
    depth = book.depth(5)
    assert depth.timestamp == 5
    assert depth.buy[0].price == scale.price(book.buy.best)
    assert depth.sell[0].price == scale.price(book.sell.best)
    assert depth.buy[0].price < depth.sell[0].price
    for levels, step in ((depth.buy, -gap), (depth.sell, gap)):
        best = book.buy.best if step < 0 else book.sell.best
        assert [level.price for level in levels] == [scale.price(best + step * i) for i in range(len(levels))]


@given(moves)
def test_levels_end_at_the_circuits_and_nowhere_else(steps: list[int]) -> None:
    book = played([0, *steps], 1, NSE, lowest=480, highest=520)
    depth = book.depth(0)
    assert len(depth.buy) == min(LEVELS, book.buy.best - 480 + 1)
    assert len(depth.sell) == min(LEVELS, 520 - book.sell.best + 1)


@given(moves)
def test_every_level_has_a_quantity_and_no_more_orders_than_lots(steps: list[int]) -> None:
    depth = played([0, *steps], 1, NSE).depth(0)
    assert all(1 <= level.orders <= level.quantity for level in depth.buy + depth.sell)


def test_a_small_move_keeps_the_other_levels() -> None:
    book = played([0], 1, NSE)
    before = set(book.depth(0).buy)
    book.move(501, 502)
    after = book.depth(0).buy
    assert len(after) == LEVELS
    assert len(set(after) - before) <= 2
    assert isinstance(after[0], Level)
