"""What waits to be published: everything while the server keeps up, the newest of each while it does not. Pure."""

from __future__ import annotations

from collections import Counter

from market.instruments import InstrumentKey
from market.modes import Mode
from market.ticks import Tick

QUEUE_LIMIT = 5_000
SLOTS_LIMIT = 100_000


class ConflatingOutbox:
    """Values by (instrument, mode), in order of first arrival; what is replaced or given up is counted.

    Values are kept and not their encodings: what goes out late is encoded late, and says its true age.
    """

    def __init__(self, counters: Counter[str]) -> None:
        self._counters = counters
        self._queue: list[tuple[Tick, Mode]] = []
        self._latest: dict[tuple[InstrumentKey, Mode], Tick] = {}
        self._is_behind = False

    def put(self, tick: Tick, mode: Mode) -> None:
        """Queue `mode` of `tick`."""
        if self._is_behind:
            self._replace(tick, mode)
            return
        self._queue.append((tick, mode))
        if len(self._queue) > QUEUE_LIMIT:
            self.hold_back()

    def hold_back(self) -> None:
        """The server is away or slow: keep only the newest of each until everything has been taken."""
        self._is_behind = True
        queue, self._queue = self._queue, []
        for tick, mode in queue:
            self._replace(tick, mode)

    def take(self, most: int) -> list[tuple[Tick, Mode]]:
        """Return and forget what waits longest, up to `most`."""
        if not self._is_behind:
            taken, self._queue = self._queue[:most], self._queue[most:]
            return taken
        names = [name for name, _ in zip(self._latest, range(most), strict=False)]
        taken = [(self._latest.pop(name), name[1]) for name in names]
        self._is_behind = bool(self._latest)
        return taken

    def __len__(self) -> int:
        return len(self._queue) + len(self._latest)

    def _replace(self, tick: Tick, mode: Mode) -> None:
        name = (tick.key, mode)
        if name in self._latest:
            self._counters["conflated"] += 1
        elif len(self._latest) >= SLOTS_LIMIT:
            del self._latest[next(iter(self._latest))]
            self._counters["dropped"] += 1
        self._latest[name] = tick
