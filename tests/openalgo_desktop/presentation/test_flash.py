"""Flashes: how they fade, which digits changed, which moves stand out."""

from __future__ import annotations

import pytest

from openalgo_desktop.presentation.flash import (
    END_MS,
    FULL_MS,
    STEPS,
    changed_digits,
    may_start,
    stands_out,
    steadiness,
    strength,
)


def test_strength_is_full_then_fades_to_nothing() -> None:
    assert strength(0) == strength(FULL_MS) == STEPS
    fading = [strength(ms) for ms in range(int(FULL_MS), int(END_MS) + 1)]
    assert fading == sorted(fading, reverse=True)
    assert strength(END_MS - 0.1) == 1
    assert strength(END_MS) == 0


def test_what_does_not_fade_is_there_or_not() -> None:
    assert [steadiness(ms) for ms in (0.0, END_MS - 0.1, END_MS)] == [STEPS, STEPS, 0]


def test_rest_between_flashes() -> None:
    assert not may_start(249.9)
    assert may_start(250.0)


@pytest.mark.parametrize(
    ("before", "after", "count"),
    [("1,402.70", "1,402.75", 1), ("1,402.70", "1,403.70", 4), ("999.95", "1,000.00", 8), ("1.00", "1.00", 0)],
)
def test_changed_digits_are_those_from_the_first_that_differs(before: str, after: str, count: int) -> None:
    assert changed_digits(before, after) == count


def test_a_move_stands_out_from_what_is_usual_in_as_many_ticks() -> None:
    assert stands_out(0.05, 1, 1.0, 0.0)
    assert stands_out(-2.1, 1, 1.0, 2.0)
    assert not stands_out(-1.9, 1, 1.0, 2.0)
    assert not stands_out(7.9, 16, 1.0, 2.0), "sixteen ticks usually add up to four times one"
    assert stands_out(8.1, 16, 1.0, 2.0)
    assert stands_out(0.01, 1, None, 4.0), "nothing is usual yet"
