"""The `api_keys` table."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from market.errors import InvalidRequestError
from services.storage.connections import Connections
from services.storage.tables import api_keys


class ApiKeyRow(NamedTuple):
    """One key as it is stored: its hash and its encrypted copy, never itself."""

    id: int
    user_id: str
    name: str
    api_key_hash: str
    api_key_encrypted: str
    lookup_id: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None


class ApiKeyRows:
    """Stored keys. All calls block."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def add(self, row: ApiKeyRow) -> ApiKeyRow:
        """Store `row` under a new id and return it.

        Raises:
            InvalidRequestError: the user has a key of that name.
        """
        values = row._asdict() | {"scopes": list(row.scopes)}
        del values["id"]
        with self._connections.write() as connection:
            try:
                done = connection.execute(insert(api_keys).values(values).returning(api_keys.c.id))
            except IntegrityError as error:
                raise InvalidRequestError(f"There is a key named {row.name!r} already") from error
            return row._replace(id=done.scalar_one())

    def of_user(self, user_id: str) -> list[ApiKeyRow]:
        """The keys of `user_id` that are not revoked, oldest first."""
        query = (
            select(api_keys)
            .where(api_keys.c.user_id == user_id, api_keys.c.revoked_at.is_(None))
            .order_by(api_keys.c.id)
        )
        with self._connections.read() as connection:
            return [_row(found) for found in connection.execute(query)]

    def find(self, lookup_id: str) -> Sequence[ApiKeyRow]:
        """The keys with that lookup id, revoked ones too: at most one, but for a collision."""
        query = select(api_keys).where(api_keys.c.lookup_id == lookup_id)
        with self._connections.read() as connection:
            return [_row(found) for found in connection.execute(query)]

    def get(self, key_id: int) -> ApiKeyRow | None:
        """The key with that id, revoked or not."""
        with self._connections.read() as connection:
            found = connection.execute(select(api_keys).where(api_keys.c.id == key_id)).one_or_none()
            return None if found is None else _row(found)

    def active(self) -> dict[int, str]:
        """The lookup id of every key that is not revoked, by the key's id."""
        query = select(api_keys.c.id, api_keys.c.lookup_id).where(api_keys.c.revoked_at.is_(None))
        with self._connections.read() as connection:
            return {row.id: row.lookup_id for row in connection.execute(query)}

    def revoke(self, key_id: int, when: datetime) -> bool:
        """Mark a key as revoked; False if there is none, or it was revoked before."""
        change = update(api_keys).where(api_keys.c.id == key_id, api_keys.c.revoked_at.is_(None))
        with self._connections.write() as connection:
            return connection.execute(change.values(revoked_at=when)).rowcount > 0

    def used(self, key_id: int, when: datetime) -> None:
        """Note when a key was last used."""
        with self._connections.write() as connection:
            connection.execute(update(api_keys).where(api_keys.c.id == key_id).values(last_used_at=when))


def _row(found: Row[tuple[object, ...]]) -> ApiKeyRow:
    values = dict(found._mapping)
    values["scopes"] = tuple(values["scopes"])
    return ApiKeyRow(**values)
