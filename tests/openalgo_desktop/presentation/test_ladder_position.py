"""When a ladder moves, and when it must not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openalgo_desktop.presentation.ladder_position import (
    HOLD_MS,
    MARGIN,
    SLIDE_MS,
    Inside,
    LadderPosition,
    centred_top,
    is_near_edge,
)

ROWS = 41
MIDDLE = Inside(1000, 1001)
insides = st.tuples(st.integers(-(10**6), 10**6), st.integers(1, 8)).map(lambda each: Inside(each[0], sum(each)))


def placed(inside: Inside = MIDDLE, rows: int = ROWS) -> LadderPosition:
    position = LadderPosition()
    assert position.follow(inside, rows, 0.0, slides=True)
    return position


@given(insides, st.integers(2 * MARGIN + 10, 80))
def test_centred_means_as_far_from_both_edges(inside: Inside, rows: int) -> None:
    top = centred_top(inside, rows)
    above, below = top - inside.ask, inside.bid - (top - rows + 1)
    assert abs(above - below) <= 1
    assert not is_near_edge(top, rows, inside)


@given(insides, st.integers(2 * MARGIN + 10, 80), st.lists(st.integers(-60, 60), max_size=30))
def test_after_any_moves_the_inside_market_is_in_view_and_it_moved_only_at_an_edge(
    inside: Inside, rows: int, moves: list[int]
) -> None:
    position = placed(inside, rows)
    for number, move in enumerate(moves):
        inside = Inside(inside.bid + move, inside.ask + move)
        before = position.top
        assert before is not None
        was_near = is_near_edge(before, rows, inside)
        moved = position.follow(inside, rows, float(number), slides=True)
        assert moved is was_near
        assert moved or position.top == before
        assert position.top is not None
        assert not is_near_edge(position.top, rows, inside)


def test_it_stands_still_until_the_market_is_three_rows_from_an_edge() -> None:
    position = placed()
    top = position.top
    assert top is not None
    for ask in range(MIDDLE.ask, top - MARGIN + 1):
        assert not position.follow(Inside(ask - 1, ask), ROWS, 0.0, slides=True)
    assert position.top == top
    ask = top - MARGIN + 1
    assert position.follow(Inside(ask - 1, ask), ROWS, 0.0, slides=True)
    assert position.top == centred_top(Inside(ask - 1, ask), ROWS)


def test_a_scrolled_ladder_stays_for_ten_seconds_and_then_comes_back() -> None:
    position = placed()
    position.scroll(30, 1_000.0)
    assert not position.follow(MIDDLE, ROWS, 999.0 + HOLD_MS, slides=False)
    assert position.held_ms(999.0 + HOLD_MS) == 1.0
    assert position.follow(MIDDLE, ROWS, 1_000.0 + HOLD_MS, slides=False)
    assert position.top == centred_top(MIDDLE, ROWS)
    assert position.held_ms(1_001.0 + HOLD_MS) == 0.0


def test_every_turn_of_the_wheel_begins_the_ten_seconds_anew() -> None:
    position = placed()
    position.scroll(3, 0.0)
    position.scroll(3, HOLD_MS - 1.0)
    assert not position.follow(MIDDLE, ROWS, HOLD_MS + 1.0, slides=False)


def test_a_pinned_ladder_stays_whatever_happens() -> None:
    position = placed()
    top = position.top
    position.pinned = True
    assert not position.follow(Inside(5000, 5001), ROWS, 1e9, slides=True)
    assert (position.top, position.held_ms(0.0)) == (top, 0.0)
    assert position.centre(Inside(5000, 5001), 1e9, slides=False), "but it centres when told to"


def test_it_slides_in_120_ms_and_jumps_under_reduced_motion() -> None:
    position = placed()
    top = position.top
    assert top is not None
    position.centre(Inside(1010, 1011), 500.0, slides=True)
    assert position.sliding
    assert position.offset(500.0) == -10.0, "it begins where it was"
    assert -10.0 < position.offset(500.0 + SLIDE_MS / 2) < -1.0
    assert position.offset(500.0 + SLIDE_MS) == 0.0
    assert not position.sliding
    position.centre(MIDDLE, 900.0, slides=False)
    assert (position.offset(900.0), position.sliding) == (0.0, False)


@given(st.integers(-39, 39), st.lists(st.floats(0, SLIDE_MS), min_size=2, max_size=20).map(sorted))
def test_a_slide_goes_one_way_only(rows: int, times: list[float]) -> None:
    position = placed()
    position.centre(Inside(MIDDLE.bid + rows, MIDDLE.ask + rows), 0.0, slides=True)
    ways = [abs(position.offset(at)) for at in times]
    assert ways == sorted(ways, reverse=True)


def test_a_jump_to_another_screen_does_not_slide() -> None:
    position = placed()
    position.centre(Inside(2000, 2001), 0.0, slides=True)
    assert not position.sliding


@pytest.mark.parametrize(("before", "after"), [(1, 2), (2, 1), (1, 10), (5, 2), (25, 100)])
def test_regrouping_keeps_the_price_in_the_middle(before: int, after: int) -> None:
    position = placed()
    assert position.top is not None
    middle = (position.top - ROWS / 2) * before
    position.regroup(before, after)
    assert (position.top - ROWS / 2) * after == pytest.approx(middle, abs=after)


def test_a_taller_ladder_grows_on_both_sides() -> None:
    position = placed()
    top = position.top
    assert top is not None
    position.follow(MIDDLE, ROWS + 10, 0.0, slides=True)
    assert position.top == top + 5


def test_without_a_market_there_is_no_place() -> None:
    position = LadderPosition()
    assert not position.follow(None, ROWS, 0.0, slides=True)
    position.scroll(3, 0.0)
    position.regroup(1, 5)
    assert position.top is None
    assert not position.centre(None, 0.0, slides=True)
    position = placed()
    position.begin()
    assert position.top is None
