"""What the commands beside the application share: the profile they work on, and how they print."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from adapters.broker_factory import check_endpoint
from market.errors import InvalidRequestError
from openalgo_desktop.failures import UsageError
from openalgo_desktop.profile import default_profile, prepare_profile
from services.storage.database import Storage, open_storage
from services.vault import Vault, open_vault

MASTERS_FOLDER = "masters"


@contextmanager
def opened(profile: Path) -> Iterator[tuple[Storage, Vault]]:
    """The database and the vault of `profile`; what they have to say goes to standard error."""
    storage = open_storage(profile)
    try:
        vault = open_vault(profile)
        for notice in (*storage.notices, *vault.notices):
            note(notice)
        yield storage, vault
    finally:
        storage.close()


def profile_of(typed: str | None) -> Path:
    """The profile folder that was typed, or the usual one, made if need be."""
    return prepare_profile(Path(typed) if typed else default_profile())


def endpoints_of(typed: Sequence[str]) -> Mapping[str, str]:
    """The base addresses that were typed as NAME=URL.

    Raises:
        UsageError: one of them means nothing.
    """
    try:
        return dict(check_endpoint(text) for text in typed)
    except InvalidRequestError as error:
        raise UsageError(str(error)) from None


def out(line: str = "") -> None:
    """Print a result."""
    sys.stdout.write(f"{line}\n")


def note(sentence: str) -> None:
    """Tell the user something that is no result."""
    sys.stderr.write(f"note: {sentence}\n")


def columns(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Rows as lines with their columns below each other."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
