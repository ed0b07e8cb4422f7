"""Trading sessions: is an exchange open, since when, and when does that change.

Pure: time arrives as an argument in ms since 1970 UTC. India has one time zone without daylight saving, so a fixed
offset serves and no time zone database is needed.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

from market.exchanges import Exchange
from market.holidays import Holiday

MINUTE_MS = 60_000
DAY_MS = 24 * 60 * MINUTE_MS
IST_OFFSET_MS = 330 * MINUTE_MS
_EPOCH = date(1970, 1, 1).toordinal()
# Longer than any run of closed days, and than any run of days that abut (a global index trades five).
_SEARCH_DAYS = 31


class Phase(StrEnum):
    """What an exchange is doing. A holiday is `holiday` for as long as the exchange is shut on that day."""

    PRE_OPEN = "pre_open"
    OPEN = "open"
    POST_CLOSE = "post_close"
    CLOSED = "closed"
    HOLIDAY = "holiday"


class Window(NamedTuple):
    """A stretch of time in one phase, from `start_ms` up to and without `end_ms`."""

    phase: Phase
    start_ms: int
    end_ms: int


class _Hours(NamedTuple):
    """Windows of an ordinary day, in minutes after midnight IST, in order; a day may end after midnight."""

    windows: tuple[tuple[Phase, int, int], ...]
    weekdays_only: bool = True


def _at(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


def _open(*spans: str) -> _Hours:
    return _Hours(tuple((Phase.OPEN, _at(start), _at(end)) for start, end in (span.split("-") for span in spans)))


_PRE_OPEN = (Phase.PRE_OPEN, _at("9:00"), _at("9:15"))
_POST_CLOSE = (Phase.POST_CLOSE, _at("15:40"), _at("16:00"))
_EQUITY = _Hours((_PRE_OPEN, (Phase.OPEN, _at("9:15"), _at("15:30"))))
_CASH = _Hours((*_EQUITY.windows, _POST_CLOSE))
_CURRENCY = _open("9:00-17:00")
_COMMODITY = _open("9:00-23:30")
_COMMODITY_WINTER = _open("9:00-23:55")
_HOURS = {
    Exchange.NSE: _CASH,
    Exchange.BSE: _CASH,
    Exchange.NFO: _EQUITY,
    Exchange.BFO: _EQUITY,
    Exchange.NSE_INDEX: _EQUITY,
    Exchange.BSE_INDEX: _EQUITY,
    Exchange.CDS: _CURRENCY,
    Exchange.BCD: _CURRENCY,
    Exchange.MCX: _COMMODITY,
    Exchange.MCX_INDEX: _COMMODITY,
    Exchange.NCO: _COMMODITY,
    Exchange.NCDEX: _open("10:00-17:00"),
    Exchange.NSEIX_INDEX: _open("6:30-15:40", "16:35-26:45"),
    # Weekdays in UTC: the New York Friday ends on Saturday in India.
    Exchange.GLOBAL_INDEX: _open("5:30-29:30"),
    Exchange.CRYPTO: _open("5:30-29:30")._replace(weekdays_only=False),
}


class SessionCalendar:
    """The sessions of all exchanges. `forced_open` makes every day a trading day that lasts until the next one."""

    def __init__(self, holidays: Iterable[Holiday] = (), *, forced_open: bool = False) -> None:
        self.forced_open = forced_open
        self._holidays: dict[tuple[Exchange, int], Holiday] = {}
        self._years: set[int] = set()
        # The last answers, which hold until time leaves them.
        self._latest: dict[Exchange, Window] = {}
        self._sessions: dict[Exchange, Window] = {}
        for holiday in holidays:
            self._years.add(holiday.day.year)
            for exchange in holiday.closed.union(session.exchange for session in holiday.sessions):
                self._holidays[exchange, holiday.day.toordinal()] = holiday

    def covers(self, year: int) -> bool:
        """Whether the holidays of `year` are known at all."""
        return year in self._years

    def phase(self, exchange: Exchange, at_ms: float) -> Phase:
        """What `exchange` is doing at `at_ms`."""
        return self._stretch(exchange, at_ms).phase

    def is_open(self, exchange: Exchange, at_ms: float) -> bool:
        """Whether `exchange` trades continuously at `at_ms`."""
        return self._stretch(exchange, at_ms).phase is Phase.OPEN

    def is_trading_day(self, exchange: Exchange, day: date) -> bool:
        """Whether `exchange` has a session that begins on `day` (a date in India)."""
        return bool(self._windows(exchange, day.toordinal()))

    def holiday(self, exchange: Exchange, day: date) -> Holiday | None:
        """The entry of the holiday list that applies to `exchange` on `day`, or None."""
        return self._holidays.get((exchange, day.toordinal()))

    def session_start_ms(self, exchange: Exchange, at_ms: float) -> int:
        """Start of the continuous session that runs at `at_ms`, or of the latest one before."""
        known = self._sessions.get(exchange)
        if known is None or not known.start_ms <= at_ms < known.end_ms:
            known = self._sessions[exchange] = self._find_session(exchange, at_ms)
        return known.start_ms

    def session_windows(self, exchange: Exchange, day: date) -> tuple[Window, ...]:
        """The continuous sessions of `exchange` that begin on `day` (a date in India), in order."""
        windows = self._windows(exchange, day.toordinal())
        return tuple(window for window in windows if window.phase is Phase.OPEN)

    def next_change_ms(self, exchange: Exchange, at_ms: float) -> int | None:
        """When the phase of `exchange` changes next after `at_ms`, or None if it never does."""
        if self.forced_open:
            return None
        first = stretch = self._stretch(exchange, at_ms)
        for _ in range(_SEARCH_DAYS):
            following = self._stretch(exchange, stretch.end_ms)
            if following.phase is not first.phase:
                return stretch.end_ms
            stretch = following
        return None

    def _stretch(self, exchange: Exchange, at_ms: float) -> Window:
        known = self._latest.get(exchange)
        if known is None or not known.start_ms <= at_ms < known.end_ms:
            known = self._latest[exchange] = self._find_stretch(exchange, at_ms)
        return known

    def _find_stretch(self, exchange: Exchange, at_ms: float) -> Window:
        """The window around `at_ms`, or the gap between two windows, cut at midnight where a holiday may begin."""
        day = ordinal_of(at_ms)
        start, end = midnight_ms(day), midnight_ms(day + 1)
        for window in (*self._windows(exchange, day - 1), *self._windows(exchange, day)):
            if window.start_ms <= at_ms < window.end_ms:
                return window
            if window.end_ms <= at_ms:
                start = max(start, window.end_ms)
            else:
                end = min(end, window.start_ms)
        phase = Phase.HOLIDAY if (exchange, day) in self._holidays else Phase.CLOSED
        return Window(phase, start, end)

    def _find_session(self, exchange: Exchange, at_ms: float) -> Window:
        """The latest continuous session, up to the next one or to midnight: for so long its start is the answer."""
        day = ordinal_of(at_ms)
        until = midnight_ms(day + 1)
        for back in range(_SEARCH_DAYS):
            for window in reversed(self._windows(exchange, day - back)):
                if window.phase is Phase.OPEN:
                    if window.start_ms <= at_ms:
                        return Window(Phase.OPEN, window.start_ms, until)
                    until = window.start_ms
        return Window(Phase.CLOSED, midnight_ms(day), until)

    def _windows(self, exchange: Exchange, day: int) -> tuple[Window, ...]:
        """The windows that begin on `day` (an ordinal)."""
        hours = _hours(exchange, day)
        midnight = midnight_ms(day)
        if self.forced_open:
            opens = midnight + next(start for phase, start, _ in hours.windows if phase is Phase.OPEN) * MINUTE_MS
            return (Window(Phase.OPEN, opens, opens + DAY_MS),)
        holiday = self._holidays.get((exchange, day))
        if holiday is not None:
            return _special(holiday, exchange, midnight, hours)
        if hours.weekdays_only and date.fromordinal(day).weekday() >= 5:
            return ()
        return tuple(
            Window(phase, midnight + start * MINUTE_MS, midnight + end * MINUTE_MS)
            for phase, start, end in hours.windows
        )


def ordinal_of(at_ms: float) -> int:
    """The proleptic ordinal of the date in India at `at_ms`."""
    return _EPOCH + int((at_ms + IST_OFFSET_MS) // DAY_MS)


def midnight_ms(ordinal: int) -> int:
    """When the day with that ordinal begins in India, in ms since 1970 UTC."""
    return (ordinal - _EPOCH) * DAY_MS - IST_OFFSET_MS


def _special(holiday: Holiday, exchange: Exchange, midnight: int, hours: _Hours) -> tuple[Window, ...]:
    close = max(end for phase, _, end in hours.windows if phase is Phase.OPEN)
    return tuple(
        Window(
            Phase.OPEN,
            midnight + session.start_minute * MINUTE_MS,
            midnight + (session.end_minute if session.end_minute is not None else close) * MINUTE_MS,
        )
        for session in sorted(holiday.sessions, key=lambda session: session.start_minute)
        if session.exchange is exchange
    )


def _hours(exchange: Exchange, day: int) -> _Hours:
    hours = _HOURS[exchange]
    # Commodities follow the New York markets: they close later while daylight saving is off there.
    return _COMMODITY_WINTER if hours is _COMMODITY and not _us_daylight_saving(day) else hours


def _us_daylight_saving(day: int) -> bool:
    """From the second Sunday of March to the first of November."""
    year = date.fromordinal(day).year
    march, november = date(year, 3, 8), date(year, 11, 1)
    begins = march + timedelta(days=6 - march.weekday())
    ends = november + timedelta(days=6 - november.weekday())
    return begins.toordinal() <= day < ends.toordinal()
