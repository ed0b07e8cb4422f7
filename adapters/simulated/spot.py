"""The running price of a root: where it has been today, and a random walk from there."""

from __future__ import annotations

from collections import deque
from math import sqrt
from random import Random

from adapters.simulated.listing import Root
from adapters.simulated.path import Bar, draw, session_path, sessions_back, volume_until, windows_back
from market.sessions import MINUTE_MS, SessionCalendar

# Trading time only: volatility of a year is spread over its sessions.
_TRADING_YEAR_MS = 252 * 375 * 60_000.0
# Pulls the price back to where the day began, so that a long run stays away from the circuits.
_PULL_PER_MS = 1.0 / (3 * 3_600_000.0)
# After a long silence the price moves on as if this much time had passed.
_LONGEST_STEP_MS = 600_000.0
_KEPT_MINUTES = 5 * 1440


class Spot:
    """The price that a root and its derivatives share. Time and chance are arguments: the same calls, the same path.

    `past` is the path of the session that the process began in, up to its minute `past_minutes`; `recorded` are the
    minutes since, oldest first.
    """

    def __init__(self, seed: int, root: Root, calendar: SessionCalendar, at_ms: float, random: Random):
        self.root = root
        self._random = random
        self._deviation = root.volatility / sqrt(_TRADING_YEAR_MS)
        session = next(sessions_back(seed, root, calendar, at_ms))
        self.began_ms = self._at_ms = at_ms
        self.window = session.window
        self.previous_end_ms = session.previous_end_ms
        self.previous_close = session.previous_close
        self.past = session_path(seed, root, session)
        self.past_minutes = done = min(session.minutes, int((at_ms - self.window.start_ms) // MINUTE_MS))
        self.recorded: deque[Bar] = deque(maxlen=_KEPT_MINUTES)
        self.value = self.past.prices[done]
        self.day_open = session.open
        self.day_high = max(self.past.highs[:done], default=session.open)
        self.day_low = min(self.past.lows[:done], default=session.open)
        self.day_share = volume_until(done, session.minutes)
        self._minute_end_ms = 0
        self._minute_open = self._minute_high = self._minute_low = self.value
        self._set_band()
        if at_ms < self.window.end_ms:
            self._begin_minute(at_ms)

    def at(self, now_ms: float) -> float:
        """Move on to `now_ms` and return the price there. Time that goes backwards is no time at all."""
        elapsed = now_ms - self._at_ms
        if elapsed > 0.0:
            self._at_ms = now_ms
            value = self.value
            elapsed = min(elapsed, _LONGEST_STEP_MS)
            value += value * self._deviation * sqrt(elapsed) * draw(self._random)
            value += (self.day_open - value) * elapsed * _PULL_PER_MS
            self.value = value = max(self._bottom, min(self._top, value))
            if now_ms >= self._minute_end_ms:
                self._begin_minute(now_ms)
            if value > self._minute_high:
                self._minute_high = value
                self.day_high = max(self.day_high, value)
            if value < self._minute_low:
                self._minute_low = value
                self.day_low = min(self.day_low, value)
        return self.value

    def running(self) -> Bar | None:
        """The minute that is under way, or None where the session had ended before the process began."""
        if self._minute_end_ms == 0:
            return None
        start = self._minute_end_ms - MINUTE_MS
        first, length = start - self.window.start_ms, self.window.end_ms - self.window.start_ms
        share = volume_until(first + MINUTE_MS, length) - volume_until(first, length)
        return Bar(start, self._minute_open, self._minute_high, self._minute_low, self.value, share)

    def roll(self, calendar: SessionCalendar, now_ms: float) -> None:
        """Begin the session that runs at `now_ms`: the last price becomes the previous close."""
        self.previous_end_ms = self.window.end_ms
        self.window = next(windows_back(self.root.key.exchange, calendar, now_ms))
        self.previous_close = self.day_open = self.day_high = self.day_low = self.value
        self.day_share = 0.0
        self._set_band()
        self._begin_minute(now_ms)

    def _set_band(self) -> None:
        self._top = self.previous_close * (1.0 + self.root.band)
        self._bottom = self.previous_close * (1.0 - self.root.band)

    def _begin_minute(self, now_ms: float) -> None:
        ended = self.running()
        if ended is not None:
            self.recorded.append(ended)
        self._minute_end_ms = int(now_ms // MINUTE_MS + 1) * MINUTE_MS
        self._minute_open = self._minute_high = self._minute_low = self.value
