"""Where the columns and rows of the grid are, in pixels: frozen first columns, the others scrolled under them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

_MOST_FROZEN = 0.7
"""The share of the width that columns may take which never scroll."""


@dataclass(frozen=True)
class GridGeometry:
    """Column widths and row height. Positions are in the viewport, for a scroll offset in pixels.

    The first `frozen` columns stand still while the others scroll under them.
    """

    widths: tuple[int, ...]
    row_height: int
    frozen: int = 1

    @property
    def name_width(self) -> int:
        """The width of the first column."""
        return self.widths[0] if self.widths else 0

    @cached_property
    def frozen_width(self) -> int:
        """The width of the first `frozen` columns, which never scroll sideways."""
        return sum(self.widths[: self.frozen])

    @property
    def total_width(self) -> int:
        """The width of all columns."""
        return sum(self.widths)

    def column_left(self, column: int, offset_x: int) -> int:
        """The left edge of `column`."""
        return self._lefts[column] - offset_x if column >= self.frozen else self._lefts[column]

    @cached_property
    def _lefts(self) -> tuple[int, ...]:
        return tuple(accumulate(self.widths, initial=0))

    def column_at(self, x: int, offset_x: int) -> int | None:
        """The column at `x`, or None right of the last one."""
        if x < 0:
            return None
        for column, width in enumerate(self.widths):
            # Frozen columns come first, and what is scrolled lies below them.
            if x < self.column_left(column, offset_x) + width:
                return column
        return None

    def rows_between(self, top: int, bottom: int, offset_y: int, count: int) -> tuple[int, int]:
        """The rows (first, last exclusive) that touch the band from `top` to `bottom`."""
        first = max((top + offset_y) // self.row_height, 0)
        last = min((bottom + offset_y + self.row_height - 1) // self.row_height, count)
        return first, max(first, last)

    def row_top(self, row: int, offset_y: int) -> int:
        """The top edge of `row`."""
        return row * self.row_height - offset_y


def fitted(
    widths: Sequence[int], available: int, *, row_height: int, chosen: Mapping[int, int] | None = None, frozen: int = 1
) -> GridGeometry:
    """Return a geometry for `available` pixels: what is left over is shared by all columns, in multiples of four.

    Columns in `chosen` (position to width) are as wide as that, whatever is left over.
    Multiples of four stay whole pixels at 125 %, 150 % and 175 %. Of the `frozen` columns only as many are as leave
    room for one that scrolls.
    """
    rounded = [(width + 3) // 4 * 4 for width in widths]
    fixed = chosen or {}
    for position, width in fixed.items():
        rounded[position] = width
    spare = available - sum(rounded)
    if spare > 0 and len(rounded) > len(fixed):
        share = spare // (len(rounded) - len(fixed)) // 4 * 4
        rounded = [
            width if position in fixed else width + min(share, width // 2 // 4 * 4)
            for position, width in enumerate(rounded)
        ]
    while frozen > 1 and sum(rounded[:frozen]) > _MOST_FROZEN * available:
        frozen -= 1
    return GridGeometry(tuple(rounded), row_height, frozen)
