"""Files that the user names: read with a limit, written whole or not at all. All calls block; use a worker thread."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from market.errors import InvalidRequestError, StorageError


def read_limited(path: Path, most_bytes: int) -> bytes:
    """Return what is in `path`, one byte more than `most_bytes` at most, so that too much shows.

    Raises:
        InvalidRequestError: it cannot be read; the sentence has the name and the cause.
    """
    try:
        with path.open("rb") as file:
            return file.read(most_bytes + 1)
    except OSError as error:
        raise InvalidRequestError(f"{path.name} cannot be read: {error.strerror or type(error).__name__}") from None


def save(path: Path, data: bytes) -> None:
    """Put `data` into `path`; what was there stays until all of it is written.

    Raises:
        StorageError: it cannot be written; the sentence has the name and the cause.
    """
    fresh = path.with_name(f".{path.name}.new")
    try:
        with fresh.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            fresh.unlink()
        raise StorageError(f"{path.name} cannot be written: {error.strerror or type(error).__name__}") from None
