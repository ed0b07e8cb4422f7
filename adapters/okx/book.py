"""An order book of OKX, kept from its snapshot and changes. Pure.

Each change names the one that it follows. The checksum, where the exchange still sends one (it has been 0 since 2026),
is of the best 25 levels as text, so the text of a size is kept beside it.
"""

from __future__ import annotations

from collections.abc import Iterable

from adapters.book_side import BookSide
from adapters.finite import finite
from adapters.okx.wire import Book as Message
from adapters.okx.wire import Row, checksum
from market.errors import DecodeError
from market.ticks import Depth


class _Side:
    """One side: its levels, in coins, and for each price the text that came with it.

    Apart for each side: within one message a price may leave one side and come to the other.
    """

    def __init__(self, unit: float) -> None:
        self.levels = BookSide()
        self._unit = unit
        self._texts: dict[float, tuple[str, str]] = {}

    def change(self, rows: Iterable[Row]) -> None:
        for price_text, size_text, _nothing, orders in rows:
            price, size = finite(price_text), finite(size_text)
            self.levels.put(price, size * self._unit, int(orders))
            if size:
                self._texts[price] = (price_text, size_text)
            else:
                self._texts.pop(price, None)

    def texts(self, prices: Iterable[float]) -> Iterable[tuple[str, str]]:
        return map(self._texts.__getitem__, prices)


class OkxBook:
    """Out of sync until a snapshot came, and again after anything that does not fit.

    Args:
        unit: coins that a size of 1 stands for: 1 on spot, the contract's value otherwise.
        levels: how many levels a side are shown.

    Attributes:
        has_begun: whether a snapshot came at all.
    """

    def __init__(self, unit: float, levels: int) -> None:
        self._unit = unit
        self._levels = levels
        self._bids, self._asks = _Side(unit), _Side(unit)
        self._last: int | None = None
        self._at: int | None = None
        self.has_begun = False

    @property
    def in_sync(self) -> bool:
        """Whether the book is right."""
        return self._last is not None

    def take(self, message: Message, *, is_snapshot: bool) -> bool:
        """Take a message; returns whether the book is right now. If it is not, it has to be subscribed anew.

        Raises:
            DecodeError: a level is no number.
        """
        if is_snapshot:
            self.has_begun = True
            self._bids, self._asks = _Side(self._unit), _Side(self._unit)
        elif self._last is None or message.prevSeqId not in (None, self._last):
            self.drop()
            return False
        try:
            self._bids.change(message.bids)
            self._asks.change(message.asks)
        except ValueError:
            self.drop()
            raise DecodeError("A level of OKX is no number", repr(message.bids[:1])) from None
        self._last = message.seqId if message.seqId is not None else self._last or 0
        self._at = message.ts
        if message.checksum and message.checksum != self._checksum():
            self.drop()
            return False
        return True

    def drop(self) -> None:
        """Something was lost."""
        self._last = None

    def depth(self) -> Depth:
        """The best levels of both sides, best first; sizes in coins."""
        count = self._levels
        return Depth(self._bids.levels.highest(count), self._asks.levels.lowest(count), self._at)

    def _checksum(self) -> int:
        bids, asks = self._bids.levels.prices[:-26:-1], self._asks.levels.prices[:25]
        return checksum(self._bids.texts(bids), self._asks.texts(asks))
