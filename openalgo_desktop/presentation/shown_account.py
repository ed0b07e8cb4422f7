"""What becomes of ticks on the screen, in true numbers: how many were shown one by one, and how long they waited.

Everyone conflates: a number that changes a hundred times a second is repainted ten times. Here it is counted. Only rows
in view count, for the others are not meant to be shown.
"""

from __future__ import annotations

from dataclasses import dataclass

from openalgo_desktop.presentation.sample_ring import SampleRing

# A window that Qt does not paint, because another covers it, must not collect for ever.
_MOST_WAITING = 1_024


@dataclass(frozen=True, slots=True)
class Shown:
    """A second of the screen. `conflated` is the share of ticks, 0 to 1, that a newer one replaced before a repaint;
    lags are from receipt to the end of the painting in ms, None while nothing was painted.
    """

    taken: int = 0
    shown: int = 0
    lag_p50_ms: float | None = None
    lag_p99_ms: float | None = None

    @property
    def conflated(self) -> float:
        """The share of ticks that was not shown by itself."""
        return 1.0 - self.shown / self.taken if self.taken else 0.0


class ShownAccount:
    """Counts while rows are written and painted; allocates nothing per tick."""

    def __init__(self) -> None:
        self.lags = SampleRing()
        self._taken = self._shown = 0
        self._waiting: list[float] = []
        self.painted_ms = 0.0
        """When new values were last painted, in ms since 1970 UTC."""

    def write(self, ticks: int, since_ms: float) -> None:
        """A row in view was brought up to date: `ticks` had come, the first at `since_ms` since 1970 UTC."""
        self._taken += ticks
        self._shown += 1
        if len(self._waiting) < _MOST_WAITING:
            self._waiting.append(since_ms)

    def painted(self, now_ms: float) -> None:
        """What was written is on the screen, at `now_ms` since 1970 UTC."""
        if self._waiting:
            self.painted_ms = now_ms
        for since_ms in self._waiting:
            self.lags.add(max(now_ms - since_ms, 0.0))
        self._waiting.clear()

    def take(self) -> Shown:
        """The account since the previous call."""
        lags = self.lags.percentiles(50, 99)
        taken, shown = self._taken, self._shown
        self._taken = self._shown = 0
        if lags is None:
            return Shown(taken, shown)
        return Shown(taken, shown, *lags)
