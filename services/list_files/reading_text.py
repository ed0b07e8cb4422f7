"""Plain lists of symbols, one a line or separated by commas: `RELIANCE`, `NSE:RELIANCE`, TradingView's `###Section`.

A line that begins with `#` (but not `###`) is a remark.
"""

from __future__ import annotations

import re

from services.list_files.entries import Contents, Entry, FileList, Title

_BETWEEN = re.compile(r"[,;\t]+")
_SECTION = "###"


def read(text: str) -> Contents:
    """Return the one list that `text` is, without a name."""
    lines: list[Entry | Title] = []
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        if stripped.startswith("#") and not stripped.startswith(_SECTION):
            continue
        for piece in _BETWEEN.split(stripped):
            lines += _read(piece.strip(), f"line {number}")
    return Contents((FileList("", tuple(lines)),) if lines else ())


def _read(piece: str, where: str) -> list[Entry | Title]:
    if piece.startswith(_SECTION):
        name = piece.removeprefix(_SECTION).strip()
        return [Title(name)] if name else []
    # Words that are separated by blanks alone are symbols of their own; no symbol has a blank in it.
    return [entry_of(word, where) for word in piece.strip('"').split()]


def entry_of(text: str, where: str) -> Entry:
    """Return what `EXCHANGE:SYMBOL`, or a symbol alone, means."""
    exchange, colon, symbol = text.strip().strip('"').rpartition(":")
    return Entry(exchange.strip() if colon else "", symbol.strip(), where=where)
