"""What has been bought and sold at each price since the ladder was opened; the side is inferred."""

from __future__ import annotations

from typing import NamedTuple

from openalgo_desktop.presentation.ladder_rows import in_ticks
from openalgo_desktop.presentation.trade_side import BOUGHT, SOLD, Print


class Traded(NamedTuple):
    """Quantities at a price, or in a row of prices. `unknown` is of trades whose side cannot be inferred."""

    bought: float = 0.0
    sold: float = 0.0
    unknown: float = 0.0


NOTHING = Traded()


class TradedPrices:
    """Kept by tick, and added up for rows of `group` ticks."""

    def __init__(self, tick_size: float) -> None:
        self._tick_size = tick_size
        self._group = 1
        self._by_tick: dict[int, Traded] = {}
        self._by_row: dict[int, Traded] = self._by_tick

    def add(self, trade: Print) -> None:
        """Count a trade."""
        ticks = in_ticks(trade.price, self._tick_size)
        _add(self._by_tick, ticks, _of(trade))
        if self._by_row is not self._by_tick:
            _add(self._by_row, ticks // self._group, _of(trade))

    def set_group(self, group: int) -> None:
        """Add up for rows of other sizes."""
        if group == self._group:
            return
        self._group = group
        self._by_row = self._by_tick
        if group > 1:
            self._by_row = {}
            for ticks, traded in self._by_tick.items():
                _add(self._by_row, ticks // group, traded)

    def at(self, row: int) -> Traded:
        """What was traded in `row`: at its price, and up to the next row's."""
        return self._by_row.get(row, NOTHING)

    def total(self) -> Traded:
        """What was traded at all prices."""
        total = NOTHING
        for traded in self._by_tick.values():
            total = Traded(*(a + b for a, b in zip(total, traded, strict=True)))
        return total


def _of(trade: Print) -> Traded:
    if trade.side == BOUGHT:
        return Traded(bought=trade.quantity)
    return Traded(sold=trade.quantity) if trade.side == SOLD else Traded(unknown=trade.quantity)


def _add(store: dict[int, Traded], place: int, traded: Traded) -> None:
    before = store.get(place, NOTHING)
    store[place] = Traded(before[0] + traded[0], before[1] + traded[1], before[2] + traded[2])
