"""Which candles can be asked for, and making longer ones of shorter ones. Pure.

Candles within a day are counted from the open of the session, not from the hour, and none reaches over its end; those
of days and more belong to dates in India.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import NamedTuple

from market.candles import Candle
from market.sessions import DAY_MS, ordinal_of

DAY_S = 86_400
SECONDS = {
    **{f"{count}s": count for count in (1, 5, 10, 15, 30, 45)},
    **{f"{count}m": count * 60 for count in (1, 2, 3, 5, 10, 15, 20, 30)},
    **{f"{count}h": count * 3600 for count in (1, 2, 3, 4)},
    "D": DAY_S,
}
PERIODS = ("W", "M", "Q", "Y")
INTERVALS = (*SECONDS, *PERIODS)
_GROUPS = {"seconds": "s", "minutes": "m", "hours": "h", "days": "D", "weeks": "W", "months": "MQY"}
_MONTHS_IN = {"M": 1, "Q": 3, "Y": 12}


class Source(NamedTuple):
    """The candles that an interval is made of: theirs in seconds; the same as asked for where nothing is to be made."""

    seconds: int
    is_made: bool


def source_of(interval: str, offered: Collection[int]) -> Source | None:
    """What `interval` is made of by a feed that has candles of `offered` seconds, None if it cannot be.

    A feed that does not say what it offers is asked for the interval itself, or for days.
    """
    wanted = SECONDS.get(interval, DAY_S)
    is_period = interval in PERIODS
    if not offered or wanted in offered:
        return Source(wanted, is_period)
    # Nothing is made of seconds (too many), and days are not made of hours (a session may lack some).
    if wanted >= DAY_S:
        return None
    smaller = [seconds for seconds in offered if 60 <= seconds < wanted and wanted % seconds == 0]
    return Source(max(smaller), is_made=True) if smaller else None


def available(offers: Iterable[Collection[int]]) -> dict[str, list[str]]:
    """The answer of `intervals` for feeds with these offers. One that does not say what it has adds nothing."""
    known = [offered for offered in offers if offered]
    names = [name for name in INTERVALS if any(source_of(name, offered) for offered in known)]
    return {group: [name for name in names if name[-1] in units] for group, units in _GROUPS.items()}


def is_daily(interval: str) -> bool:
    """Whether its candles belong to dates."""
    return interval == "D" or interval in PERIODS


def date_of(at_ms: float) -> date:
    """The date in India."""
    return date.fromordinal(ordinal_of(at_ms))


def period_start(interval: str, day: date) -> date:
    """The first day of the week, month, quarter or year of `day`; the day itself for any other interval."""
    if interval == "W":
        return day - timedelta(days=day.weekday())
    months = _MONTHS_IN.get(interval)
    if months is None:
        return day
    return date(day.year, (day.month - 1) // months * months + 1, 1)


def period_end(interval: str, day: date) -> date:
    """The first day after the week, month, quarter or year of `day`; the next day for any other interval."""
    # No period is longer than 366 days, and the day that long after its start is within the next one.
    longest = {"W": 7, "M": 31, "Q": 92, "Y": 366}.get(interval, 1)
    return period_start(interval, period_start(interval, day) + timedelta(days=longest))


def merged_days(candles: Sequence[Candle], interval: str) -> list[Candle]:
    """Weeks, months, quarters or years of daily `candles`, each beginning with its first day of trading.

    The first is left out if nothing before it is there: then it may have begun earlier.
    """
    groups = _groups(candles, lambda candle: period_start(interval, date_of(candle.start_ms)))
    return [_joined(group[0].start_ms, group) for group in groups][1:]


def merged_intraday(candles: Sequence[Candle], width_ms: int, session_start_ms: Callable[[float], int]) -> list[Candle]:
    """Candles of `width_ms` of shorter ones, counted from the start of each session.

    The first is left out if its beginning is not there.
    """

    def start(candle: Candle) -> int:
        # A session that was open all night, as crypto is, counts on from its own open: whole days do not matter.
        opened = session_start_ms(candle.start_ms)
        return opened + (candle.start_ms - opened) // width_ms * width_ms

    groups = _groups(candles, start)
    if groups and groups[0][0].start_ms != start(groups[0][0]):
        del groups[0]
    return [_joined(start(group[0]), group) for group in groups]


def stamp_s(candle: Candle, interval: str) -> int:
    """The time of a candle in an answer, in seconds since 1970: for days midnight UTC of the date in India.

    That is the date that clients show which read it without a time zone, as the SDKs do.
    """
    if not is_daily(interval):
        return candle.start_ms // 1000
    return (ordinal_of(candle.start_ms) - date(1970, 1, 1).toordinal()) * (DAY_MS // 1000)


def _groups(candles: Sequence[Candle], key: Callable[[Candle], Hashable]) -> list[list[Candle]]:
    return [list(group) for _, group in groupby(candles, key=key)]


def _joined(start_ms: int, candles: Sequence[Candle]) -> Candle:
    return Candle(
        start_ms,
        candles[0].open,
        max(candle.high for candle in candles),
        min(candle.low for candle in candles),
        candles[-1].close,
        sum(candle.volume for candle in candles),
        candles[-1].oi,
    )
