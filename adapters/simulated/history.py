"""Candles of a simulated instrument: those of its root, priced; the last one ends at the last price."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import groupby
from typing import NamedTuple

from adapters.simulated.path import Bar, path_bars, session_path, sessions_back
from adapters.simulated.spot import Spot
from adapters.simulated.walk import Walk
from market.candles import Candle
from market.errors import FeedRejectedError
from market.sessions import DAY_MS, MINUTE_MS, SessionCalendar

MOST_CANDLES = 5_000
# A session takes about a millisecond to draw.
_MOST_SESSIONS = 400


class Range(NamedTuple):
    """Which candles are wanted: at most `limit`, the latest that begin at `start_ms` or later and before `end_ms`."""

    limit: int
    start_ms: int = 0
    end_ms: int = sys.maxsize


def candles_of(
    walk: Walk, recorded: list[Bar], last: float, seed: int, calendar: SessionCalendar, interval_ms: int, wanted: Range
) -> list[Candle]:
    """Candles of whole minutes up to a day, oldest first; `recorded` comes from `recorded_bars`.

    Intervals are counted from the open of each session, and none reaches over its end. The latest candle of all closes
    at `last`.

    Raises:
        FeedRejectedError: the whole range lies before the first session there is.
    """
    if wanted.limit <= 0 or wanted.start_ms >= wanted.end_ms:
        return []
    latest: list[list[Bar]] = []
    have, running_ms = 0, None
    for bars in _sessions(walk.spot, recorded, seed, calendar, interval_ms, wanted):
        if running_ms is None and bars:
            running_ms = bars[-1].start_ms
        within = [bar for bar in bars if wanted.start_ms <= bar.start_ms < wanted.end_ms]
        latest.append(within)
        have += len(within)
        if have >= wanted.limit:
            break
    found = [bar for bars in reversed(latest) for bar in bars][-wanted.limit :]
    return _priced(walk, found, last if found and found[-1].start_ms == running_ms else None, interval_ms)


def recorded_bars(spot: Spot) -> list[Bar]:
    """The minutes of `spot` since it began, with the one under way: taken on the loop, used in a thread."""
    running = spot.running()
    return [*spot.recorded, *([running] if running else ())]


def _sessions(
    spot: Spot, recorded: list[Bar], seed: int, calendar: SessionCalendar, interval_ms: int, wanted: Range
) -> Iterator[list[Bar]]:
    """The merged bars of each session, newest session first: recorded, then both, then drawn where wanted."""
    exchange = spot.root.key.exchange
    since: dict[int, list[Bar]] = {}
    for bar in recorded:
        since.setdefault(calendar.session_start_ms(exchange, bar.start_ms), []).append(bar)
    width = interval_ms // MINUTE_MS
    sessions = sessions_back(seed, spot.root, calendar, spot.began_ms)
    start = next(sessions).window.start_ms
    for later in sorted(set(since) - {start}, reverse=True):
        yield list(_merge(since[later], later, interval_ms))
    past = path_bars(spot.past, start, spot.past_minutes, 1)
    yield list(_merge(past + since.get(start, []), start, interval_ms))
    drawn = 1
    for session in sessions:
        start = session.window.start_ms
        if session.window.end_ms <= wanted.start_ms or drawn == _MOST_SESSIONS:
            return
        if start < wanted.end_ms:
            drawn += 1
            yield path_bars(session_path(seed, spot.root, session), start, session.minutes, width)
    if wanted.end_ms <= start:
        oldest = datetime.fromtimestamp(start / 1000.0, UTC).date()
        raise FeedRejectedError(f"The simulated history begins on {oldest}")


def _merge(bars: Iterable[Bar], session_start_ms: int, interval_ms: int) -> Iterator[Bar]:
    for number, group in groupby(bars, key=lambda bar: (bar.start_ms - session_start_ms) // interval_ms):
        minutes = list(group)
        yield Bar(
            session_start_ms + number * interval_ms,
            minutes[0].open,
            max(bar.high for bar in minutes),
            min(bar.low for bar in minutes),
            minutes[-1].close,
            sum(bar.share for bar in minutes),
        )


def _priced(walk: Walk, bars: list[Bar], last: float | None, interval_ms: int) -> list[Candle]:
    fair, on_tick = walk.listing.pricing.price, walk.on_tick
    candles = []
    for bar in bars:
        start, end = bar.start_ms, bar.start_ms + min(interval_ms, DAY_MS)
        opening, closing = on_tick(fair(bar.open, start)), on_tick(fair(bar.close, end))
        if last is not None and bar is bars[-1]:
            closing = last
        high = max(opening, closing, on_tick(fair(bar.high, start)), on_tick(fair(bar.low, start)))
        low = min(opening, closing, on_tick(fair(bar.high, end)), on_tick(fair(bar.low, end)))
        volume = walk.scale.size(int(walk.listing.daily_lots * bar.share)) if walk.listing.daily_lots else 0
        candles.append(Candle(start, opening, high, low, closing, volume))
    return candles
