"""Prices as rungs of a ladder: whole numbers of ticks, gathered into rows of one or more ticks.

A row is named by a whole number: row 7 in groups of five ticks stands at the price of 35 ticks. Bids are gathered
downwards and offers upwards, so that a bid and an offer never share a row, however coarse the rows are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from market.ticks import Depth, Level

GROUPS = (1, 2, 5, 10, 25, 50, 100, 250, 500, 1000)
_WIDE_ENOUGH = 16
"""The best five levels of both sides should take no more rows than this to begin with."""


class Rung(NamedTuple):
    """What rests in one row. `orders` is 0 where the exchange does not count them."""

    quantity: float
    orders: int


def in_ticks(price: float, tick_size: float) -> int:
    """The whole number of ticks nearest to `price`."""
    return round(price / tick_size)


def bid_row(ticks: int, group: int) -> int:
    """The row of a bid: at its price or below it."""
    return ticks // group


def ask_row(ticks: int, group: int) -> int:
    """The row of an offer: at its price or above it."""
    return -(-ticks // group)


def rungs(levels: Iterable[Level], tick_size: float, group: int, *, is_ask: bool) -> dict[int, Rung]:
    """What rests in each row of one side, best row first."""
    found: dict[int, Rung] = {}
    for price, quantity, orders in levels:
        ticks = round(price / tick_size)
        row = -(-ticks // group) if is_ask else ticks // group
        before = found.get(row)
        found[row] = Rung(quantity, orders) if before is None else Rung(before[0] + quantity, before[1] + orders)
    return found


def levels_up_to(levels: Sequence[Level], tick_size: float, group: int, row: int, *, is_ask: bool) -> list[Level]:
    """The levels from the best one to those of `row`."""
    if is_ask:
        return [level for level in levels if ask_row(in_ticks(level.price, tick_size), group) <= row]
    return [level for level in levels if bid_row(in_ticks(level.price, tick_size), group) >= row]


def step_group(group: int, steps: int) -> int:
    """The group that is `steps` coarser (or finer, if negative); the ends stay."""
    position = GROUPS.index(group) + steps
    return GROUPS[min(max(position, 0), len(GROUPS) - 1)]


def first_group(book: Depth, tick_size: float) -> int:
    """The finest group with which the best five levels of both sides are seen together."""
    prices = [level.price for side in (book.buy, book.sell) for level in side[:5]]
    if not prices:
        return GROUPS[0]
    span = (max(prices) - min(prices)) / tick_size
    return next((group for group in GROUPS if span / group <= _WIDE_ENOUGH), GROUPS[-1])
