"""Axes: margins, round steps, and labels that never crowd."""

from __future__ import annotations

import pytest

from market.candles import Candle
from openalgo_desktop.presentation.chart_scale import moment, price_range, price_steps, time_labels

NINE_FIFTEEN = 1_763_955_900_000  # 24 Nov 2025 09:15 IST


def bars(count: int, *, interval_s: int = 60) -> list[Candle]:
    return [Candle(NINE_FIFTEEN + i * interval_s * 1000, 100, 110, 90, 105) for i in range(count)]


def test_price_range_leaves_eight_percent() -> None:
    assert price_range(bars(3), least=1.0) == pytest.approx((88.4, 111.6))
    assert price_range([], least=1.0) is None


def test_price_range_of_a_price_that_does_not_move() -> None:
    flat = [Candle(0, 100, 100, 100, 100)]
    assert price_range(flat, least=2.0) == pytest.approx((98.84, 101.16))


def test_price_steps_are_round_and_inside() -> None:
    assert price_steps(88.4, 111.6, 5) == pytest.approx([90, 95, 100, 105, 110])
    assert price_steps(0.00012, 0.00019, 4) == pytest.approx([0.00012, 0.00014, 0.00016, 0.00018])
    assert price_steps(5.0, 5.0, 4) == []
    assert price_steps(1.0, 2.0, 0) == []


def test_time_labels_are_regular_minutes() -> None:
    labels = time_labels(bars(60), 0, 59, room=6, breaks=(), interval_s=60)
    assert [text for _, text in labels] == ["09:20", "09:30", "09:40", "09:50", "10:00", "10:10"]
    assert labels[0][0] == 5


def test_time_labels_name_the_day_at_a_session_break() -> None:
    labels = time_labels(bars(60), 0, 59, room=6, breaks=(16,), interval_s=60)
    assert (16, "24 Nov") in labels
    assert "09:30" not in [text for _, text in labels]


def test_time_labels_with_seconds_below_a_minute() -> None:
    labels = time_labels(bars(13, interval_s=5), 0, 12, room=3, breaks=(), interval_s=5)
    assert labels[0][1] == "09:15:00"


def test_time_labels_of_daily_bars_are_dates() -> None:
    labels = time_labels(bars(4, interval_s=86_400), 0, 3, room=4, breaks=(1, 2, 3), interval_s=86_400)
    assert [text for _, text in labels] == ["24 Nov", "25 Nov", "26 Nov", "27 Nov"]


def test_time_labels_of_many_sessions_do_not_crowd() -> None:
    labels = time_labels(bars(300, interval_s=86_400), 0, 299, room=10, breaks=range(1, 300), interval_s=86_400)
    assert 5 <= len(labels) <= 21


def test_time_labels_of_nothing() -> None:
    assert time_labels([], 0, 10, room=5, breaks=(), interval_s=60) == []


def test_moment_in_full() -> None:
    assert moment(bars(1)[0], 60) == "Mon 24 Nov 09:15"
    assert moment(bars(1)[0], 5) == "Mon 24 Nov 09:15:00"
    assert moment(bars(1)[0], 86_400) == "Mon 24 Nov"
