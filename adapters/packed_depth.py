"""A book that is kept as it came, and whose levels are made when somebody reads them.

Zerodha and Dhan send the five best levels with every message that carries a Quote. A list shows no levels: of a
thousand instruments that are watched, the book of one or two is read, a few times a second. Making ten levels takes
longer than all else that a message is worth, and each is one more object for the garbage collector to visit.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from market.ticks import Depth, Level

Side = tuple[Level, ...]
BUY, SELL = 0, 1

Reader = Callable[[bytes, float, int], Side]
"""Makes one side (`BUY`, `SELL`) from the bytes of a book and the unit of its prices; it does not fail."""


class PackedDepth(msgspec.Struct, frozen=True, gc=False, eq=False):
    """A `market.ticks.Book` of which nothing is read yet. `packet` has the book's own bytes and nothing else."""

    reader: Reader
    packet: bytes
    unit: float
    timestamp: int | None = None

    @property
    def buy(self) -> Side:
        """The bids, best first; made anew at every reading."""
        return self.reader(self.packet, self.unit, BUY)

    @property
    def sell(self) -> Side:
        """The offers, best first; made anew at every reading."""
        return self.reader(self.packet, self.unit, SELL)

    def __eq__(self, other: object) -> bool:
        """Whether both say the same: two of a feed by their bytes, any others by their levels."""
        if type(other) is PackedDepth and other.reader is self.reader:
            return self.packet == other.packet and self.timestamp == other.timestamp and self.unit == other.unit
        return self._said() == other

    def __hash__(self) -> int:
        return hash(self._said())

    def _said(self) -> Depth:
        return Depth(self.buy, self.sell, self.timestamp)
