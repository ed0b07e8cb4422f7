"""Time and sales: newest first, the same ms on one line, small ones left out, still while somebody reads."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openalgo_desktop.presentation.tape import MOST_KEPT, STRONGEST, Tape, TapePlace, step_size
from openalgo_desktop.presentation.trade_side import BOUGHT, SOLD, Print

prints = st.lists(
    st.builds(
        Print,
        st.integers(0, 8).map(float),
        st.sampled_from([99.95, 100.0]),
        st.integers(1, 99),
        st.sampled_from([-1, 1]),
    ),
    max_size=80,
)


def tape_of(*quantities: float, side: int = BOUGHT) -> Tape:
    tape = Tape()
    for number, quantity in enumerate(quantities):
        tape.add(Print(float(number), 100.0, quantity, side))
    return tape


def sizes(tape: Tape) -> list[float]:
    return [sale.trade.quantity for sale in tape.lines(0, 100)]


def test_the_newest_is_on_top() -> None:
    assert sizes(tape_of(1, 2, 3)) == [3, 2, 1]
    assert [sale.trade.quantity for sale in tape_of(1, 2, 3).lines(1, 5)] == [2, 1]


def test_trades_of_the_same_moment_price_and_side_are_one_line() -> None:
    tape = Tape()
    for price, quantity, side in ((100.0, 10, BOUGHT), (100.0, 5, BOUGHT), (100.0, 7, SOLD), (99.95, 1, SOLD)):
        tape.add(Print(5.0, price, quantity, side))
    tape.add(Print(6.0, 99.95, 2, SOLD))
    assert [(sale.trade.quantity, sale.prints) for sale in tape.lines(0, 9)] == [(2, 1), (1, 1), (7, 1), (15, 2)]
    assert tape.total == 5


@given(prints, st.integers(0, 200))
def test_the_filter_leaves_out_what_is_smaller_whenever_it_is_set(trades: list[Print], least: int) -> None:
    before, after = Tape(), Tape()
    before.set_least(least)
    for trade in trades:
        before.add(trade)
        after.add(trade)
    after.set_least(least)
    assert [sale.trade for sale in before.all_lines()] == [sale.trade for sale in after.all_lines()]
    assert all(sale.trade.quantity >= least for sale in before.all_lines())
    after.set_least(0)
    assert sum(sale.trade.quantity for sale in after.all_lines()) == sum(trade.quantity for trade in trades)
    assert sum(sale.prints for sale in after.all_lines()) == len(trades)


def test_strength_follows_the_rank_and_one_whale_fades_nobody() -> None:
    tape = tape_of(*range(1, 101))
    tape.add(Print(1000.0, 100.0, 1e9, BOUGHT))
    for number, (quantity, strength) in enumerate(((30, 0), (60, 1), (80, 2), (94, 3), (1e10, STRONGEST))):
        tape.add(Print(2000.0 + number, 100.0, quantity, BOUGHT))
        assert tape.lines(0, 1)[0].strength == strength


def test_the_first_trade_has_nothing_to_be_compared_with() -> None:
    assert tape_of(5).lines(0, 1)[0].strength == 0


def test_it_does_not_grow_without_end() -> None:
    tape = Tape()
    for number in range(MOST_KEPT + 500):
        tape.add(Print(float(number), 100.0, number, SOLD))
    assert len(tape) == MOST_KEPT
    assert len(tape._ranked) == len(tape._recent) == 500
    assert tape.lines(0, 1)[0].strength == STRONGEST


def test_what_is_read_stands_still_and_what_is_missed_is_counted() -> None:
    tape = tape_of(*range(50))
    place = TapePlace(tape)
    place.scroll(5, 10)
    seen = place.lines(10)
    assert [sale.trade.quantity for sale in seen] == list(range(44, 34, -1))
    for number in range(214):
        tape.add(Print(1000.0 + number, 100.0, 1, SOLD))
    assert place.lines(10) == seen
    assert (place.paused, place.missed) == (True, 214)
    place.resume()
    assert (place.paused, place.missed) == (False, 0)
    assert place.lines(1)[0].trade.ms == 1213.0


def test_scrolling_ends_at_the_oldest_and_goes_on_at_the_newest() -> None:
    place = TapePlace(tape_of(*range(50)))
    place.scroll(1_000, 10)
    assert place.lines(10)[-1].trade.quantity == 0
    place.scroll(-1_000, 10)
    assert not place.paused
    short = TapePlace(tape_of(1, 2))
    short.scroll(3, 10)
    assert not short.paused, "what fits needs no scrolling"


@pytest.mark.parametrize(
    ("least", "steps", "lot", "found"),
    [(0, 1, 75, 75), (75, 1, 75, 150), (150, 1, 75, 375), (75, -1, 75, 0), (0, -3, 1, 0), (10, 1, 1, 20)],
)
def test_sizes_of_the_filter_are_lots(least: float, steps: int, lot: float, found: float) -> None:
    assert step_size(least, steps, lot) == pytest.approx(found)
