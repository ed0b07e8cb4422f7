"""Which columns of a book fit into one of its halves, and how wide each is."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Part(StrEnum):
    """A column of one side, named as the field of `depth_book.Side` that it shows."""

    AVERAGE = "average"
    ORDERS = "orders"
    QUANTITY = "quantity"
    SHORT = "short"
    PRICE = "price"


Half = tuple[tuple[Part, int], ...]
"""The columns of a half from the outside to the price in the middle, each with its width."""

# From the richest to the barest: what matters least goes first.
_CHOICES: tuple[tuple[Part, ...], ...] = (
    (Part.AVERAGE, Part.ORDERS, Part.QUANTITY, Part.PRICE),
    (Part.ORDERS, Part.QUANTITY, Part.PRICE),
    (Part.ORDERS, Part.SHORT, Part.PRICE),
    (Part.SHORT, Part.PRICE),
)


def fitted(natural: Mapping[Part, int], room: int) -> Half:
    """Return the richest columns whose `natural` widths fit into `room`; what is left over is shared out."""
    parts = next((each for each in _CHOICES if sum(natural[part] for part in each) <= room), _CHOICES[-1])
    spare = max(room - sum(natural[part] for part in parts), 0)
    share, rest = divmod(spare, len(parts))
    return tuple((part, natural[part] + share + (number < rest)) for number, part in enumerate(parts))
