"""What a file says, before anybody has looked whether such instruments exist."""

from __future__ import annotations

from typing import NamedTuple

MOST_ENTRIES = 20_000
"""More instruments than this are no watchlist."""

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet takes a text that begins with one of these for a formula."""


class Entry(NamedTuple):
    """An instrument as it is written; `exchange` is empty where only a symbol stands. `where` is such as `line 3`."""

    exchange: str
    symbol: str
    flag: str = ""
    note: str = ""
    where: str = ""


class Title(NamedTuple):
    """The title of a section."""

    name: str


class FileList(NamedTuple):
    """One list of a file; the name is empty where the file names none."""

    name: str
    lines: tuple[Entry | Title, ...]


class Contents(NamedTuple):
    """Everything that was read. `trouble` has a sentence for each entry that could not be."""

    lists: tuple[FileList, ...]
    trouble: tuple[str, ...] = ()


def guarded(text: str) -> str:
    """Return `text` so that a spreadsheet shows it and computes nothing."""
    return f"'{text}" if text.startswith(FORMULA_SIGNS) or text.startswith("'") else text


def unguarded(text: str) -> str:
    """Return what `guarded` was given."""
    return text[1:] if text.startswith("'") and text[1:].startswith((*FORMULA_SIGNS, "'")) else text
