"""What is kept of brokers' logins: sessions and credentials, encrypted, in the profile's database."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from market.credentials import Secret
from market.errors import StorageError, VaultLockedError
from market.logins import BrokerSession
from services.storage.broker_login_rows import BrokerLoginRow
from services.storage.database import Storage
from services.vault import Vault

_log = logging.getLogger(__name__)


class LoginDrawer:
    """Reads everything once, when it is made (which blocks); writes in the storage's own thread.

    Attributes:
        sessions: the sessions by broker.
        credentials: the kept fields of logins by broker.
    """

    def __init__(self, storage: Storage, vault: Vault) -> None:
        self._storage = storage
        self._vault = vault
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self.sessions: dict[str, BrokerSession] = {}
        self.credentials: dict[str, dict[str, Secret]] = {}
        self._stamps: dict[str, datetime] = {}
        self._unsaved: dict[str, BrokerLoginRow] = {}
        self._failed: set[str] = set()
        self.reload()

    def reload(self) -> list[str]:
        """Read what has changed in the database, by another process perhaps; returns whose sessions are others now.

        What was changed here counts for more than a row that it has not reached yet; what could not be written is
        written now, if it can be. Blocks. Raises StorageError where the database cannot be read.
        """
        with self._lock:
            before, own = dict(self._stamps), set(self._unsaved)
        rows = {row.broker: row for row in self._storage.broker_logins.load()}
        overtaken = self._settle_failed(rows)
        changed: list[str] = []
        with self._lock:
            for broker in {*rows, *self._stamps} - (own - overtaken) - set(self._unsaved):
                stamp, row = self._stamps.get(broker), rows.get(broker)
                if stamp != before.get(broker) or stamp == (row.updated_at if row is not None else None):
                    continue
                if self._take(broker, row):
                    changed.append(broker)
        return changed

    def keep_session(self, broker: str, session: BrokerSession | None) -> None:
        """Keep `session` as the one of `broker`, or none."""
        with self._lock:
            _put(self.sessions, broker, session)
        self._save(broker)

    def keep_credentials(self, broker: str, credentials: Mapping[str, Secret] | None) -> None:
        """Keep `credentials` for the next login to `broker`, or none."""
        with self._lock:
            _put(self.credentials, broker, dict(credentials) if credentials else None)
        self._save(broker)

    def _save(self, broker: str) -> None:
        with self._lock:
            row = BrokerLoginRow(
                broker=broker,
                session=self._encrypted(_plain_session(self.sessions.get(broker))),
                credentials=self._encrypted(_plain(self.credentials.get(broker))),
                updated_at=datetime.now(UTC),
            )
            _put(self._stamps, broker, row.updated_at if row.session or row.credentials else None)
            self._unsaved[broker] = row
            self._failed.discard(broker)
        self._storage.later(lambda: self._write(row))

    def _settle_failed(self, rows: Mapping[str, BrokerLoginRow]) -> set[str]:
        """Write what could not be written. Returns the brokers with something later in `rows`: that counts instead."""
        overtaken: set[str] = set()
        with self._lock:
            failed = [self._unsaved[broker] for broker in self._failed]
            for row in failed:
                there = rows.get(row.broker)
                if there is not None and there.updated_at > row.updated_at:
                    self._forget_unsaved(row)
                    overtaken.add(row.broker)
        for row in failed:
            with contextlib.suppress(StorageError):  # as it was told when it failed first
                self._write(row)
        return overtaken

    def _write(self, row: BrokerLoginRow) -> None:
        """Write `row`, unless there is a later one of its broker: that will be written for both."""
        with self._writing:  # or an older row, tried again, could be written over a newer one
            if self._unsaved.get(row.broker) is not row:
                return
            try:
                self._storage.broker_logins.save(row)
            except BaseException:
                with self._lock:
                    if self._unsaved.get(row.broker) is row:
                        self._failed.add(row.broker)
                raise
            with self._lock:
                self._forget_unsaved(row)

    def _forget_unsaved(self, row: BrokerLoginRow) -> None:
        if self._unsaved.get(row.broker) is row:
            del self._unsaved[row.broker]
            self._failed.discard(row.broker)

    def _take(self, broker: str, row: BrokerLoginRow | None) -> bool:
        """Have what `row` says, nothing where there is none; returns whether the session is another one now."""
        session, credentials = self._read(row) if row is not None else (None, None)
        before = self.sessions.get(broker)
        _put(self.sessions, broker, session)
        _put(self.credentials, broker, credentials)
        _put(self._stamps, broker, row.updated_at if row is not None else None)
        return session != before

    def _read(self, row: BrokerLoginRow) -> tuple[BrokerSession | None, dict[str, Secret] | None]:
        kept: BrokerSession | None = None
        try:
            session, credentials = self._decrypted(row.session), self._decrypted(row.credentials)
            if session is not None:
                kept = BrokerSession(
                    broker=row.broker,
                    user=str(session["user"]),
                    tokens={name: Secret(text) for name, text in session["tokens"].items()},
                    obtained_ms=float(session["obtained_ms"]),
                    expires_ms=session["expires_ms"],
                )
            return kept, {name: Secret(text) for name, text in (credentials or {}).items()} or None
        except (VaultLockedError, msgspec.MsgspecError, KeyError, TypeError, ValueError, AttributeError):
            # From another computer, or damaged: the user logs in again.
            _log.info("What was kept of the login to %s cannot be read", row.broker)
            return kept, None

    def _encrypted(self, plain: Mapping[str, Any] | None) -> str:
        if plain is None:
            return ""
        return self._vault.encrypt(Secret(msgspec.json.encode(plain).decode()))

    def _decrypted(self, text: str) -> dict[str, Any] | None:
        if not text:
            return None
        return msgspec.json.decode(self._vault.decrypt(text).reveal(), type=dict[str, Any])


def _put(where: dict[str, Any], broker: str, what: object) -> None:
    if what is None:
        where.pop(broker, None)
    else:
        where[broker] = what


def _plain(secrets: Mapping[str, Secret] | None) -> dict[str, str] | None:
    return {name: secret.reveal() for name, secret in secrets.items()} if secrets else None


def _plain_session(session: BrokerSession | None) -> dict[str, Any] | None:
    if session is None:
        return None
    return {
        "user": session.user,
        "tokens": _plain(session.tokens) or {},
        "obtained_ms": session.obtained_ms,
        "expires_ms": session.expires_ms,
    }
