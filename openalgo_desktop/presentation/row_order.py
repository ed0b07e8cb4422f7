"""The order of rows: by the numbers of a column, never by their texts; unknown last, ties by name."""

from __future__ import annotations

from collections.abc import Iterable
from operator import itemgetter
from typing import NamedTuple

from openalgo_desktop.presentation.columns import SYMBOL, Column
from openalgo_desktop.presentation.quote_row import QuoteRow, value_of


class Sort(NamedTuple):
    """By which column rows are sorted. Where there is no `Sort`, they are in the list's own order."""

    column: str
    descending: bool = False


def next_sort(sort: Sort | None, column: str) -> Sort | None:
    """Return what a click on the title of `column` leads to: ascending, then descending, then the own order."""
    if sort is None or sort.column != column:
        return Sort(column)
    return None if sort.descending else Sort(column, descending=True)


def arranged(rows: Iterable[QuoteRow], column: Column, *, descending: bool) -> list[QuoteRow]:
    """Return `rows` sorted by `column`. What is not known comes last in both directions."""
    by_name = sorted(rows, key=lambda row: (row.title, row.venue))
    if column.id == SYMBOL.id:
        return by_name[::-1] if descending else by_name
    valued = [(value_of(column, row), row) for row in by_name]
    known = [(value, row) for value, row in valued if value is not None]
    known.sort(key=itemgetter(0), reverse=descending)  # stable in both directions: ties stay by name
    return [row for _, row in known] + [row for value, row in valued if value is None]
