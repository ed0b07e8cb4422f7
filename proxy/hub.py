"""The middle of everything: feeds publish into it, it knows the last value of each instrument, and it calls the sinks.

Pure: no sockets, no clock, no loop. A sink that raises is isolated, counted and logged once.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from market.instruments import InstrumentKey
from market.ticks import Tick, Update, changed_modes, fold, known_modes

_SOURCE = Tick._fields.index("source")

logger = logging.getLogger(__name__)

Sink = Callable[[Sequence[Update]], None]


class Hub:
    """Folds ticks into last values and hands each batch to every sink."""

    def __init__(self) -> None:
        self._last: dict[InstrumentKey, Tick] = {}
        self._sinks: list[Sink] = []
        self._logged: set[Sink] = set()
        self.counters: Counter[str] = Counter()

    def add_sink(self, sink: Sink) -> None:
        """Call `sink` with every batch of updates from now on."""
        self._sinks.append(sink)

    def remove_sink(self, sink: Sink) -> None:
        """Stop calling `sink`; no harm if it was not added."""
        if sink in self._sinks:
            self._sinks.remove(sink)

    def publish(self, ticks: Sequence[Tick]) -> None:
        """Take a batch of ticks, oldest first."""
        last = self._last
        updates: list[Update] = []
        for tick in ticks:
            before = last.get(tick.key)
            if before is None:
                after, changed = tick, known_modes(tick)
            elif before[_SOURCE] != tick[_SOURCE]:
                # Another feed serves it now: values of two sources are never mixed, a day's high least of all.
                after, changed = tick, known_modes(tick) | changed_modes(before, tick)
            else:
                after = fold(before, tick)
                changed = changed_modes(before, after)
            last[tick.key] = after
            updates.append(Update(after, changed))
        self.counters["ticks_in"] += len(updates)
        for sink in self._sinks:
            try:
                sink(updates)
            except Exception:  # noqa: BLE001 - a sink's failure is not the feed's
                self._sink_failed(sink)

    def last(self, key: InstrumentKey) -> Tick | None:
        """The last known value of `key`, or None."""
        return self._last.get(key)

    def __iter__(self) -> Iterator[Tick]:
        return iter(list(self._last.values()))

    def __len__(self) -> int:
        return len(self._last)

    def _sink_failed(self, sink: Sink) -> None:
        self.counters["sink_errors"] += 1
        if sink not in self._logged:
            self._logged.add(sink)
            logger.exception("A sink of the hub failed; further failures of it are only counted")
