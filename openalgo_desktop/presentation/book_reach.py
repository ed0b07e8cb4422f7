"""How far an order would reach into a book: the quantity up to a level, and what it would cost on average."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from market.ticks import Level
from openalgo_desktop.presentation.book_style import BookStyle


class Reach(NamedTuple):
    """The quantity of all levels from the best one to this one, and their average price weighted by it."""

    quantity: float
    average: float


def reach(levels: Sequence[Level]) -> Reach | None:
    """The reach of `levels`, best first; None where nothing rests at them."""
    quantity = sum(level.quantity for level in levels)
    if quantity <= 0:
        return None
    return Reach(quantity, sum(level.quantity * level.price for level in levels) / quantity)


def sentence(found: Reach | None, style: BookStyle) -> str:
    """The reach as a line: `cumulative to here: 1,24,350 @ avg 1,187.62`."""
    if found is None:
        return "nothing rests from the best price to here"
    return f"cumulative to here: {style.quantity(found.quantity)} @ avg {style.price(found.average)}"
