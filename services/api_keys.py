"""API keys: made once, shown once, verified without ever slowing anybody but the one who brings a wrong key.

A key is 256 random bits in hex. Stored are its Argon2id hash (over key and pepper), a copy encrypted by the vault,
and a lookup id, HMAC(pepper, key). The lookup id finds the one row worth an Argon2 verification; a key that finds no
row is refused after that one digest. No dummy Argon2 is run for it: a flood of wrong keys must stay cheap, and the
time taken tells only whether a 256-bit key exists, which nobody can use to find one.
"""

from __future__ import annotations

import re
import secrets
import threading
import time
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from typing import NamedTuple

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from market.credentials import Secret
from market.errors import InvalidRequestError, NotAuthenticatedError
from services.key_cache import KeyCache
from services.result import Result, answered
from services.storage.api_key_rows import ApiKeyRow
from services.storage.database import Storage
from services.vault import Vault

DEFAULT_NAME = "default"
MARKET_DATA = "market_data"
SCOPES = frozenset({MARKET_DATA, "ltp", "quote", "depth"})
MAX_NAME = 64
USED_EVERY_SECONDS = 60.0
INVALID = "Invalid API key or authentication failed"

_BYTES = 32
_KEY = re.compile(r"[0-9a-f]{64}")


class Identity(NamedTuple):
    """Whose key it is and what it may do."""

    user_id: str
    key_id: int
    name: str
    scopes: tuple[str, ...]
    expires_at: datetime | None = None


class NewKey(NamedTuple):
    """A key just made: the only moment at which `key` is shown without asking the vault."""

    identity: Identity
    key: Secret


def utc_now() -> datetime:
    """The time now."""
    return datetime.now(UTC)


