"""The token bucket: never more in a second than burst and rate together."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from adapters.pacing import TokenBucket


def test_burst_goes_at_once_and_the_rest_at_the_rate() -> None:
    bucket = TokenBucket(4.0, 2.0)
    assert [bucket.delay(0.0) for _ in range(4)] == [0.0, 0.0, 0.25, 0.5]


def test_pause_refills_up_to_the_burst() -> None:
    bucket = TokenBucket(4.0, 2.0)
    for _ in range(4):
        bucket.delay(0.0)
    assert [bucket.delay(100.0) for _ in range(3)] == [0.0, 0.0, 0.25]


def test_cost_is_waited_for_in_proportion() -> None:
    bucket = TokenBucket(80.0, 100.0)
    assert bucket.delay(0.0, cost=100.0) == 0.0
    assert bucket.delay(0.0, cost=40.0) == 0.5


@given(st.lists(st.floats(0.0, 0.4), min_size=1, max_size=80))
def test_no_second_has_more_than_burst_and_rate(pauses: list[float]) -> None:
    bucket, now, done = TokenBucket(3.0, 1.0), 0.0, []
    for pause in pauses:
        now += pause
        now += bucket.delay(now)
        done.append(now)
    for at in done:
        assert sum(at <= other < at + 1.0 - 1e-9 for other in done) <= 4
