"""What order counts say: one large order, a crowd, and a lot that has only just appeared."""

from __future__ import annotations

import pytest

from market.ticks import Depth, Level
from openalgo_desktop.presentation.order_size import FLICKER_MS, Flicker, Mark, average_size, mark, usual

ORDINARY = tuple(Level(100.0 - i, 100, 5) for i in range(9))


def marked(level: Level) -> Mark:
    return mark(level, usual(Depth((*ORDINARY, level), ORDINARY)))


def test_size_of_an_order_is_unknown_without_counts() -> None:
    assert average_size(Level(100.0, 300, 4)) == 75
    assert average_size(Level(100.0, 300)) is None
    assert usual(Depth((Level(100.0, 300),), ())) is None
    assert mark(Level(100.0, 300, 1), None) is Mark.NONE


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        (Level(90.0, 300, 1), Mark.SINGLE),
        (Level(90.0, 299, 1), Mark.NONE),
        (Level(90.0, 300, 2), Mark.NONE),
        (Level(90.0, 66, 10), Mark.CROWD),
        (Level(90.0, 67, 10), Mark.NONE),
        (Level(90.0, 54, 9), Mark.NONE),
        (Level(90.0, 900, 0), Mark.NONE),
    ],
)
def test_marks_at_their_boundaries(level: Level, expected: Mark) -> None:
    assert marked(level) is expected


def test_a_lot_is_young_for_half_a_second_from_when_it_appeared() -> None:
    flicker = Flicker()
    without = Depth((Level(100.0, 500, 3),), ())
    lot = Depth((Level(100.0, 75, 1),), (Level(101.0, 75, 1),))
    assert not flicker.young(Depth((), (Level(101.0, 75, 1),)), 75, 0.0), "what the first book holds is not news"
    assert flicker.young(lot, 75, 1_000.0) == {100.0}
    assert flicker.young(lot, 75, 999.0 + FLICKER_MS) == {100.0}
    assert not flicker.young(lot, 75, 1_000.0 + FLICKER_MS)
    assert not flicker.young(without, 75, 2_000.0)
    assert flicker.young(lot, 75, 3_000.0) == {100.0, 101.0}, "a lot that comes back is a new one"


def test_two_lots_are_no_flicker() -> None:
    flicker = Flicker()
    flicker.young(Depth((), ()), 75, 0.0)
    assert not flicker.young(Depth((Level(100.0, 150, 2),), ()), 75, 1.0)
    assert flicker.young(Depth((Level(99.0, 1, 1),), ()), None, 2.0) == {99.0}, "without a lot size it is one unit"
