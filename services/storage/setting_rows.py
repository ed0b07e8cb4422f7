"""The `settings` table: one JSON value per key."""

from __future__ import annotations

from sqlalchemy import delete, insert, select

from services.storage.connections import Connections
from services.storage.tables import settings


class SettingRows:
    """Stored settings. All calls block."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def load(self) -> dict[str, object]:
        """Every stored value by key."""
        with self._connections.read() as connection:
            return {row.key: row.value for row in connection.execute(select(settings))}

    def save(self, key: str, value: object) -> None:
        """Store `value` (JSON) under `key`; None removes it."""
        with self._connections.write() as connection:
            connection.execute(delete(settings).where(settings.c.key == key))
            if value is not None:
                connection.execute(insert(settings).values(key=key, value=value))
