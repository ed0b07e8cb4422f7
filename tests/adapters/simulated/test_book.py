from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from adapters.simulated.book import Book, Scale, Shape
from market.ticks import Level

NSE = Scale(1, 20, 1, 1)
COIN = Scale(1, 1, 0, 100_000)
LEVELS = 20
TWENTY = Shape(LEVELS)
# Where the best bid goes, in levels.
moves = st.lists(st.integers(-30, 30), max_size=30)


def played(
    steps: list[int], gap: int, scale: Scale, *, lowest: int = 1, highest: int = 1000, shape: Shape = TWENTY
) -> Book:
    book = Book(gap, lowest * gap, highest * gap, scale, shape, Random(7))
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


@given(moves, st.sampled_from([5, 20, 50]))
def test_a_book_is_as_deep_as_it_is_told(steps: list[int], levels: int) -> None:
    book = played([0, *steps], 1, NSE, lowest=1, highest=1000, shape=Shape(levels))
    depth = book.depth(0)
    assert len(depth.buy) == min(levels, book.buy.best)
    assert len(depth.sell) == min(levels, 1000 - book.sell.best + 1)


def test_a_book_without_counts_says_so_on_every_level() -> None:
    depth = played([0, 1, 2, 1], 1, COIN, shape=Shape(50, counts_orders=False)).depth(0)
    assert {level.orders for level in depth.buy + depth.sell} == {0}


def test_a_long_day_shows_what_readers_of_counts_look_for() -> None:
    book = played([0], 1, NSE, shape=Shape(50))
    single = crowd = blips = 0
    lone: set[float] = set()
    for number in range(4_000):
        book.move(500 + number % 3, 501 + number % 3)
        levels = book.depth(0).buy + book.depth(0).sell
        single += any(level.orders == 1 and level.quantity > 500 for level in levels)
        crowd += any(level.orders > 20 and level.quantity < 2 * level.orders for level in levels)
        now = {level.price for level in levels if level.quantity == 1}
        blips += len(lone - now)
        lone = now
    assert min(single, crowd, blips) > 20
