"""The last known value of every instrument that moved, and what is in doubt about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from market.instruments import InstrumentKey
from market.modes import Mode
from market.ticks import Tick, Update
from services.market_data.flags import MAX_JUMP, PriceFlag, doubt
from services.market_data.listeners import Listener

EXPIRY_MS = 3_600_000.0

# A price between these multiples of the one before needs no second look.
_LEAST = 1 - MAX_JUMP
_MOST = 1 + MAX_JUMP


class Cell:
    """What is known of one instrument. `price_ms` is when its price last came; `route` caches who listens."""

    __slots__ = ("flag", "price", "price_ms", "route", "route_version", "tick")

    def __init__(self, tick: Tick) -> None:
        self.tick = tick
        self.price: float | None = None
        self.price_ms = 0.0
        self.flag: PriceFlag | None = None
        self.route: tuple[Listener, ...] = ()
        self.route_version = -1


class Cache:
    """Cells by key. One writer (the engine's loop); any thread may read, without a lock."""

    def __init__(self) -> None:
        self._cells: dict[InstrumentKey, Cell] = {}
        self.updates = 0
        self.hits = 0
        self.misses = 0
        self.doubts: Counter[PriceFlag] = Counter()
        self.newest_ms = 0.0

    def __len__(self) -> int:
        return len(self._cells)

    def store(self, updates: Sequence[Update]) -> None:
        """Keep a batch of folded values. The path of every tick: a lookup, a comparison, an assignment."""
        cells = self._cells
        for tick, changed in updates:
            cell = cells.get(tick[0])
            if cell is None:
                cell = cells[tick[0]] = Cell(tick)
            else:
                cell.tick = tick
            price = tick[3]
            before = cell.price
            # A message without a price leaves the very same object in the folded tick.
            if price is not before or price is None:
                if price is not None and before is not None and _LEAST * before < price < _MOST * before:
                    cell.price, cell.price_ms, cell.flag = price, tick[1], None
                else:
                    self._judge(cell, tick, changed)
        if updates:
            self.updates += len(updates)
            self.newest_ms = updates[-1].tick.received_ms

    def _judge(self, cell: Cell, tick: Tick, changed: int) -> None:
        price = tick.ltp
        if price is None and not changed & Mode.LTP.bit:
            return
        cell.flag = doubt(tick.key, price, cell.price, tick.received_ms - cell.price_ms)
        if cell.flag is not None:
            self.doubts[cell.flag] += 1
        if price is not None:
            cell.price, cell.price_ms = price, tick.received_ms

    def mark(self, key: InstrumentKey, flag: PriceFlag) -> None:
        """Count a price that came but cannot be kept as a number."""
        self.doubts[flag] += 1
        cell = self._cells.get(key)
        if cell is not None:
            cell.flag = flag

    def cell(self, key: InstrumentKey) -> Cell | None:
        """The cell of `key`, not counted as a reading."""
        return self._cells.get(key)

    def read(self, key: InstrumentKey | None) -> Cell | None:
        """The cell of `key`, counted as a hit or a miss."""
        cell = None if key is None else self._cells.get(key)
        if cell is None:
            self.misses += 1
        else:
            self.hits += 1
        return cell

    def __iter__(self) -> Iterator[Cell]:
        return iter(list(self._cells.values()))

    def expire(self, now_ms: float, wanted: Callable[[InstrumentKey], bool]) -> int:
        """Forget what has not moved for an hour and nobody wants; returns how many."""
        old = [
            key
            for key, cell in list(self._cells.items())
            if now_ms - cell.tick.received_ms > EXPIRY_MS and not wanted(key)
        ]
        for key in old:
            self._cells.pop(key, None)
        return len(old)

    def clear(self) -> None:
        """Forget every value; the counters stay."""
        self._cells.clear()
