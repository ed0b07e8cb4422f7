"""The SQLite file itself: is it sound, the last good copy of it, and putting a damaged one aside."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from market.errors import StorageError

BUSY_SECONDS = 5.0
_COMPANIONS = ("-wal", "-shm", "-journal")


def copy_of(database: Path) -> Path:
    """Where the last good copy of `database` is kept."""
    return database.with_name(database.name + ".backup")


def kept_before(database: Path, version: int) -> Path:
    """Where `database` is kept as it was with tables of `version`, for whoever goes back to an older application."""
    return database.with_name(f"{database.name}.version-{version}")


def make_private(path: Path, mode: int) -> None:
    """Let only the owner in; Windows has its own rules for a user's folder."""
    if os.name == "posix":
        path.chmod(mode)


def damage_of(database: Path) -> str | None:
    """Return what is wrong inside the file, or None if it is sound.

    Raises:
        StorageError: the file cannot be read at all: locked by another program, or no permission.
    """
    if database.stat().st_size == 0:
        return "the file is empty"
    try:
        with closing(sqlite3.connect(database, timeout=BUSY_SECONDS)) as connection:
            row = connection.execute("PRAGMA integrity_check(1)").fetchone()
    except sqlite3.OperationalError as error:
        raise StorageError(sentence(database, error)) from error
    except sqlite3.DatabaseError as error:
        return str(error)
    return None if row and row[0] == "ok" else str(row[0] if row else "no answer")


def save_copy(database: Path, target: Path | None = None) -> None:
    """Replace the last good copy, or `target`, by one of `database` as it is now; complete or not at all.

    Raises:
        StorageError: `database` is damaged.
    """
    target = target or copy_of(database)
    fresh = target.with_name(target.name + ".new")
    fresh.unlink(missing_ok=True)
    fresh.touch(mode=0o600)
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(fresh)) as copy:
        source.backup(copy)
    # The backup copies damaged pages as readily as sound ones.
    damage = damage_of(fresh)
    if damage is not None:
        raise StorageError(f"The database {database} is damaged ({damage}); its last good copy is kept")
    _sync(fresh)
    fresh.replace(target)


def recover(database: Path, damage: str, now: datetime) -> str:
    """Put `database` aside and the last good copy in its place; returns what to tell the user."""
    kept = _put_aside(database, now)
    story = f"The database was damaged ({damage})" if kept else "The database was missing"
    aside = f" It was kept as {kept.name}." if kept else ""
    copy = copy_of(database)
    if not copy.exists() or damage_of(copy) is not None:
        return f"{story}, and there is no good copy of it: the application starts with empty lists and no keys.{aside}"
    taken = datetime.fromtimestamp(copy.stat().st_mtime, UTC).astimezone()
    fresh = database.with_name(database.name + ".new")
    fresh.unlink(missing_ok=True)
    fresh.touch(mode=0o600)
    fresh.write_bytes(copy.read_bytes())
    _sync(fresh)
    fresh.replace(database)
    return f"{story}, and the copy of {taken:%d %b %Y %H:%M} was restored; later changes are lost.{aside}"


def sentence(database: Path | str, error: BaseException) -> str:
    """Say in one sentence that `database` cannot be used and why."""
    text = str(error)
    for sign, cause in _CAUSES:
        if sign in text.lower():
            return f"The database {database} cannot be used: {cause}"
    return f"The database {database} cannot be used: {text.splitlines()[0] if text else type(error).__name__}"


_CAUSES = (
    ("locked", "another program holds it locked"),
    ("readonly", "it is read-only"),
    ("read-only", "it is read-only"),
    ("unable to open", "the file or its folder cannot be opened for writing"),
    ("permission denied", "there is no permission to write there"),
    ("full", "the disk is full"),
    ("no space left", "the disk is full"),
    ("disk i/o error", "the disk reports an error"),
)


def _put_aside(database: Path, now: datetime) -> Path | None:
    if not database.exists():
        return None
    kept = database.with_name(f"{database.name}.damaged-{now:%Y%m%d-%H%M%S}")
    for suffix in _COMPANIONS:
        companion = database.with_name(database.name + suffix)
        if companion.exists():
            companion.replace(kept.with_name(kept.name + suffix))
    database.replace(kept)
    return kept


def _sync(path: Path) -> None:
    with path.open("r+b") as file:
        os.fsync(file.fileno())
