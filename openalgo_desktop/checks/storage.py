"""What is kept: the database and the master secret."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from market.errors import OpenAlgoError
from openalgo_desktop.checks.findings import Finding, Verdict
from services.storage.copies import damage_of
from services.storage.database import FILE_NAME
from services.vault import ID_FILE, KEY_FILE, open_vault


def check_database(profile: Path) -> Iterator[Finding]:
    """Whether the database is sound. Looks at it only, also while the application runs."""
    if os.environ.get("DATABASE_URL"):
        yield Finding("database", Verdict.NOTE, "DATABASE_URL names a database server, which is not looked at here")
        return
    path = profile / FILE_NAME
    if not path.exists():
        yield Finding("database", Verdict.GOOD, "Not made yet; the first start does")
        return
    try:
        damage = damage_of(path)
    except OpenAlgoError as error:
        yield Finding("database", Verdict.BAD, str(error))
        return
    if damage is not None:
        said = f"Damaged ({damage}); the next start puts it aside and takes the last good copy"
        yield Finding("database", Verdict.BAD, said)
        return
    yield Finding("database", Verdict.GOOD, f"Sound, {path.stat().st_size / 1_048_576:.1f} MB")


def check_keyring(profile: Path) -> Iterator[Finding]:
    """Where the master secret is, and whether it can be read."""
    if not (profile / ID_FILE).exists() and not (profile / KEY_FILE).exists():
        yield Finding("keyring", Verdict.GOOD, "There is no master secret yet; the first start makes one")
        return
    try:
        vault = open_vault(profile)
    except OpenAlgoError as error:
        yield Finding("keyring", Verdict.BAD, str(error))
        return
    if vault.notices:
        yield from (Finding("keyring", Verdict.NOTE, notice) for notice in vault.notices)
    else:
        yield Finding("keyring", Verdict.GOOD, "The system's keyring gives the master secret")
