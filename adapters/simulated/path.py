"""The past of a price: a path through its sessions that is a pure function of the seed and the calendar.

Sessions are chained backwards from the previous close, so that candles of yesterday end where today's change begins.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import accumulate, pairwise
from math import exp, log, sin, sqrt
from random import Random
from statistics import NormalDist
from typing import NamedTuple

from adapters.simulated.listing import Root
from market.exchanges import Exchange
from market.sessions import MINUTE_MS, SessionCalendar, Window, ordinal_of

_NOISE_BITS = 10
# Quantiles of the normal distribution: drawing one of them costs a fifth of `Random.gauss`, and their mean is zero.
NOISES = tuple(NormalDist().inv_cdf((i + 0.5) / (1 << _NOISE_BITS)) for i in range(1 << _NOISE_BITS))
_SESSIONS_A_YEAR = 252.0
# A day's open differs from the close before it by this share of a day's volatility.
_GAP = 0.25
_OLDEST_DAYS = 4000


class Bar(NamedTuple):
    """A stretch of a root's price. `share` is the part of a day's volume that traded in it."""

    start_ms: int
    open: float
    high: float
    low: float
    close: float
    share: float


class Session(NamedTuple):
    """A trading session and the prices at its ends; `previous_close` is the close of the one that ended before."""

    window: Window
    previous_end_ms: int
    previous_close: float
    open: float
    close: float

    @property
    def minutes(self) -> int:
        """The length of the session in minutes."""
        return (self.window.end_ms - self.window.start_ms) // MINUTE_MS


class SessionPath(NamedTuple):
    """The price at the beginning of each minute and at the end of the last one, and each minute's extremes."""

    prices: list[float]
    highs: list[float]
    lows: list[float]


def draw(random: Random) -> float:
    """A normally distributed number, mean 0 and deviation 1."""
    return NOISES[random.getrandbits(_NOISE_BITS)]


def sessions_back(seed: int, root: Root, calendar: SessionCalendar, at_ms: float) -> Iterator[Session]:
    """The session that runs at `at_ms`, or ended last, then those before it, newest first."""
    closing: float | None = None
    day = root.volatility / sqrt(_SESSIONS_A_YEAR)
    for window, before in pairwise(windows_back(root.key.exchange, calendar, at_ms)):
        random = Random(f"{seed}:{root.key}:{window.start_ms}")  # noqa: S311 - prices, not secrets
        move, gap = (max(-2.0, min(2.0, draw(random))) * day for _ in range(2))
        if closing is None:
            previous = root.previous_close
            close = previous * exp(max(-0.7 * root.band, min(0.7 * root.band, move)))
        else:
            close = closing
            previous = close / exp(move)
        yield Session(window, before.end_ms, previous, previous * exp(_GAP * gap), close)
        closing = previous


def session_path(seed: int, root: Root, session: Session) -> SessionPath:
    """The minutes of `session`: a bridge from its open to its close, within the band of its previous close."""
    minutes = session.minutes
    random = Random(f"{seed}:{root.key}:{session.window.start_ms}:minutes")  # noqa: S311
    noises = random.choices(NOISES, k=minutes)
    deviation = root.volatility / sqrt(_SESSIONS_A_YEAR * minutes)
    steps = list(accumulate(noises, initial=0.0))
    begin = log(session.open)
    slope = log(session.close / session.open) / minutes - deviation * steps[-1] / minutes
    top, bottom = session.previous_close * (1.0 + root.band), session.previous_close * (1.0 - root.band)
    prices = _within(bottom, top, [exp(begin + deviation * step + slope * i) for i, step in enumerate(steps)])
    reaches = [0.3 * deviation * (noise if noise > 0.0 else -noise) for noise in noises]
    after = prices[1:]
    highs = [(a if a > b else b) * (1.0 + reach) for a, b, reach in zip(prices, after, reaches, strict=False)]
    reaches.reverse()
    lows = [(a if a < b else b) * (1.0 - reach) for a, b, reach in zip(prices, after, reaches, strict=False)]
    return SessionPath(prices, _within(bottom, top, highs), _within(bottom, top, lows))


def _within(bottom: float, top: float, prices: list[float]) -> list[float]:
    if max(prices) <= top and min(prices) >= bottom:
        return prices
    return [max(bottom, min(top, price)) for price in prices]


def path_bars(path: SessionPath, start_ms: int, minutes: int, width: int) -> list[Bar]:
    """The first `minutes` of `path` in bars of `width` minutes, oldest first."""
    prices, highs, lows = path
    length = len(highs)
    bars = []
    for begin in range(0, minutes, width):
        end = min(begin + width, minutes)
        share = volume_until(end, length) - volume_until(begin, length)
        extremes = max(highs[begin:end]), min(lows[begin:end])
        bars.append(Bar(start_ms + begin * MINUTE_MS, prices[begin], *extremes, prices[end], share))
    return bars


def volume_until(minute: float, minutes: int) -> float:
    """The part of a session's volume that has traded after `minute` of its minutes: most trades near the ends."""
    done = max(0.0, min(1.0, minute / minutes))
    uneven = _ripple(done * minutes) - done * _ripple(minutes) - (1.0 - done) * _ripple(0.0)
    return 0.5 * done + 0.25 * ((2.0 * done - 1.0) ** 3 + 1.0) + uneven / minutes


def _ripple(minute: float) -> float:
    """Makes one minute busier than the next. Its slope stays above -0.45, so that volume never shrinks."""
    return 0.1 * sin(2.39 * minute) + 0.08 * sin(1.13 * minute + 1.0) + 0.2 * sin(0.41 * minute + 2.0)


def windows_back(exchange: Exchange, calendar: SessionCalendar, at_ms: float) -> Iterator[Window]:
    """The continuous session that runs at `at_ms`, or ended last, then those before it, newest first."""
    day = ordinal_of(at_ms)
    for back in range(_OLDEST_DAYS):
        for window in reversed(calendar.session_windows(exchange, date.fromordinal(day - back))):
            if window.start_ms <= at_ms:
                yield window
