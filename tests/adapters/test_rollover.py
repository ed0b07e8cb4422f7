"""Sessions end at an hour of Indian time, wherever the computer is."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from adapters.rollover import next_rollover_ms


def _at(text: str) -> float:
    return datetime.fromisoformat(text).astimezone(UTC).timestamp() * 1000.0


@pytest.mark.parametrize(
    ("now", "hour", "then"),
    [
        ("2026-11-25T10:00:00+05:30", 6, "2026-11-26T06:00:00+05:30"),
        ("2026-11-25T05:59:59+05:30", 6, "2026-11-25T06:00:00+05:30"),
        ("2026-11-25T06:00:00+05:30", 6, "2026-11-26T06:00:00+05:30"),
        ("2026-11-25T23:00:00+00:00", 3.5, "2026-11-27T03:30:00+05:30"),
        ("2026-12-31T20:00:00+05:30", 0, "2027-01-01T00:00:00+05:30"),
    ],
)
def test_next_rollover(now: str, hour: float, then: str) -> None:
    assert next_rollover_ms(_at(now), hour) == _at(then)
