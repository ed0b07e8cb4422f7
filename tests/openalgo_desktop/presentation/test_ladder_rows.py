"""Prices gathered into rows: bids and offers never meet, nothing is lost, cumulative sums agree with the levels."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.ticks import Depth, Level
from openalgo_desktop.presentation.book_reach import reach
from openalgo_desktop.presentation.ladder_rows import (
    GROUPS,
    Rung,
    ask_row,
    bid_row,
    first_group,
    in_ticks,
    levels_up_to,
    rungs,
    step_group,
)

TICK = 0.05
groups = st.sampled_from(GROUPS)


@st.composite
def books(draw: st.DrawFn) -> Depth:
    """A book on ticks of five paise, best levels first, never crossed."""
    bid = draw(st.integers(1_000, 400_000))
    ask = bid + draw(st.integers(1, 40))

    def side(best: int, sign: int) -> tuple[Level, ...]:
        gaps = draw(st.lists(st.tuples(st.integers(1, 30), st.integers(1, 10**6), st.integers(0, 99)), max_size=50))
        ticks, levels = best, []
        for number, (gap, quantity, orders) in enumerate(gaps):
            ticks += sign * gap if number else 0
            levels.append(Level(ticks * TICK, quantity, orders))
        return tuple(levels)

    return Depth(side(bid, -1), side(ask, 1))


@given(st.integers(1, 10**7), st.integers(1, 500), groups)
def test_a_bid_and_an_offer_never_share_a_row(bid: int, gap: int, group: int) -> None:
    assert bid_row(bid, group) < ask_row(bid + gap, group)


@given(st.integers(1, 10**7), groups)
def test_a_bid_is_never_shown_above_its_price_nor_an_offer_below(ticks: int, group: int) -> None:
    assert ticks - group < bid_row(ticks, group) * group <= ticks
    assert ticks <= ask_row(ticks, group) * group < ticks + group


@given(books(), groups)
def test_gathering_loses_nothing_and_keeps_the_order(book: Depth, group: int) -> None:
    for levels, is_ask in ((book.buy, False), (book.sell, True)):
        found = rungs(levels, TICK, group, is_ask=is_ask)
        assert sum(rung.quantity for rung in found.values()) == sum(level.quantity for level in levels)
        assert sum(rung.orders for rung in found.values()) == sum(level.orders for level in levels)
        assert list(found) == sorted(found, reverse=not is_ask), "the best row comes first"


@given(books(), groups, st.data())
def test_cumulative_to_a_row_is_that_of_the_levels_up_to_it(book: Depth, group: int, data: st.DataObject) -> None:
    is_ask = data.draw(st.booleans())
    levels = book.sell if is_ask else book.buy
    found = rungs(levels, TICK, group, is_ask=is_ask)
    if not found:
        return
    row = data.draw(st.sampled_from(list(found)))
    upto = levels_up_to(levels, TICK, group, row, is_ask=is_ask)
    rows = list(found)
    total = sum(found[each].quantity for each in rows[: rows.index(row) + 1])
    reached = reach(upto)
    assert reached is not None
    assert reached.quantity == total
    assert min(level.price for level in upto) - 1e-6 <= reached.average <= max(level.price for level in upto) + 1e-6


def test_rows_of_five_ticks() -> None:
    buy = (Level(100.20, 10, 1), Level(100.05, 20, 2), Level(100.0, 30, 3), Level(99.95, 40, 4))
    assert rungs(buy, TICK, 5, is_ask=False) == {400: Rung(60, 6), 399: Rung(40, 4)}
    sell = (Level(100.25, 5, 1), Level(100.30, 7, 0))
    assert rungs(sell, TICK, 5, is_ask=True) == {401: Rung(5, 1), 402: Rung(7, 0)}


@pytest.mark.parametrize(("price", "size", "ticks"), [(1187.6, 0.1, 11876), (0.3, 0.1, 3), (88.3025, 0.0025, 35321)])
def test_prices_are_whole_numbers_of_ticks(price: float, size: float, ticks: int) -> None:
    assert in_ticks(price, size) == ticks


@given(groups, st.integers(-20, 20))
def test_steps_stay_among_the_groups(group: int, steps: int) -> None:
    stepped = step_group(group, steps)
    assert stepped in GROUPS
    assert (stepped - group) * steps >= 0


def test_the_first_group_shows_the_best_five_of_both_sides() -> None:
    near = Depth(
        tuple(Level(100 - i * TICK, 1) for i in range(20)), tuple(Level(100.05 + i * TICK, 1) for i in range(20))
    )
    assert first_group(near, TICK) == 1
    sparse = Depth(tuple(Level(100.0 - i, 1) for i in range(5)), tuple(Level(101.0 + i, 1) for i in range(5)))
    assert first_group(sparse, TICK) == 25
    assert first_group(Depth((), ()), TICK) == 1
    far = Depth((Level(1.0, 1),), (Level(1e6, 1),))
    assert first_group(far, TICK) == GROUPS[-1]
