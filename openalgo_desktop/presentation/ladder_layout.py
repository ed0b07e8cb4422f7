"""Which columns of a ladder fit beside its prices, and how wide each is."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum


class Part(StrEnum):
    """A column of one side, named as the field of `ladder_scene.Cell` that it shows."""

    QUANTITY = "quantity"
    SHORT = "short"
    ORDERS = "orders"
    TRADED = "traded"
    CHANGE = "change"
    AVERAGE = "average"
    CUMULATIVE = "cumulative"


EXTRAS = (Part.TRADED, Part.AVERAGE, Part.CHANGE, Part.CUMULATIVE)
"""What the reader may add, the most wanted first."""
EXTRA_TITLES = {
    Part.TRADED: "Traded at price (side inferred)",
    Part.AVERAGE: "Average size",
    Part.CHANGE: "Pulled or stacked in 5 s",
    Part.CUMULATIVE: "Cumulative quantity",
}

Columns = tuple[tuple[Part, int], ...]


def fitted(natural: Mapping[Part, int], extras: Collection[Part], room: int) -> Columns:
    """Return the columns of one side from the price outwards: those chosen as far as they fit into `room`.

    The quantity has what is left over, for the bars in it; it is shortened, and the orders left out, where the ladder
    is narrow.
    """
    wanted = [part for part in EXTRAS if part in extras]
    choices = [(Part.QUANTITY, Part.ORDERS, *wanted[:count]) for count in range(len(wanted), -1, -1)]
    choices += [(Part.SHORT, Part.ORDERS), (Part.SHORT,)]
    parts = next((each for each in choices if sum(natural[part] for part in each) <= room), choices[-1])
    spare = max(room - sum(natural[part] for part in parts), 0)
    return tuple((part, natural[part] + (0 if number else spare)) for number, part in enumerate(parts))


def read_extras(text: str) -> tuple[Part, ...]:
    """The chosen columns of a setting's text, in the ladder's order; what it does not know is ignored."""
    words = {word.strip() for word in text.split(",")}
    return tuple(part for part in EXTRAS if part.value in words)
