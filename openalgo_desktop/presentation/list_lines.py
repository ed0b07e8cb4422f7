"""A watchlist as the board is told of it: instruments with what the user says of them, and the titles of sections."""

from __future__ import annotations

from typing import NamedTuple

from market.instruments import InstrumentKey


class SectionKey(NamedTuple):
    """The name of a section's title among the rows."""

    id: int


RowKey = InstrumentKey | SectionKey
"""What rows are selected by."""


class QuoteLine(NamedTuple):
    """An instrument. `flag` is 1 to 7, 0 for none."""

    key: InstrumentKey
    flag: int = 0
    note: str = ""


class SectionLine(NamedTuple):
    """The title of a section, which reaches to the next title."""

    id: int
    name: str
    collapsed: bool = False


Line = QuoteLine | SectionLine
