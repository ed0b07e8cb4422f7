"""`keys create | list | reveal | revoke`: API keys from the command line, whether or not the application runs."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from openalgo_desktop.failures import StartupError
from openalgo_desktop.profile import default_profile, prepare_profile
from openalgo_desktop.users import LOCAL_USER
from services.api_keys import ApiKeys
from services.storage.api_key_rows import ApiKeyRow
from services.storage.database import open_storage
from services.vault import open_vault


def run(action: str, name: str | None, profile: str | None) -> int:
    """Do one key command; returns the exit status.

    Raises:
        OpenAlgoError: it cannot be done; the message is for the user.
    """
    path = prepare_profile(Path(profile) if profile else default_profile())
    storage = open_storage(path)
    try:
        vault = open_vault(path)
        for notice in (*storage.notices, *vault.notices):
            sys.stderr.write(f"note: {notice}\n")
        for line in _do(ApiKeys(storage, vault), action, name or ""):
            sys.stdout.write(f"{line}\n")
    finally:
        storage.close()
    return 0


def _do(keys: ApiKeys, action: str, name: str) -> Sequence[str]:
    if action == "create":
        return [keys.create(LOCAL_USER, name).key.reveal()]
    if action == "list":
        return [_line(row) for row in keys.keys_of(LOCAL_USER)] or ["There are no keys."]
    row = _named(keys, name)
    if action == "reveal":
        return [keys.reveal(LOCAL_USER, row.id).reveal()]
    keys.revoke(LOCAL_USER, row.id)
    return [f"The key {name} is revoked."]


def _named(keys: ApiKeys, name: str) -> ApiKeyRow:
    for row in keys.keys_of(LOCAL_USER):
        if row.name == name:
            return row
    raise StartupError(f"There is no key named {name}")


def _line(row: ApiKeyRow) -> str:
    used = f"last used {row.last_used_at:%Y-%m-%d %H:%M} UTC" if row.last_used_at else "never used"
    return f"{row.name:<24} made {row.created_at:%Y-%m-%d %H:%M} UTC   {used}"
