"""Pulling and stacking: how much more or less rests at a price than five seconds ago."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

from openalgo_desktop.presentation.ladder_rows import Rung

WINDOW_MS = 5_000.0
_EVERY_MS = 500.0


class RestingChanges:
    """Remembers one side of a ladder, twice a second. Rows that were out of sight then are not compared."""

    def __init__(self) -> None:
        self._past: deque[tuple[float, Mapping[int, Rung]]] = deque()

    def watch(self, now: Mapping[int, Rung], now_ms: float) -> None:
        """Remember what rests now."""
        if not self._past or now_ms - self._past[-1][0] >= _EVERY_MS:
            self._past.append((now_ms, now))
        while len(self._past) > 1 and now_ms - self._past[1][0] >= WINDOW_MS:
            self._past.popleft()

    def change(self, row: int, now: Mapping[int, Rung]) -> float | None:
        """How much more rests in `row` than at the beginning of the window; None where that is not known."""
        if not self._past:
            return None
        then = self._past[0][1]
        if not then or not min(then) <= row <= max(then):
            return None
        before, after = then.get(row), now.get(row)
        return (after.quantity if after else 0.0) - (before.quantity if before else 0.0)