class ApiKeys:
    """The keys of a profile. Every call but the two `on_…`/`default_key` ones blocks: use a worker thread.

    Args:
        storage: where they are kept.
        vault: what peppers and encrypts them.
        hasher: the Argon2id parameters; the library's (RFC 9106, low memory) by default.
        now: the time now, aware.
        timer: a monotonic clock in seconds, for the cache.
    """

    def __init__(
        self,
        storage: Storage,
        vault: Vault,
        *,
        hasher: PasswordHasher | None = None,
        now: Callable[[], datetime] = utc_now,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self._storage = storage
        self._rows = storage.api_keys
        self._vault = vault
        self._hasher = hasher or PasswordHasher()
        self._now = now
        self._timer = timer
        self._cache = KeyCache(timer)
        self._used: dict[int, float] = {}
        self._defaults: dict[str, tuple[Secret, datetime | None]] = {}
        self._lock = threading.Lock()
        self._on_revoked: list[Callable[[int], None]] = []
        self._changing = threading.Lock()
        self._active = self._rows.active()

    def create(
        self,
        user_id: str,
        name: str = DEFAULT_NAME,
        *,
        scopes: Collection[str] = (MARKET_DATA,),
        expires_at: datetime | None = None,
        key: Secret | None = None,
    ) -> NewKey:
        """Make a key for `user_id`, or take over `key`, which was made elsewhere.

        Raises:
            InvalidRequestError: the name is empty, too long or taken; an unknown scope; an expiry that is past; `key`
                is not 64 hexadecimal digits, or is or was a key here.
        """
        self._check(user_id, name, scopes, expires_at)
        if key is None:
            key = Secret(secrets.token_hex(_BYTES))
        else:
            self._check_foreign(key)
        row = ApiKeyRow(
            id=0,
            user_id=user_id,
            name=name.strip(),
            api_key_hash=self._hasher.hash(self._vault.peppered(key).reveal()),
            api_key_encrypted=self._vault.encrypt(key),
            lookup_id=self._vault.lookup_id(key),
            scopes=tuple(sorted(scopes)),
            created_at=self._now(),
            expires_at=expires_at,
        )
        with self._changing:
            row = self._rows.add(row)
            self._active[row.id] = row.lookup_id
        self._cache.drop_key(row.lookup_id)
        with self._lock:
            self._defaults.pop(user_id, None)
        return NewKey(_identity(row), key)

    def keys_of(self, user_id: str) -> list[ApiKeyRow]:
        """The keys of `user_id` that are not revoked, oldest first."""
        return self._rows.of_user(user_id)

    def reveal(self, user_id: str, key_id: int) -> Secret:
        """Return a key again, from its encrypted copy.

        Raises:
            InvalidRequestError: the user has no such key.
            VaultLockedError: it was encrypted under another master secret.
        """
        return self._vault.decrypt(self._own(user_id, key_id).api_key_encrypted)

    def revoke(self, user_id: str, key_id: int) -> None:
        """Make a key worthless at once, everywhere: the caches first, then whoever asked by `on_revoked`.

        Raises:
            InvalidRequestError: the user has no such key.
        """
        self._own(user_id, key_id)
        self._rows.revoke(key_id, self._now())
        self.notice_changes()

    def notice_changes(self) -> None:
        """Act on keys that were made or revoked, here or by another process on this profile (`keys revoke`).

        Whoever keeps connections open calls this every few seconds, in a thread.
        """
        with self._changing:
            active = self._rows.active()
            before, self._active = self._active, active
        if active.keys() != before.keys():
            with self._lock:
                self._defaults.clear()
        with self._lock:
            listeners = tuple(self._on_revoked)
        for key_id in before.keys() - active.keys():
            self._cache.drop_key(before[key_id])
            for callback in listeners:
                callback(key_id)
        for key_id in active.keys() - before.keys():
            self._cache.drop_key(active[key_id])  # it may have been refused a moment ago

    def verify(self, key: Secret | str) -> Identity:
        """Return whose key it is. Blocks for an Argon2 verification, unless the key was seen within five minutes.

        Raises:
            NotAuthenticatedError: unknown, revoked or expired; the sentence does not say which.
        """
        secret = key if isinstance(key, Secret) else Secret(key)
        lookup_id = self._vault.lookup_id(secret)
        generation = self._cache.generation
        known = self._cache.get(lookup_id)
        if known is None:
            row = self._verified(lookup_id, secret)
            self._cache.put(lookup_id, row, generation)
            if row is not None and generation != self._cache.generation:
                row = self._rows.get(row.id)  # a key was revoked during the verification: this one?
        else:
            # Another process may have revoked it a moment ago; to look costs a hundredth of a verification.
            row = known.row and self._rows.get(known.row.id)
        if row is None or row.revoked_at is not None or _is_past(row.expires_at, self._now()):
            raise NotAuthenticatedError(INVALID)
        self._note_use(row.id)
        return _identity(row)

    def default_key(self, user_id: str) -> Secret | None:
        """The key that the user's own programs use: the one named `default`, else the oldest; None without one.

        Blocks the first time for each user, then answers from memory.
        """
        now = self._now()
        with self._lock:
            held = self._defaults.get(user_id)
        if held is not None and not _is_past(held[1], now):
            return held[0]
        rows = [row for row in self._rows.of_user(user_id) if not _is_past(row.expires_at, now)]
        if not rows:
            return None
        row = next((row for row in rows if row.name == DEFAULT_NAME), rows[0])
        key = self._vault.decrypt(row.api_key_encrypted)
        with self._lock:
            self._defaults[user_id] = key, row.expires_at
        return key

    def get_user_api_key(self, username: str) -> str | None:
        """The document's name for `default_key`, as plain text."""
        key = self.default_key(username)
        return None if key is None else key.reveal()

    def on_revoked(self, callback: Callable[[int], None]) -> None:
        """Have `callback(key_id)` called when a key is revoked, on the thread that revoked it."""
        with self._lock:
            self._on_revoked.append(callback)

    # For the window: the same, as results

    @answered
    def create_key(self, user_id: str, name: str, *, expires_at: datetime | None = None) -> Result:
        """Make a key; `data.api_key` is the key, a `Secret`, shown this once."""
        identity, key = self.create(user_id, name, expires_at=expires_at)
        data = {"id": identity.key_id, "name": identity.name, "api_key": key}
        return Result.succeeded(data, f"The key {identity.name!r} was made; copy it now")

    @answered
    def list_keys(self, user_id: str) -> Result:
        """`data` is a list of `{id, name, scopes, created_at, expires_at, last_used_at}`, times as ISO text."""
        return Result.succeeded([_shown(row) for row in self.keys_of(user_id)])

    @answered
    def reveal_key(self, user_id: str, key_id: int) -> Result:
        """`data.api_key` is the key, a `Secret`."""
        return Result.succeeded({"id": key_id, "api_key": self.reveal(user_id, key_id)})

    @answered
    def revoke_key(self, user_id: str, key_id: int) -> Result:
        """Revoke a key."""
        self.revoke(user_id, key_id)
        return Result.succeeded({"id": key_id}, "The key is revoked; whoever used it is disconnected")

    def _verified(self, lookup_id: str, secret: Secret) -> ApiKeyRow | None:
        peppered = self._vault.peppered(secret).reveal()
        for row in self._rows.find(lookup_id):
            if row.revoked_at is None:
                try:
                    self._hasher.verify(row.api_key_hash, peppered)
                except (VerificationError, InvalidHashError):
                    continue
                return row
        return None

    def _note_use(self, key_id: int) -> None:
        at = self._timer()
        with self._lock:
            if at - self._used.get(key_id, -USED_EVERY_SECONDS) < USED_EVERY_SECONDS:
                return
            self._used[key_id] = at
        when = self._now()
        self._storage.later(lambda: self._rows.used(key_id, when))

    def _own(self, user_id: str, key_id: int) -> ApiKeyRow:
        row = self._rows.get(key_id)
        if row is None or row.user_id != user_id or row.revoked_at is not None:
            raise InvalidRequestError("There is no such key")
        return row

    def _check(self, user_id: str, name: str, scopes: Collection[str], expires_at: datetime | None) -> None:
        if not user_id or not name.strip() or len(name.strip()) > MAX_NAME:
            raise InvalidRequestError(f"A key needs a name of 1 to {MAX_NAME} characters")
        unknown = set(scopes) - SCOPES
        if unknown:
            raise InvalidRequestError(f"Unknown scope {', '.join(sorted(unknown))}")
        if expires_at is not None and expires_at <= self._now():
            raise InvalidRequestError("The expiry is in the past")

    def _check_foreign(self, key: Secret) -> None:
        # What is guessed more easily than our own keys would be guessed: wrong ones are refused without Argon2.
        if _KEY.fullmatch(key.reveal()) is None:
            raise InvalidRequestError("That is not a key; expected 64 hexadecimal digits, as `keys create` prints them")
        if self._rows.find(self._vault.lookup_id(key)):
            raise InvalidRequestError("This key is known here already, or was revoked")


def _is_past(expires_at: datetime | None, now: datetime) -> bool:
    return expires_at is not None and expires_at <= now


def _identity(row: ApiKeyRow) -> Identity:
    return Identity(row.user_id, row.id, row.name, row.scopes, row.expires_at)


def _shown(row: ApiKeyRow) -> dict[str, object]:
    def iso(moment: datetime | None) -> str | None:
        return None if moment is None else moment.isoformat()

    return {
        "id": row.id,
        "name": row.name,
        "scopes": list(row.scopes),
        "created_at": iso(row.created_at),
        "expires_at": iso(row.expires_at),
        "last_used_at": iso(row.last_used_at),
    }
