"""An order book of Bybit, kept from its snapshot and changes. Pure.

Nothing says which change follows which, and there is no checksum: what can be seen is a number that goes back, and a
book whose best bid is not below its best ask.
"""

from __future__ import annotations

from adapters.book_side import BookSide
from adapters.bybit.wire import Book as Message
from market.ticks import Depth

LEVELS = 50


class BybitBook:
    """Out of sync until a snapshot came, and again after anything that does not fit.

    `has_begun`: whether a snapshot came at all.
    """

    def __init__(self) -> None:
        self._bids, self._asks = BookSide(), BookSide()
        self._last: int | None = None
        self.has_begun = False

    @property
    def in_sync(self) -> bool:
        """Whether the book is right."""
        return self._last is not None

    def take(self, message: Message, *, is_snapshot: bool) -> bool:
        """Take a message; returns whether the book is right now. If it is not, it has to be subscribed anew."""
        if is_snapshot:
            self.has_begun = True
            self._bids, self._asks = BookSide(message.b), BookSide(message.a)
        elif self._last is None or message.u <= self._last:
            self.drop()
            return False
        else:
            self._bids.change(message.b)
            self._asks.change(message.a)
        self._last = message.u
        bids, asks = self._bids.prices, self._asks.prices
        if bids and asks and bids[-1] >= asks[0]:
            self.drop()
        return self.in_sync

    def drop(self) -> None:
        """Something was lost."""
        self._last = None

    def depth(self, at_ms: int | None) -> Depth:
        """The best levels of both sides, best first."""
        return Depth(self._bids.highest(LEVELS), self._asks.lowest(LEVELS), at_ms)
