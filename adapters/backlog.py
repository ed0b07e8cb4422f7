"""What arrived faster than it could be handed on: bounded, and without losing anybody's final value.

Pure: no sockets, no clock.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from market.instruments import InstrumentKey
from market.ticks import Tick, fold

LIMIT = 10_000
BATCH = 100


class Backlog:
    """Ticks in order of arrival; above `LIMIT` of them they are folded by instrument, and what went is counted."""

    def __init__(self, counters: Counter[str]) -> None:
        self._ticks: list[Tick] = []
        self._counters = counters

    def add(self, ticks: Sequence[Tick]) -> None:
        """Take `ticks` in, oldest first."""
        self._ticks += ticks
        if len(self._ticks) > LIMIT:
            before = len(self._ticks)
            self._ticks = fold_by_key(self._ticks)
            self._counters["conflated"] += before - len(self._ticks)

    def take(self) -> list[Tick]:
        """Return and forget the oldest, up to `BATCH` of them: as much as one turn of the loop should publish."""
        ticks, self._ticks = self._ticks[:BATCH], self._ticks[BATCH:]
        return ticks

    def clear(self) -> None:
        """Forget everything."""
        self._ticks = []

    def __len__(self) -> int:
        return len(self._ticks)


def fold_by_key(ticks: Sequence[Tick]) -> list[Tick]:
    """Return one tick per instrument, in order of first appearance, with everything that `ticks` said."""
    folded: dict[InstrumentKey, Tick] = {}
    for tick in ticks:
        before = folded.get(tick.key)
        folded[tick.key] = tick if before is None else fold(before, tick)
    return list(folded.values())
