"""Changes of watchlists that the database does not have yet, in a file beside it.

The database is written by a thread of its own. A process that is killed before that thread is done leaves its last
changes here: each is written before the call that makes it returns, which takes microseconds because nothing is
synchronised. The operating system keeps what was written when a process dies; against a loss of power only the database
itself is safe.
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from services.storage.watchlist_rows import ItemRow, ListRow, SectionRow

_log = logging.getLogger(__name__)

Save = Callable[[Sequence[int], Sequence[ListRow]], object]
_Fields = list[str | int | bool]


class _Stored(msgspec.Struct, array_like=True):
    """One save: the order of all lists, and the changed ones as (id, name, lines)."""

    order: list[int]
    changed: list[tuple[int, str, list[_Fields]]]


class PendingSaves:
    """The saves that were begun and are not known to be done. Safe from any thread.

    Args:
        path: the file; None keeps nothing, for a database on a server.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._file: int | None = None
        self._last = 0
        self._decoder = msgspec.json.Decoder(_Stored)

    def begin(self, order: Sequence[int], changed: Sequence[ListRow]) -> int:
        """Note a save before it is begun; returns its number."""
        with self._lock:
            self._last += 1
            if self._path is not None:
                line = msgspec.json.encode(_Stored(list(order), [(row.id, row.name, _plain(row)) for row in changed]))
                # A disk that is full shows when the database is written.
                with contextlib.suppress(OSError):
                    os.write(self._opened(self._path), line + b"\n")
            return self._last

    def done(self, number: int) -> None:
        """The save `number` and all before it are in the database."""
        with self._lock:
            if number == self._last and self._file is not None:
                with contextlib.suppress(OSError):
                    os.ftruncate(self._file, 0)

    def recover(self, save: Save) -> int:
        """Do the saves that an earlier process noted and did not finish, in their order; returns how many they were.

        Only for the one process that may change the lists: another one may be just about to do them itself.
        """
        saves = self._read()
        for stored in saves:
            save(stored.order, [_list_row(each) for each in stored.changed])
        if saves:
            _log.info("%s changes of watchlists were taken over from a process that ended early", len(saves))
        with self._lock, contextlib.suppress(OSError):
            if self._path is not None and self._path.exists():
                os.truncate(self._path, 0)
        return len(saves)

    def close(self) -> None:
        """Let go of the file. Safe to call twice."""
        with self._lock:
            if self._file is not None:
                os.close(self._file)
                self._file = None

    def _opened(self, path: Path) -> int:
        if self._file is None:
            self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o600)
        return self._file

    def _read(self) -> list[_Stored]:
        saves: list[_Stored] = []
        if self._path is not None and self._path.exists():
            for line in self._path.read_bytes().splitlines():
                try:
                    saves.append(self._decoder.decode(line))
                except msgspec.DecodeError:
                    # Killed in the middle of writing it: the call had not returned either.
                    break
        return saves


def _plain(row: ListRow) -> list[_Fields]:
    return [list(line) for line in row.lines]


def _list_row(stored: tuple[int, str, list[_Fields]]) -> ListRow:
    number, name, lines = stored
    return ListRow(number, name, tuple(_line(each) for each in lines))


def _line(fields: _Fields) -> ItemRow | SectionRow:
    if isinstance(fields[0], int):
        return SectionRow(fields[0], str(fields[1]), bool(fields[2]))
    return ItemRow(*(str(each) for each in fields))
