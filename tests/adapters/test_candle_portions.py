"""Candles asked for in portions, from the latest back."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from adapters.candle_portions import DAY_S, MOST_REQUESTS, in_portions, reach_days
from adapters.venue import CandleRange
from market.candles import Candle

HOUR_S = 3600


class _Broker:
    """Has hourly candles at the hours (since 1970) in `hours`."""

    def __init__(self, *hours: int) -> None:
        self.hours = hours
        self.asked: list[tuple[float, float]] = []

    async def ask(self, start_s: float, end_s: float) -> Iterable[Candle]:
        self.asked.append((start_s / HOUR_S, end_s / HOUR_S))
        return [
            Candle(hour * HOUR_S * 1000, 1.0, 1.0, 1.0, 1.0) for hour in self.hours if start_s <= hour * HOUR_S <= end_s
        ]


def _range(limit: int, start: int | None, end: int | None) -> CandleRange:
    return CandleRange(HOUR_S, limit, *(None if each is None else each * HOUR_S * 1000 for each in (start, end)))


async def test_portions_go_back_past_an_empty_one_and_candles_at_their_edges_come_once() -> None:
    broker = _Broker(*range(10), *range(20, 31))
    found = await in_portions(_range(100, 2, 30), broker.ask, span_s=5 * HOUR_S)
    assert [candle.start_ms // 1000 // HOUR_S for candle in found] == [*range(2, 10), *range(20, 30)]
    assert broker.asked == [(25, 30), (20, 25), (15, 20), (10, 15), (5, 10), (2, 5)]


async def test_no_more_is_asked_for_than_is_needed() -> None:
    broker = _Broker(*range(100))
    found = await in_portions(_range(7, None, 90), broker.ask, span_s=5 * HOUR_S)
    assert [candle.start_ms // 1000 // HOUR_S for candle in found] == list(range(83, 90))
    assert broker.asked == [(85, 90), (80, 85)]


async def test_what_was_never_traded_is_given_up_at_last() -> None:
    broker = _Broker()
    assert await in_portions(_range(7, 0, 10_000), broker.ask, span_s=HOUR_S) == []
    assert len(broker.asked) == MOST_REQUESTS


async def test_the_running_candle_is_within_what_is_asked_for() -> None:
    broker = _Broker()
    await in_portions(CandleRange(HOUR_S, 1), broker.ask, span_s=DAY_S * 365, margin_s=60.0)
    ((start, end),) = broker.asked
    assert (end - start) * HOUR_S == pytest.approx(reach_days(CandleRange(HOUR_S, 1)) * DAY_S)


def test_the_reach_allows_for_nights_and_weekends() -> None:
    assert reach_days(CandleRange(DAY_S, 100)) > 100 * 7 / 5
    assert reach_days(CandleRange(60, 375)) > 7
