"""Tables with titles in any order: our own, and those of brokers. Separated by commas, semicolons or tabs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping

from services.list_files.entries import Contents, Entry, FileList, Title, unguarded
from services.list_files.reading_text import entry_of

_NAMES: Mapping[str, tuple[str, ...]] = {
    "symbol": ("symbol", "tradingsymbol", "ticker", "instrument", "scrip", "scripname", "stock", "code"),
    "exchange": ("exchange", "exch", "market"),
    "list": ("list", "watchlist", "group"),
    "section": ("section", "category"),
    "flag": ("flag", "colour", "color"),
    "note": ("note", "notes", "comment", "comments", "remark", "remarks"),
}
_FIELD_OF = {name: field for field, names in _NAMES.items() for name in names}


def has_titles(text: str) -> bool:
    """Whether the first line names a column of symbols among others, or is such a name alone."""
    return "symbol" in _fields(_rows(text[:4_096]))


def read(text: str) -> Contents:
    """Return the lists of a table with titles, in the order in which they occur."""
    rows = _rows(text)
    fields = _fields(rows)
    width = max(fields.values()) + 1
    lists: dict[str, list[Entry | Title]] = {}
    sections: dict[str, str] = {}
    trouble: list[str] = []
    for number, row in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in row):
            continue
        cells = [*row, *[""] * (width - len(row))]
        said = {field: unguarded(cells[at].strip()) for field, at in fields.items()}
        lines = lists.setdefault(said.get("list", ""), [])
        section = said.get("section", "")
        if section != sections.get(said.get("list", ""), ""):
            sections[said.get("list", "")] = section
            lines += [Title(section)] if section else []
        if said["symbol"]:
            lines.append(_entry(said, f"line {number}"))
        elif not section and not said.get("list"):
            trouble.append(f"line {number} has no symbol")
    return Contents(tuple(FileList(name, tuple(lines)) for name, lines in lists.items()), tuple(trouble))


def _entry(said: Mapping[str, str], where: str) -> Entry:
    entry = entry_of(said["symbol"], where)
    exchange = entry.exchange or said.get("exchange", "")
    return Entry(exchange, entry.symbol, said.get("flag", ""), said.get("note", ""), where)


def _rows(text: str) -> list[list[str]]:
    first = text.lstrip("\ufeff").split("\n", 1)[0]
    separator = max(",;\t", key=first.count)
    try:
        return list(csv.reader(io.StringIO(text.lstrip("\ufeff")), delimiter=separator))
    except csv.Error:
        # A field of megabytes: a quotation mark that is never closed.
        return [line.split(separator) for line in text.splitlines()]


def _fields(rows: Iterable[list[str]]) -> dict[str, int]:
    """The position of each column that is known, the first of its kind."""
    titles = next(iter(rows), [])
    found: dict[str, int] = {}
    for at, title in enumerate(titles):
        field = _FIELD_OF.get("".join(letter for letter in title.casefold() if letter.isalnum()))
        if field is not None:
            found.setdefault(field, at)
    return found
