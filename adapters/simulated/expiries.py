"""When contracts expire: the exchanges' rules of 2026, moved back from days without trading."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta

from market.exchanges import Exchange
from market.sessions import SessionCalendar

TUESDAY, THURSDAY = 1, 3
_DAY = timedelta(days=1)


def weekly_expiries(today: date, weekday: int, count: int, exchange: Exchange, calendar: SessionCalendar) -> list[date]:
    """The next `count` weekly expiries on `weekday` (Monday is 0), today's too."""
    first = today + timedelta(days=(weekday - today.weekday()) % 7)
    weeks = (first + timedelta(weeks=week) for week in range(count + 2))
    return _upcoming((trading_day_by(day, exchange, calendar) for day in weeks), today, count)


def monthly_expiries(
    today: date, weekday: int, count: int, exchange: Exchange, calendar: SessionCalendar
) -> list[date]:
    """The next `count` expiries on the last `weekday` of a month, today's too."""
    return _upcoming(
        (trading_day_by(_last(month, weekday), exchange, calendar) for month in _months(today)), today, count
    )


def dated_expiries(today: date, day: int, count: int, exchange: Exchange, calendar: SessionCalendar) -> list[date]:
    """The next `count` expiries on the trading day by `day` of a month, today's too."""
    days = (month.replace(day=min(day, monthrange(month.year, month.month)[1])) for month in _months(today))
    return _upcoming((trading_day_by(each, exchange, calendar) for each in days), today, count)


def trading_day_by(day: date, exchange: Exchange, calendar: SessionCalendar) -> date:
    """`day` if it is an ordinary trading day (sessions forced open do not make one), else the last before it."""
    while day.weekday() >= 5 or _is_shut(day, exchange, calendar):
        day -= _DAY
    return day


def _is_shut(day: date, exchange: Exchange, calendar: SessionCalendar) -> bool:
    holiday = calendar.holiday(exchange, day)
    return holiday is not None and exchange in holiday.closed


def _upcoming(days: Iterator[date], today: date, count: int) -> list[date]:
    found: list[date] = []
    while len(found) < count:
        day = next(days)
        if day >= today:
            found.append(day)
    return found


def _months(today: date) -> Iterator[date]:
    month = today.replace(day=1)
    while True:
        yield month
        month = (month + timedelta(days=32)).replace(day=1)


def _last(month: date, weekday: int) -> date:
    end = month.replace(day=monthrange(month.year, month.month)[1])
    return end - timedelta(days=(end.weekday() - weekday) % 7)
