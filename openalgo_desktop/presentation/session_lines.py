"""What the exchanges of a list are doing, in few words: open until when, closed since when, and when it goes on."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple, Protocol

from market.exchanges import Exchange
from market.holidays import Holiday
from market.sessions import Phase, Window
from openalgo_desktop.presentation import formats

_MINUTE_MS, _HOUR_MS, _DAY_MS = 60_000.0, 3_600_000.0, 86_400_000.0
_COUNTED_DOWN_MS = _HOUR_MS
_SEARCH_DAYS = 14
_HOLIDAYS_WITHIN_DAYS = 60
_HOLIDAY_SOON_DAYS = 3
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_FAMILIES = {
    Exchange.NFO: Exchange.NSE,
    Exchange.NSE_INDEX: Exchange.NSE,
    Exchange.BFO: Exchange.BSE,
    Exchange.BSE_INDEX: Exchange.BSE,
    Exchange.BCD: Exchange.CDS,
    Exchange.MCX_INDEX: Exchange.MCX,
    Exchange.NCO: Exchange.MCX,
}


class SessionCalendar(Protocol):
    """What is asked of the session calendar. Times in ms since 1970 UTC, days are dates in India."""

    def phase(self, exchange: Exchange, at_ms: float) -> Phase:
        """What `exchange` is doing."""

    def next_change_ms(self, exchange: Exchange, at_ms: float) -> int | None:
        """When that changes next, or None if it never does."""

    def session_windows(self, exchange: Exchange, day: date) -> tuple[Window, ...]:
        """The continuous sessions that begin on `day`."""

    def holiday(self, exchange: Exchange, day: date) -> Holiday | None:
        """The special day that `day` is, or None."""


class SessionBadge(NamedTuple):
    """Exchanges that do the same: `names` joined, the sentence, and whether they trade."""

    names: str
    says: str
    is_open: bool

    @property
    def text(self) -> str:
        """Names and sentence."""
        return f"{self.names} {self.says}"


def badges(calendar: SessionCalendar, exchanges: Iterable[Exchange], now_ms: float) -> list[SessionBadge]:
    """Return what the families of `exchanges` do at `now_ms`, those that do the same together."""
    names: dict[tuple[str, bool], list[str]] = {}
    for exchange in dict.fromkeys(_FAMILIES.get(each, each) for each in exchanges):
        phase = calendar.phase(exchange, now_ms)
        key = (_says(calendar, exchange, phase, now_ms), phase is Phase.OPEN)
        names.setdefault(key, []).append(exchange.value)
    return [SessionBadge(", ".join(each), says, is_open) for (says, is_open), each in names.items()]


def _says(calendar: SessionCalendar, exchange: Exchange, phase: Phase, now_ms: float) -> str:
    change_ms = calendar.next_change_ms(exchange, now_ms)
    if phase is Phase.OPEN:
        return "open" if change_ms is None else f"open, closes {when(change_ms, now_ms)}"
    if phase is Phase.PRE_OPEN:
        return "pre-open" if change_ms is None else f"pre-open, opens {when(change_ms, now_ms)}"
    opens = _next_open(calendar, exchange, now_ms)
    then = f", opens {when(opens, now_ms)}" if opens is not None else ""
    if phase is Phase.HOLIDAY:
        holiday = calendar.holiday(exchange, formats.ist_date(now_ms))
        return f"holiday{f' ({holiday.name})' if holiday is not None else ''}{then}"
    closed = _last_close(calendar, exchange, now_ms)
    if phase is Phase.POST_CLOSE and change_ms is not None:
        return f"closed{closed}, post-close until {formats.clock(change_ms)[:5]}"
    return f"closed{closed}{then}"


def _last_close(calendar: SessionCalendar, exchange: Exchange, now_ms: float) -> str:
    """The time of the close that was today, with a space before it; empty on a day without."""
    ends = [
        window.end_ms
        for window in calendar.session_windows(exchange, formats.ist_date(now_ms))
        if window.end_ms <= now_ms
    ]
    return f" {formats.clock(max(ends))[:5]}" if ends else ""


def _next_open(calendar: SessionCalendar, exchange: Exchange, now_ms: float) -> int | None:
    today = formats.ist_date(now_ms)
    for ahead in range(_SEARCH_DAYS):
        starts = [
            window.start_ms
            for window in calendar.session_windows(exchange, today + timedelta(days=ahead))
            if window.start_ms > now_ms
        ]
        if starts:
            return min(starts)
    return None


def when(at_ms: float, now_ms: float) -> str:
    """Return a moment to come: `in 45 s`, `in 12 min`, `15:30`, `Thu 09:15`, `Thu 4 Dec 09:15`."""
    left_ms = at_ms - now_ms
    if left_ms < _MINUTE_MS:
        return f"in {max(round(left_ms / 1000), 1)} s"
    if left_ms < _COUNTED_DOWN_MS:
        return f"in {round(left_ms / _MINUTE_MS)} min"
    clock = formats.clock(at_ms)[:5]
    if formats.ist_date(at_ms) == formats.ist_date(now_ms):
        return clock
    if left_ms < 6 * _DAY_MS:
        return f"{formats.weekday(at_ms)} {clock}"
    day, month, _year = formats.day(formats.ist_date(at_ms)).split()
    return f"{formats.weekday(at_ms)} {day} {month} {clock}"


def holiday_hint(calendar: SessionCalendar, exchanges: Iterable[Exchange], now_ms: float) -> tuple[str, bool] | None:
    """Return the next day on which one of `exchanges` is shut although it is no weekend, and whether that is soon."""
    today = formats.ist_date(now_ms)
    families = list(dict.fromkeys(_FAMILIES.get(each, each) for each in exchanges))
    for ahead in range(1, _HOLIDAYS_WITHIN_DAYS):
        day = today + timedelta(days=ahead)
        found = {each: calendar.holiday(each, day) for each in families}
        shut = [each.value for each, holiday in found.items() if holiday is not None and each in holiday.closed]
        holiday = next((each for each in found.values() if each is not None), None)
        if shut and holiday is not None and day.weekday() < 5:
            word = "tomorrow" if ahead == 1 else _short(day)
            return f"{', '.join(shut)} shut {word}: {holiday.name}", ahead <= _HOLIDAY_SOON_DAYS
    return None


def _short(day: date) -> str:
    """A day of this year or the next: `Thu 25 Dec`."""
    number, month, _year = formats.day(day).split()
    return f"{_WEEKDAYS[day.weekday()]} {number} {month}"
