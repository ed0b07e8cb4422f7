from __future__ import annotations

import json
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import resources
from market.exchanges import Exchange
from market.holidays import parse_holidays
from market.sessions import DAY_MS, Phase, SessionCalendar

IST = timezone(timedelta(hours=5, minutes=30))
HOLIDAYS = parse_holidays(json.loads(Path(resources.__file__).with_name("holidays.json").read_text("utf-8")))
SECONDS = [int(datetime(year, 1, 1, tzinfo=IST).timestamp()) for year in (2025, 2027)]
YEAR_MS = st.integers(*SECONDS).map(lambda second: second * 1000)


def ist(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=IST).timestamp() * 1000)


@pytest.fixture
def calendar() -> SessionCalendar:
    return SessionCalendar(HOLIDAYS)


@pytest.mark.parametrize(
    ("exchange", "at", "phase"),
    [
        ("NSE", "2026-11-23 08:59:59", Phase.CLOSED),
        ("NSE", "2026-11-23 09:00", Phase.PRE_OPEN),
        ("NSE", "2026-11-23 09:14:59", Phase.PRE_OPEN),
        ("NSE", "2026-11-23 09:15", Phase.OPEN),
        ("NSE", "2026-11-23 15:29:59", Phase.OPEN),
        ("NSE", "2026-11-23 15:30", Phase.CLOSED),
        ("NSE", "2026-11-23 15:40", Phase.POST_CLOSE),
        ("NSE", "2026-11-23 16:00", Phase.CLOSED),
        ("NFO", "2026-11-23 15:45", Phase.CLOSED),
        ("NSE_INDEX", "2026-11-23 12:00", Phase.OPEN),
        ("NSE", "2026-11-22 12:00", Phase.CLOSED),
        ("NSE", "2026-11-24 12:00", Phase.HOLIDAY),
        ("NSE", "2026-11-24 00:00", Phase.HOLIDAY),
        ("NSE", "2026-11-25 00:00", Phase.CLOSED),
        ("CDS", "2026-11-23 16:59", Phase.OPEN),
        ("CDS", "2026-11-23 17:00", Phase.CLOSED),
        ("NCDEX", "2026-11-23 09:30", Phase.CLOSED),
        ("MCX", "2026-11-24 16:59", Phase.HOLIDAY),
        ("MCX", "2026-11-24 17:00", Phase.OPEN),
        ("MCX", "2026-11-24 23:54", Phase.OPEN),
        ("MCX", "2026-11-24 23:55", Phase.HOLIDAY),
        ("MCX", "2026-06-10 23:29", Phase.OPEN),
        ("MCX", "2026-06-10 23:30", Phase.CLOSED),
        ("MCX", "2026-03-06 23:40", Phase.OPEN),
        ("MCX", "2026-03-09 23:40", Phase.CLOSED),
        ("MCX", "2026-10-30 23:40", Phase.CLOSED),
        ("MCX", "2026-11-02 23:40", Phase.OPEN),
        ("MCX", "2026-01-01 16:59", Phase.OPEN),
        ("MCX", "2026-01-01 17:00", Phase.HOLIDAY),
        ("NSE", "2026-11-08 18:30", Phase.OPEN),
        ("NSE", "2026-11-08 19:00", Phase.HOLIDAY),
        ("NSE", "2025-10-21 10:00", Phase.HOLIDAY),
        ("NSE", "2025-10-21 14:00", Phase.OPEN),
        ("NSE", "2026-02-01 10:00", Phase.OPEN),
        ("NSEIX_INDEX", "2026-11-23 15:45", Phase.CLOSED),
        ("NSEIX_INDEX", "2026-11-23 16:35", Phase.OPEN),
        ("NSEIX_INDEX", "2026-11-24 02:44", Phase.OPEN),
        ("NSEIX_INDEX", "2026-11-24 02:45", Phase.CLOSED),
        ("NSEIX_INDEX", "2026-11-28 01:00", Phase.OPEN),
        ("NSEIX_INDEX", "2026-11-29 01:00", Phase.CLOSED),
        ("GLOBAL_INDEX", "2026-11-24 03:00", Phase.OPEN),
        ("GLOBAL_INDEX", "2026-11-28 02:00", Phase.OPEN),
        ("GLOBAL_INDEX", "2026-11-28 05:30", Phase.CLOSED),
        ("CRYPTO", "2026-11-22 03:00", Phase.OPEN),
        ("CRYPTO", "2026-12-25 03:00", Phase.OPEN),
    ],
)
def test_phase_of_an_exchange(calendar: SessionCalendar, exchange: str, at: str, phase: Phase) -> None:
    assert calendar.phase(Exchange(exchange), ist(at)) is phase
    assert calendar.is_open(Exchange(exchange), ist(at)) is (phase is Phase.OPEN)


