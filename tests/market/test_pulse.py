"""The rhythm of an instrument: which silence is usual, which is worth saying, which is hard to believe."""

from __future__ import annotations

import pytest

from market.pulse import FROZEN_AFTER_MS, QUIET_AFTER_MS, Pulse


def beaten(gap_ms: float, count: int) -> Pulse:
    pulse = Pulse()
    for number in range(count + 1):
        pulse.beat(1_000_000.0 + number * gap_ms)
    return pulse


def test_without_a_habit_nothing_is_hard_to_believe() -> None:
    pulse = beaten(60_000.0, 7)
    assert pulse.median_gap_ms is None
    assert (pulse.quiet_after_ms, pulse.frozen_after_ms) == (QUIET_AFTER_MS, None)


@pytest.mark.parametrize(
    ("gap_ms", "quiet_ms", "frozen_ms"),
    [(200.0, QUIET_AFTER_MS, FROZEN_AFTER_MS), (1_900.0, QUIET_AFTER_MS, 38_000.0), (60_000.0, 300_000.0, 1_200_000.0)],
)
def test_a_silence_is_judged_by_the_usual_gap(gap_ms: float, quiet_ms: float, frozen_ms: float) -> None:
    pulse = beaten(gap_ms, 8)
    assert pulse.quiet_after_ms == quiet_ms
    assert pulse.frozen_after_ms == frozen_ms


def test_messages_of_one_burst_are_one_sign_of_life() -> None:
    pulse = Pulse()
    for minute in range(12):
        for message in range(5):
            pulse.beat(60_000.0 * minute + message)
    assert pulse.median_gap_ms == 60_000.0
    assert pulse.last_ms == 60_000.0 * 11 + 4


def test_one_long_gap_does_not_change_the_habit_and_a_new_habit_does() -> None:
    pulse = beaten(1_000.0, 16)
    pulse.beat(pulse.last_ms + 17 * 3_600_000.0)
    assert pulse.median_gap_ms == 1_000.0
    for _ in range(16):
        pulse.beat(pulse.last_ms + 5_000.0)
    assert pulse.median_gap_ms == 5_000.0


def test_a_pause_and_a_clock_set_back_leave_no_gap() -> None:
    pulse = beaten(1_000.0, 8)
    for _ in range(9):
        pulse.pause()
        pulse.beat(pulse.last_ms + 500_000.0)
    for _ in range(9):
        pulse.beat(pulse.last_ms - 500_000.0)
    assert pulse.median_gap_ms == 1_000.0
