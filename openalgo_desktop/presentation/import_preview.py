"""What importing a file would do, as lines of a table."""

from __future__ import annotations

from typing import NamedTuple


class PreviewRow(NamedTuple):
    """One instrument of the file. `is_taken` is whether it would come into the list."""

    list_name: str
    section: str
    text: str
    what: str
    is_taken: bool


class Preview(NamedTuple):
    """The whole file. `targets` are the lists that may take it, by id (0: a new one); empty where it names them."""

    file_name: str
    sentence: str
    rows: tuple[PreviewRow, ...]
    trouble: tuple[str, ...] = ()
    targets: tuple[tuple[int, str], ...] = ()
    target: int = 0
    changes_anything: bool = True
