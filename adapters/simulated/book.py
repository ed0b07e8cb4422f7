"""An order book around a moving price: changed level by level, never rebuilt while it need not be.

Most levels hold a few orders. Now and then one holds a single large order, or a crowd of small ones, or one lot that is
gone at the next trade: what a reader of order counts looks for.
"""

from __future__ import annotations

from random import Random
from typing import NamedTuple

from market.ticks import Depth, Level, Quantity

# From this level on, further ones hold no more than it does.
_GROWS_TO = 16
_new = tuple.__new__


class Shape(NamedTuple):
    """How deep a book is, and whether its exchange says how many orders a level has (crypto exchanges do not)."""

    levels: int = 20
    counts_orders: bool = True


class Scale(NamedTuple):
    """How prices counted in ticks and quantities counted in lots are shown.

    A tick is `tick / per_tick`, exactly. `lot` is 0 where a lot is a fraction: then `lots_per_unit` make a whole.
    """

    tick: int
    per_tick: int
    lot: int
    lots_per_unit: int

    def price(self, ticks: int) -> float:
        """The price that is so many ticks: the float nearest to it."""
        return ticks * self.tick / self.per_tick

    def size(self, lots: int) -> Quantity:
        """The quantity that is so many lots: an int where lots are whole."""
        return lots * self.lot if self.lot else lots / self.lots_per_unit


class Side:
    """One side of a book, best level first. Prices are counted in ticks until they are shown.

    `step` is the distance of two levels: negative for bids. No level lies beyond `limit`.
    """

    __slots__ = ("_bits", "_blip", "_limit", "_most", "_orders", "_scale", "_step", "best", "levels")

    def __init__(self, step: int, limit: int, scale: Scale, shape: Shape, random: Random) -> None:
        self._step = step
        self._limit = limit
        self._scale = scale
        self._most, self._orders = shape
        self._bits = random.getrandbits
        # Where a lot stands that is about to go, in ticks.
        self._blip: int | None = None
        self.best = 0
        self.levels: list[Level] = []

    def move(self, best: int) -> None:
        """Let the best level be at `best`, a whole number of steps from where it was."""
        levels = self.levels
        worse = (best - self.best) // self._step
        self.best = best
        if worse >= len(levels) or worse <= -self._most:
            levels.clear()
        elif worse > 0:
            del levels[:worse]
        elif worse < 0:
            levels[0:0] = [self._level(position) for position in range(-worse)]
            del levels[self._most :]
        if len(levels) < self._most:
            self._fill()

    def change(self, position: int) -> None:
        """Let the level at `position` have another size, if there is one, and take back what was there for a moment."""
        blip, self._blip = self._blip, None
        if blip is not None and 0 <= (at := (blip - self.best) // self._step) < len(self.levels):
            self.levels[at] = self._level(at)
        if position < len(self.levels):
            self.levels[position] = self._level(position)
            if not self._bits(5):
                self._blip = self.best + self._step * position
                self.levels[position] = self._sized(position, 1, 1)

    def _fill(self) -> None:
        reach = (self._limit - self.best) // self._step
        for position in range(len(self.levels), min(self._most - 1, reach) + 1):
            self.levels.append(self._level(position))

    def _level(self, position: int) -> Level:
        bits = self._bits(15)
        # Each further level holds a little more than the one before it.
        lots = 1 + (bits & 127) * ((position if position < _GROWS_TO else _GROWS_TO) + 4) // 8
        orders = 1 + (bits >> 7 & 7) + (lots >> 4)
        kind = bits >> 10
        if kind == 0:
            lots, orders = lots * 8 + 64, 1
        elif kind == 1:
            orders = lots - lots // 4
        return self._sized(position, lots, orders if orders < lots else lots)

    def _sized(self, position: int, lots: int, orders: int) -> Level:
        tick, per_tick, lot, lots_per_unit = self._scale
        return _new(
            Level,
            (
                (self.best + self._step * position) * tick / per_tick,
                lots * lot if lot else lots / lots_per_unit,
                orders if self._orders else 0,
            ),
        )


class Book:
    """Both sides, with `gap` ticks from level to level. `lowest` and `highest` are the circuits in ticks."""

    __slots__ = ("_bits", "buy", "sell")

    def __init__(self, gap: int, lowest: int, highest: int, scale: Scale, shape: Shape, random: Random) -> None:
        self._bits = random.getrandbits
        self.buy = Side(-gap, lowest, scale, shape, random)
        self.sell = Side(gap, highest, scale, shape, random)

    def move(self, bid: int, ask: int) -> None:
        """Let the best bid and offer be at these ticks, `bid` below `ask`, and one level change its size."""
        if bid != self.buy.best:
            self.buy.move(bid)
        if ask != self.sell.best:
            self.sell.move(ask)
        bits = self._bits(13)
        # Of two positions the bits in common: near the best price more happens.
        (self.buy if bits & 1 else self.sell).change(bits >> 1 & bits >> 7 & 63)

    def depth(self, timestamp: int) -> Depth:
        """The book as it stands."""
        return _new(Depth, (tuple(self.buy.levels), tuple(self.sell.levels), timestamp))
