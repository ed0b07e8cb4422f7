"""One side of an order book that is kept from a snapshot and changes to it. Pure."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable

from market.ticks import Level, Quantity

_make = tuple.__new__


class BookSide:
    """Levels by price, and `prices` in ascending order. A quantity of zero takes a level away.

    A level is made when it changes, not when it is shown: of the many that are shown again and again few do.
    """

    __slots__ = ("_levels", "prices")

    def __init__(self, levels: Iterable[tuple[float, Quantity]] = ()) -> None:
        self._levels = {price: _make(Level, (price, quantity, 0)) for price, quantity in levels if quantity}
        self.prices = sorted(self._levels)

    def put(self, price: float, quantity: Quantity, orders: int = 0) -> None:
        """There is `quantity` at `price` now, in so many orders."""
        if quantity:
            if price not in self._levels:
                insort(self.prices, price)
            self._levels[price] = _make(Level, (price, quantity, orders))
        elif self._levels.pop(price, None) is not None:
            del self.prices[bisect_left(self.prices, price)]

    def change(self, levels: Iterable[tuple[float, Quantity]]) -> None:
        """Take new quantities at prices."""
        for price, quantity in levels:
            self.put(price, quantity)

    def highest(self, count: int) -> tuple[Level, ...]:
        """Up to `count` levels from the highest price down: the best bids."""
        return tuple(map(self._levels.__getitem__, self.prices[: -count - 1 : -1]))

    def lowest(self, count: int) -> tuple[Level, ...]:
        """Up to `count` levels from the lowest price up: the best asks."""
        return tuple(map(self._levels.__getitem__, self.prices[:count]))

    def __len__(self) -> int:
        return len(self.prices)
