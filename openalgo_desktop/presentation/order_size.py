"""What the number of orders at a level says: one large order, a crowd of small ones, or a lot that only flickers.

Indian exchanges publish how many orders make up a level. Crypto exchanges do not: then nothing is said.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum, auto
from statistics import median
from typing import NamedTuple

from market.ticks import Depth, Level

LARGE = 3.0
"""A level is large from so many times the usual quantity on, an average order small from a third of the usual one."""
MANY_ORDERS = 10
FLICKER_MS = 500.0
_LONG_AGO = float("-inf")


class Mark(Enum):
    """What is worth pointing out about a level."""

    NONE = auto()
    SINGLE = auto()
    CROWD = auto()


class Usual(NamedTuple):
    """Quantity, number of orders, and size of an order at an ordinary level of one book."""

    quantity: float
    orders: float
    size: float


def average_size(level: Level) -> float | None:
    """The quantity of an order at `level` on average, or None where the exchange does not count orders."""
    return level.quantity / level.orders if level.orders else None


def usual(book: Depth) -> Usual | None:
    """What is ordinary in `book`, both sides taken together; None without order counts."""
    counted = [level for side in (book.buy, book.sell) for level in side if level.orders]
    if not counted:
        return None
    return Usual(
        median(level.quantity for level in counted),
        median(level.orders for level in counted),
        median(level.quantity / level.orders for level in counted),
    )


def mark(level: Level, ordinary: Usual | None) -> Mark:
    """Whether `level` is one large order, or many orders that are small on average."""
    if ordinary is None or not level.orders:
        return Mark.NONE
    if level.orders == 1:
        return Mark.SINGLE if level.quantity >= LARGE * ordinary.quantity else Mark.NONE
    is_crowd = (
        level.orders >= MANY_ORDERS
        and level.orders > ordinary.orders
        and level.quantity / level.orders * LARGE <= ordinary.size
    )
    return Mark.CROWD if is_crowd else Mark.NONE


class Flicker:
    """Finds single lots that have stood for less than half a second: often they are gone before anybody could trade."""

    def __init__(self) -> None:
        self._since: dict[float, float] | None = None

    def young(self, book: Depth, lot: float | None, now_ms: float) -> frozenset[float]:
        """The prices at which a single lot appeared just now. What the first book holds has always been there."""
        before, first = self._since or {}, _LONG_AGO if self._since is None else now_ms
        now = {price: before.get(price, first) for price in _single_lots(book, lot or 1.0)}
        self._since = now
        return frozenset(price for price, since in now.items() if now_ms - since < FLICKER_MS)


def _single_lots(book: Depth, lot: float) -> Iterable[float]:
    return (level.price for side in (book.buy, book.sell) for level in side if level.quantity <= lot)
