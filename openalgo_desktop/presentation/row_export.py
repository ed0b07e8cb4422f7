"""Rows as text for a spreadsheet or a program: tab-separated for the clipboard, comma-separated for a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from openalgo_desktop.presentation.columns import SYMBOL, Column
from openalgo_desktop.presentation.quote_row import QuoteRow, value_of
from openalgo_desktop.presentation.section_row import Row, SectionRow

_NOTE = "note"
_FORMULA_SIGNS = ("=", "+", "-", "@", "'", "\t", "\r")


def tab_separated(rows: Iterable[QuoteRow], columns: Sequence[Column], *, formatted: bool) -> str:
    """Return `rows` as lines of tab-separated cells under the titles of `columns`.

    Raw numbers are written with a point and without separators, unknown ones as an empty cell, times in ms since
    1970 UTC; formatted ones are written as they are on the screen. The name is the key (`NSE:INFY`), or the title.
    """
    lines = ["\t".join(column.title for column in columns)]
    lines += ["\t".join(_cell(row, column, formatted=formatted) for column in columns) for row in rows]
    return "\n".join(lines) + "\n"


def comma_separated(rows: Iterable[Row], columns: Sequence[Column]) -> str:
    """Return `rows` as CSV with titles and raw numbers, as `tab_separated` writes them, with section and exchange.

    No cell is taken for a formula: a text that begins like one has a `'` in front.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    moving = [column for column in columns if column.id != SYMBOL.id]
    writer.writerow(["Section", "Exchange", "Symbol", *(column.title for column in moving)])
    section = ""
    for row in rows:
        if isinstance(row, SectionRow):
            section = row.name
        else:
            cells = (_cell(row, column, formatted=False) for column in moving)
            writer.writerow([_guarded(section), str(row.key.exchange), row.key.symbol, *cells])
    return out.getvalue()


def _cell(row: QuoteRow, column: Column, *, formatted: bool) -> str:
    if column.id == SYMBOL.id:
        return f"{row.title} {row.venue}" if formatted else str(row.key)
    if column.id == _NOTE:
        return row.style.note if formatted else _guarded(row.style.note)
    value = value_of(column, row)
    if formatted:
        return column.text(value, row.style)
    if value is None:
        return ""
    return str(int(value)) if value == int(value) else repr(round(value, 8))


def _guarded(text: str) -> str:
    """`text` so that a spreadsheet shows it and computes nothing."""
    return f"'{text}" if text.startswith(_FORMULA_SIGNS) else text
