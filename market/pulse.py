"""The rhythm of something that speaks now and then: how long its silences usually are, and so which one is unusual.

A share that trades twice a second and is silent for a minute is suspicious; an option that trades every five minutes
is not. Both are judged by their own habit. Pure: times are arguments, in ms.
"""

from __future__ import annotations

QUIET_AFTER_MS = 10_000.0
FROZEN_AFTER_MS = 30_000.0
_QUIET_GAPS = 5.0
_FROZEN_GAPS = 20.0
# Messages of one burst are one sign of life: shorter gaps say nothing about silences.
_BURST_MS = 100.0
_KEPT = 16
_ENOUGH = 8
# Of a habit that is known, every fourth new gap is soon enough to think of it again.
_RECKONED_EVERY = 4
NEVER = float("-inf")


class Pulse:
    """The last sign of life and the latest gaps between signs."""

    __slots__ = ("_at", "_frozen_after_ms", "_gaps", "_median", "last_ms", "mark_ms")

    def __init__(self) -> None:
        self.last_ms = NEVER
        self.mark_ms = NEVER
        self._gaps: list[float] = []
        self._at = 0
        self._median: float | None = None
        self._frozen_after_ms: float | None = None

    def beat(self, at_ms: float) -> None:
        """Take a sign of life. Called for every tick."""
        self.last_ms = at_ms
        gap = at_ms - self.mark_ms
        if gap >= _BURST_MS or gap < 0.0:
            self._keep(gap)
            self.mark_ms = at_ms

    def pause(self) -> None:
        """The next gap is no habit of its own: what came before it was cut off, for example by a lost connection."""
        self.mark_ms = NEVER

    def _keep(self, gap: float) -> None:
        # The first sign has no gap before it, and one that a clock set back has made none that means anything.
        if not 0.0 < gap < float("inf"):
            return
        gaps = self._gaps
        if len(gaps) < _KEPT:
            gaps.append(gap)
        else:
            gaps[self._at] = gap
            self._at = (self._at + 1) % _KEPT
            if self._at % _RECKONED_EVERY:
                return
        self._median = self._frozen_after_ms = None

    @property
    def median_gap_ms(self) -> float | None:
        """The usual gap, or None while too few are known."""
        if len(self._gaps) < _ENOUGH:
            return None
        if self._median is None:
            ordered = sorted(self._gaps)
            middle = len(ordered) // 2
            self._median = ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2.0
        return self._median

    @property
    def quiet_after_ms(self) -> float:
        """After how long a silence is worth saying."""
        median = self.median_gap_ms
        return QUIET_AFTER_MS if median is None else max(QUIET_AFTER_MS, _QUIET_GAPS * median)

    @property
    def frozen_after_ms(self) -> float | None:
        """After how long a silence is hard to believe, or None while no habit is known."""
        if self._frozen_after_ms is None:
            median = self.median_gap_ms
            if median is not None:
                self._frozen_after_ms = max(FROZEN_AFTER_MS, _FROZEN_GAPS * median)
        return self._frozen_after_ms
