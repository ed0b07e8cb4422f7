"""Writes watchlists as JSON and as CSV. Equal lists give equal files, a line an instrument, so that changes show.

{"format": "openalgo-desktop watchlists", "version": 1, "watchlists": [
  {"name": "Banks", "lines": [
    {"section": "Private"},
    {"flag": "2", "instrument": "NSE:HDFCBANK", "note": "earnings"}]}]}
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable

from services.list_files.entries import guarded
from services.watchlist_values import Line, Section, Watchlist

FORMAT, VERSION = "openalgo-desktop watchlists", 1
CSV_TITLES = ("list", "section", "exchange", "symbol", "flag", "note")


def to_json(lists: Iterable[Watchlist]) -> str:
    """Return `lists` as a file of ours."""
    written = [_json_list(known) for known in lists]
    head = f'{{"format": {json.dumps(FORMAT)}, "version": {VERSION}, "watchlists": ['
    return head + "\n" + ",\n".join(written) + "\n]}\n"


def _json_list(known: Watchlist) -> str:
    lines = ",\n".join(f"  {_json(_fields(line))}" for line in known.lines)
    body = f"\n{lines}\n" if lines else ""
    return f'{{"name": {_json(known.name)}, "lines": [{body}]}}'


def _fields(line: Line) -> dict[str, str]:
    if isinstance(line, Section):
        return {"section": line.name}
    fields = {"instrument": str(line.key), "flag": line.flag, "note": line.note}
    return {name: text for name, text in fields.items() if text}


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def to_csv(lists: Iterable[Watchlist]) -> str:
    """Return `lists` as a table with titles. A section without instruments has a line of its own."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(CSV_TITLES)
    for known in lists:
        section, is_empty = "", False
        for line in known.lines:
            if isinstance(line, Section):
                if is_empty:
                    writer.writerow([guarded(known.name), guarded(section), "", "", "", ""])
                section, is_empty = line.name, True
            else:
                is_empty = False
                head = [guarded(known.name), guarded(section)]
                writer.writerow([*head, str(line.key.exchange), line.key.symbol, line.flag, guarded(line.note)])
        if is_empty or not known.lines:
            writer.writerow([guarded(known.name), guarded(section), "", "", "", ""])
    return out.getvalue()


def encoded(text: str) -> bytes:
    """Return `text` as UTF-8. Spreadsheets need a mark in front to know that, so it is there where it matters."""
    return text.encode("utf-8" if text.isascii() else "utf-8-sig")
