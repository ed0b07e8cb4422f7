"""Longer candles of shorter ones, counted from the open of the session and by dates in India."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.candles import Candle
from market.exchanges import Exchange
from market.sessions import SessionCalendar
from services.rest.candle_intervals import (
    DAY_S,
    Source,
    available,
    date_of,
    merged_days,
    merged_intraday,
    period_end,
    period_start,
    source_of,
    stamp_s,
)

IST = timezone(timedelta(hours=5, minutes=30))
CALENDAR = SessionCalendar()


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=IST).timestamp() * 1000)


def minutes(first: str, count: int, width: int = 5) -> list[Candle]:
    start = at(first)
    return [Candle(start + n * width * 60_000, 10.0 + n, 20.0 + n, 5.0 + n, 11.0 + n, 100) for n in range(count)]


def session_start(at_ms: float) -> int:
    return CALENDAR.session_start_ms(Exchange.NSE, at_ms)


def test_hours_begin_at_the_open_and_end_with_the_session() -> None:
    day = minutes("2026-01-20T09:15", 75)  # to 15:30
    hours = merged_intraday(day, 3_600_000, session_start)
    starts = [datetime.fromtimestamp(candle.start_ms / 1000, IST).strftime("%H:%M") for candle in hours]
    assert starts == ["09:15", "10:15", "11:15", "12:15", "13:15", "14:15", "15:15"]
    assert hours[0] == Candle(at("2026-01-20T09:15"), 10.0, 31.0, 5.0, 22.0, 1200)
    assert hours[-1] == Candle(at("2026-01-20T15:15"), 82.0, 94.0, 77.0, 85.0, 300)


def test_no_candle_reaches_from_one_day_into_the_next() -> None:
    two_days = [*minutes("2026-01-20T15:15", 3), *minutes("2026-01-21T09:15", 3)]
    assert [candle.volume for candle in merged_intraday(two_days, 3_600_000, session_start)] == [300, 300]


def test_a_first_candle_without_its_beginning_is_left_out() -> None:
    late = minutes("2026-01-20T09:25", 10)  # the quarter from 09:15 lacks two of its three
    assert merged_intraday(late, 900_000, session_start)[0].start_ms == at("2026-01-20T09:30")


def days(first: date, count: int) -> list[Candle]:
    dates = [first + timedelta(days=n) for n in range(count)]
    return [
        Candle(at(f"{day}T09:15"), 1.0 + n, 9.0 + n, 0.5, 2.0 + n, 10)
        for n, day in enumerate(day for day in dates if day.weekday() < 5)
    ]


def test_weeks_begin_on_their_first_day_of_trading() -> None:
    daily = [candle for candle in days(date(2026, 1, 12), 14) if date_of(candle.start_ms) != date(2026, 1, 19)]
    (week,) = merged_days(daily, "W")
    assert date_of(week.start_ms) == date(2026, 1, 20)  # Monday was a holiday
    assert (week.open, week.close, week.volume) == (7.0, 11.0, 40)


def test_a_first_period_is_left_out_because_it_may_have_begun_earlier() -> None:
    assert merged_days(days(date(2026, 1, 12), 5), "W") == []
    assert merged_days([], "W") == []


@pytest.mark.parametrize(
    ("interval", "start"),
    [("W", date(2026, 8, 10)), ("M", date(2026, 8, 1)), ("Q", date(2026, 7, 1)), ("Y", date(2026, 1, 1))],
)
def test_periods_begin_where_the_calendar_says(interval: str, start: date) -> None:
    assert period_start(interval, date(2026, 8, 16)) == start


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.sampled_from("WMQYD"))
def test_every_day_of_a_period_has_the_same_start(day: date, interval: str) -> None:
    start = period_start(interval, day)
    assert start <= day
    assert period_start(interval, start) == start


@pytest.mark.parametrize(
    ("interval", "offered", "source"),
    [
        ("5m", (60, 300), Source(300, is_made=False)),
        ("10m", (60, 300, 900), Source(300, is_made=True)),
        ("3h", (60, 3600, 7200), Source(3600, is_made=True)),
        ("W", (60, DAY_S), Source(DAY_S, is_made=True)),
        ("W", (60,), None),
        ("D", (60, 3600), None),
        ("1m", (1,), None),
        ("5s", (1,), None),
        ("10m", (900,), None),
        ("1m", (), Source(60, is_made=False)),
        ("M", (), Source(DAY_S, is_made=True)),
    ],
)
def test_an_interval_is_made_of_the_longest_that_divides_it(
    interval: str, offered: tuple[int, ...], source: Source | None
) -> None:
    assert source_of(interval, offered) == source


def test_the_list_of_intervals_has_those_that_can_be_made_of_any_feed() -> None:
    assert available([(), (1, 300, DAY_S)]) == {
        "seconds": ["1s"],
        "minutes": ["5m", "10m", "15m", "20m", "30m"],
        "hours": ["1h", "2h", "3h", "4h"],
        "days": ["D"],
        "weeks": ["W"],
        "months": ["M", "Q", "Y"],
    }
    assert set(map(tuple, available([()]).values())) == {()}


def test_a_day_is_stamped_with_midnight_utc_of_its_date_in_india() -> None:
    candle = Candle(at("2026-01-20T09:15"), 1, 1, 1, 1)
    assert stamp_s(candle, "D") == int(datetime.fromisoformat("2026-01-20T00:00+00:00").timestamp())
    assert stamp_s(candle, "5m") == candle.start_ms // 1000


@pytest.mark.parametrize("interval", ["W", "M", "Q", "Y", "D", "5m"])
def test_a_period_ends_where_the_next_one_begins(interval: str) -> None:
    for number in range(800):
        day = date(2023, 12, 20) + timedelta(days=number)
        end = period_end(interval, day)
        assert period_start(interval, end) == end > day
        assert period_start(interval, end - timedelta(days=1)) == period_start(interval, day)
