"""Our own JSON files (`writing` shows one); also a plain array of `EXCHANGE:SYMBOL` texts."""

from __future__ import annotations

import json

from market.errors import InvalidRequestError
from services.list_files.entries import Contents, Entry, FileList, Title
from services.list_files.reading_text import entry_of
from services.list_files.writing import FORMAT, VERSION


def read(text: str, name: str) -> Contents:
    """Return what the JSON text of the file called `name` says.

    Raises:
        InvalidRequestError: it is cut off, no JSON, of a newer version, or not of watchlists.
    """
    try:
        root = json.loads(text)
    except (ValueError, RecursionError) as error:
        place = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        raise InvalidRequestError(f"{name} is broken{place}: it is not complete JSON") from None
    if isinstance(root, list):
        root = {"format": FORMAT, "version": VERSION, "watchlists": [{"name": "", "lines": root}]}
    if not isinstance(root, dict) or root.get("format") != FORMAT:
        raise InvalidRequestError(f"{name} is JSON, but not a file of watchlists")
    version = root.get("version")
    if not isinstance(version, int) or version > VERSION:
        raise InvalidRequestError(f"{name} was written by a newer version of the application")
    lists, trouble = [], list[str]()
    given = root.get("watchlists")
    for number, each in enumerate(given if isinstance(given, list) else [], start=1):
        if isinstance(each, dict) and isinstance(each.get("lines"), list):
            lists.append(_list(each, number, trouble))
        else:
            trouble.append(f"watchlist {number} has no lines")
    return Contents(tuple(lists), tuple(trouble))


def _list(fields: dict[str, object], number: int, trouble: list[str]) -> FileList:
    given = fields.get("name")
    name = given if isinstance(given, str) else ""
    lines: list[Entry | Title] = []
    entries = fields["lines"]
    assert isinstance(entries, list)
    for at, each in enumerate(entries, start=1):
        where = f"entry {at} of {name or f'watchlist {number}'}"
        line = _line(each, where)
        if line is None:
            trouble.append(f"{where} is no instrument and no section")
        else:
            lines.append(line)
    return FileList(name, tuple(lines))


def _line(each: object, where: str) -> Entry | Title | None:
    if isinstance(each, str):
        return entry_of(each, where)
    if not isinstance(each, dict):
        return None
    section, instrument = each.get("section"), each.get("instrument")
    if isinstance(section, str) and section.strip():
        return Title(section)
    if not isinstance(instrument, str) or not instrument.strip():
        return None
    marks = {mark: text for mark in ("flag", "note") if isinstance(text := each.get(mark), str)}
    return entry_of(instrument, where)._replace(**marks)
