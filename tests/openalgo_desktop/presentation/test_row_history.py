"""What a row remembers: five minutes, ten moves, and the size of its usual move; nothing grows."""

from __future__ import annotations

import pytest

from openalgo_desktop.presentation.row_history import POINT_MS, POINTS, STEPS, RowHistory


def test_line_holds_five_minutes_and_the_price_of_now() -> None:
    history = RowHistory()
    assert history.line == []
    for number in range(POINTS + 25):
        history.move(float(number))
        history.sample(number * POINT_MS)
    history.move(999.0)
    assert history.line == [*map(float, range(25, POINTS + 25)), 999.0]
    assert history.points == POINTS + 25


def test_change_is_from_the_oldest_point_to_now() -> None:
    history = RowHistory()
    assert history.change_percent is None
    history.move(200.0)
    history.sample(0.0)
    history.move(201.0)
    assert history.change_percent == pytest.approx(0.5)


def test_a_price_that_is_not_known_yet_is_no_point() -> None:
    history = RowHistory()
    history.sample(0.0)
    assert (history.points, history.line, history.moves_made) == (0, [], 0)


def test_trail_holds_the_last_moves_oldest_first() -> None:
    history = RowHistory()
    assert history.trail == [0] * STEPS
    price = 100.0
    history.move(price)
    for by in (1, 1, -1):
        price += by
        history.move(price)
    assert history.trail == [0] * 7 + [1, 1, -1]
    for _ in range(40):
        price += 1
        history.move(price)
    assert history.trail == [1] * STEPS
    assert history.trail_bits < 1 << 2 * STEPS


def test_usual_move_is_of_the_last_minutes_only() -> None:
    history = RowHistory()
    price, now = 100.0, 0.0
    for number in range(19):
        price += 2.0 if number % 2 else -2.0
        history.move(price)
    assert history.usual_move is None, "too few to know"
    for number in range(60):
        price += 2.0 if number % 2 else -2.0
        history.move(price)
    assert history.usual_move == pytest.approx(2.0)
    for minute in range(12):
        for number in range(100):
            price += 0.5 if number % 2 else -0.5
            history.move(price)
        for _ in range(12):
            now += POINT_MS
            history.sample(now)
        assert (history.usual_move == pytest.approx(0.5)) == (minute >= 4), minute