@pytest.mark.parametrize(
    ("exchange", "at", "start"),
    [
        ("NSE", "2026-11-23 09:15", "2026-11-23 09:15"),
        ("NSE", "2026-11-23 09:14", "2026-11-20 09:15"),
        ("NSE", "2026-11-25 03:00", "2026-11-23 09:15"),
        ("NSE", "2026-11-09 08:00", "2026-11-08 18:00"),
        ("MCX", "2026-11-24 18:00", "2026-11-24 17:00"),
        ("NSEIX_INDEX", "2026-11-24 01:00", "2026-11-23 16:35"),
        ("CRYPTO", "2026-11-22 03:00", "2026-11-21 05:30"),
        ("CRYPTO", "2026-11-22 05:30", "2026-11-22 05:30"),
    ],
)
def test_session_start_is_the_open_of_the_exchange(
    calendar: SessionCalendar, exchange: str, at: str, start: str
) -> None:
    assert calendar.session_start_ms(Exchange(exchange), ist(at)) == ist(start)


@pytest.mark.parametrize(
    ("exchange", "at", "change"),
    [
        ("NSE", "2026-11-23 09:05", "2026-11-23 09:15"),
        ("NSE", "2026-11-23 09:15", "2026-11-23 15:30"),
        ("NSE", "2026-11-23 16:30", "2026-11-24 00:00"),
        ("NSE", "2026-11-24 10:00", "2026-11-25 00:00"),
        ("NSE", "2026-11-27 16:30", "2026-11-30 09:00"),
        ("MCX", "2026-11-24 10:00", "2026-11-24 17:00"),
        ("GLOBAL_INDEX", "2026-11-23 12:00", "2026-11-28 05:30"),
        ("NSEIX_INDEX", "2026-11-23 17:00", "2026-11-24 02:45"),
    ],
)
def test_next_change_is_when_the_phase_changes(calendar: SessionCalendar, exchange: str, at: str, change: str) -> None:
    assert calendar.next_change_ms(Exchange(exchange), ist(at)) == ist(change)


def test_what_never_closes_never_changes(calendar: SessionCalendar) -> None:
    assert calendar.next_change_ms(Exchange.CRYPTO, ist("2026-11-23 12:00")) is None
    assert SessionCalendar(forced_open=True).next_change_ms(Exchange.NSE, ist("2026-11-23 12:00")) is None


@given(st.sampled_from(list(Exchange)), YEAR_MS)
def test_the_phase_holds_until_the_next_change_and_then_differs(exchange: Exchange, at_ms: int) -> None:
    calendar = SessionCalendar(HOLIDAYS)
    now, change = calendar.phase(exchange, at_ms), calendar.next_change_ms(exchange, at_ms)
    assert calendar.session_start_ms(exchange, at_ms) <= at_ms
    if exchange is Exchange.CRYPTO:
        return
    assert change is not None
    assert at_ms < change
    for share in (0.25, 0.5, 0.75):
        assert calendar.phase(exchange, at_ms + (change - 1 - at_ms) * share) is now
    assert calendar.phase(exchange, change) is not now


@given(YEAR_MS, st.lists(st.tuples(st.sampled_from(list(Exchange)), st.integers(0, 3 * DAY_MS)), max_size=20))
def test_answers_do_not_depend_on_what_was_asked_before(base: int, questions: list[tuple[Exchange, int]]) -> None:
    used = SessionCalendar(HOLIDAYS)
    for exchange, later in questions:
        fresh, at_ms = SessionCalendar(HOLIDAYS), base + later
        assert used.phase(exchange, at_ms) is fresh.phase(exchange, at_ms)
        assert used.session_start_ms(exchange, at_ms) == fresh.session_start_ms(exchange, at_ms)


@given(st.sampled_from(list(Exchange)), YEAR_MS)
def test_a_forced_session_is_open_always_and_begins_at_the_open(exchange: Exchange, at_ms: int) -> None:
    calendar = SessionCalendar(HOLIDAYS, forced_open=True)
    start = calendar.session_start_ms(exchange, at_ms)
    assert calendar.is_open(exchange, at_ms)
    assert 0 <= at_ms - start < DAY_MS
    if exchange is Exchange.NSE:
        assert datetime.fromtimestamp(start / 1000, IST).strftime("%H:%M") == "09:15"


def test_covers_only_years_with_a_list(calendar: SessionCalendar) -> None:
    assert [year for year in range(2024, 2029) if calendar.covers(year)] == [2025, 2026]
    assert not SessionCalendar().covers(2026)


def test_trading_days_skip_weekends_and_holidays(calendar: SessionCalendar) -> None:
    days = [date(2026, 11, day) for day in range(1, 31)]
    shut = [day.day for day in days if not calendar.is_trading_day(Exchange.NSE, day)]
    assert shut == [1, 7, 10, 14, 15, 21, 22, 24, 28, 29]
    assert calendar.is_trading_day(Exchange.MCX, date(2026, 11, 24))
    holiday = calendar.holiday(Exchange.NSE, date(2026, 11, 24))
    assert holiday is not None
    assert holiday.name.startswith("Prakash Gurpurb")
    assert calendar.holiday(Exchange.NSE, date(2026, 11, 25)) is None


def test_session_windows_are_the_continuous_sessions_of_a_day(calendar: SessionCalendar) -> None:
    (session,) = calendar.session_windows(Exchange.NSE, date(2026, 11, 23))
    assert (session.start_ms, session.end_ms) == (ist("2026-11-23 09:15"), ist("2026-11-23 15:30"))
    assert len(calendar.session_windows(Exchange.NSEIX_INDEX, date(2026, 11, 23))) == 2
    assert calendar.session_windows(Exchange.NSE, date(2026, 11, 24)) == ()
