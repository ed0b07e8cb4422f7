"""An order book of Delta Exchange India, kept from its snapshot and changes. Pure.

Each change is numbered one more than the one before, and carries a checksum of the best ten levels as text.
"""

from __future__ import annotations

from collections.abc import Iterable

from adapters.book_side import BookSide
from adapters.delta.wire import Book as Message
from adapters.delta.wire import Row, checksum
from adapters.finite import finite
from market.errors import DecodeError
from market.ticks import Depth

LEVELS = 50


class _Side:
    """One side: its levels, in coins, and for each price the text that came with it."""

    def __init__(self, unit: float) -> None:
        self.levels = BookSide()
        self.texts: dict[float, Row] = {}
        self._unit = unit

    def change(self, rows: Iterable[Row]) -> None:
        for row in rows:
            price, size = finite(row[0]), finite(row[1])
            self.levels.put(price, size * self._unit)
            if size:
                self.texts[price] = row
            else:
                self.texts.pop(price, None)

    def rows(self, prices: Iterable[float]) -> list[Row]:
        return list(map(self.texts.__getitem__, prices))


class DeltaBook:
    """Out of sync until a snapshot came, and again after anything that does not fit. `unit`: coins of a contract."""

    def __init__(self, unit: float) -> None:
        self.unit = unit
        self._bids, self._asks = _Side(unit), _Side(unit)
        self._last: int | None = None
        self._at_ms: int | None = None

    @property
    def in_sync(self) -> bool:
        """Whether the book is right."""
        return self._last is not None

    def take(self, message: Message) -> bool:
        """Take a message; returns whether the book is right now. If it is not, it has to be subscribed anew.

        Raises:
            DecodeError: a level is no number.
        """
        if message.action == "snapshot":
            self._bids, self._asks = _Side(self.unit), _Side(self.unit)
        elif self._last is None or message.seq != self._last + 1:
            self.drop()
            return False
        try:
            self._bids.change(message.b)
            self._asks.change(message.a)
        except ValueError:
            self.drop()
            raise DecodeError("A level of Delta Exchange is no number", repr(message.b[:1])) from None
        self._last, self._at_ms = message.seq, None if message.ts is None else message.ts // 1000
        if message.cs is not None and message.cs != self._checksum():
            self.drop()
        return self.in_sync

    def drop(self) -> None:
        """Something was lost, or the connection is new."""
        self._last = None

    def depth(self) -> Depth:
        """The best levels of both sides, best first; sizes in coins."""
        return Depth(self._bids.levels.highest(LEVELS), self._asks.levels.lowest(LEVELS), self._at_ms)

    def _checksum(self) -> int:
        asks, bids = self._asks.levels.prices[:10], self._bids.levels.prices[:-11:-1]
        return checksum(self._asks.rows(asks), self._bids.rows(bids))
