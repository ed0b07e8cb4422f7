"""Rows as text for a spreadsheet: tab-separated, with a line of titles."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from openalgo_desktop.presentation.columns import SYMBOL, Column
from openalgo_desktop.presentation.quote_row import QuoteRow, value_of


def tab_separated(rows: Iterable[QuoteRow], columns: Sequence[Column], *, formatted: bool) -> str:
    """Return `rows` as lines of tab-separated cells under the titles of `columns`.

    Raw numbers are written with a point and without separators, unknown ones as an empty cell, times in ms since
    1970 UTC; formatted ones are written as they are on the screen. The name is the key (`NSE:INFY`), or the title.
    """
    lines = ["\t".join(column.title for column in columns)]
    lines += ["\t".join(_cell(row, column, formatted=formatted) for column in columns) for row in rows]
    return "\n".join(lines) + "\n"


def _cell(row: QuoteRow, column: Column, *, formatted: bool) -> str:
    if column.id == SYMBOL.id:
        return f"{row.title} {row.venue}" if formatted else str(row.key)
    value = value_of(column, row)
    if formatted:
        return column.text(value, row.style)
    if value is None:
        return ""
    return str(int(value)) if value == int(value) else repr(round(value, 8))
