"""One side of an order book that is kept from a snapshot and changes to it. Pure."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable

from market.ticks import Level, Quantity


class BookSide:
    """Quantities by price, and the prices in ascending order. A quantity of zero takes a level away."""

    __slots__ = ("prices", "quantities")

    def __init__(self, levels: Iterable[tuple[float, Quantity]] = ()) -> None:
        self.quantities = {price: quantity for price, quantity in levels if quantity}
        self.prices = sorted(self.quantities)

    def change(self, levels: Iterable[tuple[float, Quantity]]) -> None:
        """Take new quantities at prices."""
        for price, quantity in levels:
            if quantity:
                if price not in self.quantities:
                    insort(self.prices, price)
                self.quantities[price] = quantity
            elif self.quantities.pop(price, None) is not None:
                del self.prices[bisect_left(self.prices, price)]

    def highest(self, count: int) -> tuple[Level, ...]:
        """Up to `count` levels from the highest price down: the best bids."""
        return tuple([Level(price, self.quantities[price]) for price in self.prices[: -count - 1 : -1]])

    def lowest(self, count: int) -> tuple[Level, ...]:
        """Up to `count` levels from the lowest price up: the best asks."""
        return tuple([Level(price, self.quantities[price]) for price in self.prices[:count]])

    def __len__(self) -> int:
        return len(self.prices)
