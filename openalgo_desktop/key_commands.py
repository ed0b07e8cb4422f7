"""`keys create | import | list | reveal | revoke`: API keys from the command line, also while the application runs."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path

from market.credentials import Secret
from openalgo_desktop.failures import StartupError, UsageError
from openalgo_desktop.profile import default_profile, prepare_profile
from openalgo_desktop.users import LOCAL_USER
from services.api_keys import MARKET_DATA, ApiKeys
from services.storage.api_key_rows import ApiKeyRow
from services.storage.database import open_storage
from services.vault import open_vault


@dataclass(frozen=True, slots=True)
class KeyCommand:
    """What was typed after `keys`. `expires` is a day; no `scopes` are all modes."""

    action: str
    name: str = ""
    profile: str | None = None
    scopes: Sequence[str] = ()
    expires: str | None = None


def run(command: KeyCommand) -> int:
    """Do one key command; returns the exit status.

    Raises:
        OpenAlgoError: it cannot be done; the message is for the user.
    """
    path = prepare_profile(Path(command.profile) if command.profile else default_profile())
    storage = open_storage(path)
    try:
        vault = open_vault(path)
        for notice in (*storage.notices, *vault.notices):
            sys.stderr.write(f"note: {notice}\n")
        for line in _do(ApiKeys(storage, vault), command):
            sys.stdout.write(f"{line}\n")
    finally:
        storage.close()
    return 0


def _do(keys: ApiKeys, command: KeyCommand) -> Sequence[str]:
    action, name = command.action, command.name
    if action == "create":
        scopes = (MARKET_DATA, *command.scopes)
        return [keys.create(LOCAL_USER, name, scopes=scopes, expires_at=_end_of(command.expires)).key.reveal()]
    if action == "import":
        # Not an argument: those can be read by everybody who lists processes.
        key = Secret(sys.stdin.readline().strip() if sys.stdin is not None else "")
        scopes = (MARKET_DATA, *command.scopes)
        keys.create(LOCAL_USER, name, scopes=scopes, expires_at=_end_of(command.expires), key=key)
        return [f"The key {name} is imported."]
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
    until = f"   good until {row.expires_at:%Y-%m-%d}" if row.expires_at else ""
    modes = ", ".join(scope for scope in row.scopes if scope != MARKET_DATA)
    only = f"   only {modes}" if modes else ""
    return f"{row.name:<24} made {row.created_at:%Y-%m-%d %H:%M} UTC   {used}{until}{only}"


def _end_of(day: str | None) -> datetime | None:
    if day is None:
        return None
    try:
        return datetime.combine(date.fromisoformat(day), time.max, UTC)
    except ValueError:
        raise UsageError(f"--expires {day} is not a day; expected YYYY-MM-DD") from None
