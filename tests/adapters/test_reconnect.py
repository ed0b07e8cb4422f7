"""The backoff: full jitter, a cap, and a count that only a stable connection resets."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from adapters.reconnect import Backoff


def test_ceiling_doubles_from_one_second_to_the_cap() -> None:
    backoff = Backoff(draw=lambda: 1.0)
    assert [backoff.next_delay(0.0) for _ in range(7)] == [1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]
    assert backoff.attempt == 7


def test_delay_is_drawn_evenly_below_the_ceiling() -> None:
    draws = iter([0.0, 0.25, 0.5])
    backoff = Backoff(draw=lambda: next(draws))
    assert [backoff.next_delay(0.0) for _ in range(3)] == [0.0, 0.5, 2.0]


def test_short_lived_connection_does_not_start_the_count_anew() -> None:
    backoff = Backoff(draw=lambda: 1.0)
    backoff.next_delay(0.0)
    backoff.connected(10.0)
    assert not backoff.is_stable(69.0)
    assert backoff.next_delay(69.0) == 2.0


def test_connection_that_held_a_minute_starts_the_count_anew() -> None:
    backoff = Backoff(draw=lambda: 1.0)
    backoff.next_delay(0.0)
    backoff.next_delay(0.0)
    backoff.connected(10.0)
    assert backoff.is_stable(70.0)
    assert backoff.next_delay(70.0) == 1.0
    assert backoff.next_delay(500.0) == 2.0  # a failed attempt is no connection, however long ago the last one was


@given(st.lists(st.floats(0.0, 1.0, exclude_max=True), max_size=2000))
def test_delay_is_always_within_bounds(draws: list[float]) -> None:
    remaining = iter(draws)
    backoff = Backoff(draw=lambda: next(remaining))
    for _ in draws:
        assert 0.0 <= backoff.next_delay(0.0) < 30.0


def test_what_has_succeeded_starts_the_count_anew() -> None:
    backoff = Backoff(draw=lambda: 1.0)
    assert [backoff.next_delay(0.0) for _ in range(3)] == [1.0, 2.0, 4.0]
    backoff.reset()
    assert backoff.next_delay(86_400.0) == 1.0
