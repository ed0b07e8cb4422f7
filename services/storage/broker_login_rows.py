"""The `broker_logins` table: one row per broker. Tokens and credentials are encrypted before they get here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select

from services.storage.connections import Connections
from services.storage.tables import broker_logins


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerLoginRow:
    """What is kept of one broker: `session` and `credentials` are encrypted JSON, empty where there is none."""

    broker: str
    session: str = ""
    credentials: str = ""
    updated_at: datetime


class BrokerLoginRows:
    """Stored logins. All calls block."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def load(self) -> list[BrokerLoginRow]:
        """Every row."""
        with self._connections.read() as connection:
            rows = connection.execute(select(broker_logins)).all()
        return [
            BrokerLoginRow(
                broker=row.broker, session=row.session, credentials=row.credentials, updated_at=row.updated_at
            )
            for row in rows
        ]

    def save(self, row: BrokerLoginRow) -> None:
        """Store `row` in place of the one of its broker; one that holds nothing is removed."""
        with self._connections.write() as connection:
            connection.execute(delete(broker_logins).where(broker_logins.c.broker == row.broker))
            if row.session or row.credentials:
                connection.execute(
                    insert(broker_logins).values(
                        broker=row.broker,
                        session=row.session,
                        credentials=row.credentials,
                        updated_at=row.updated_at,
                    )
                )
