"""The `watchlists` and `watchlist_items` tables: whole lists in, whole lists out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import delete, insert, select, update

from services.storage.connections import Connections
from services.storage.tables import watchlist_items, watchlists


class ItemRow(NamedTuple):
    """One line of a watchlist."""

    exchange: str
    symbol: str
    note: str = ""
    flag: str = ""


class ListRow(NamedTuple):
    """One watchlist with its lines in order."""

    id: int
    name: str
    items: tuple[ItemRow, ...] = ()


class WatchlistRows:
    """Stored watchlists. All calls block."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def load(self) -> list[ListRow]:
        """Every list in order, each with its lines in order."""
        items: dict[int, list[ItemRow]] = {}
        with self._connections.read() as connection:
            for row in connection.execute(select(watchlist_items).order_by(watchlist_items.c.position)):
                items.setdefault(row.watchlist_id, []).append(ItemRow(row.exchange, row.symbol, row.note, row.flag))
            found = connection.execute(select(watchlists).order_by(watchlists.c.position, watchlists.c.id)).all()
        return [ListRow(row.id, row.name, tuple(items.get(row.id, ()))) for row in found]

    def save(self, order: Sequence[int], changed: Iterable[ListRow]) -> None:
        """Store `changed` lists whole, delete those not in `order`, and put the rest in that order; all or nothing."""
        with self._connections.write() as connection:
            connection.execute(delete(watchlists).where(watchlists.c.id.not_in(order)))
            present = set(connection.scalars(select(watchlists.c.id)))
            for row in changed:
                if row.id in present:
                    connection.execute(update(watchlists).where(watchlists.c.id == row.id).values(name=row.name))
                else:
                    connection.execute(insert(watchlists).values(id=row.id, name=row.name, position=0))
                connection.execute(delete(watchlist_items).where(watchlist_items.c.watchlist_id == row.id))
                lines = [
                    {"watchlist_id": row.id, "position": position} | item._asdict()
                    for position, item in enumerate(row.items)
                ]
                if lines:
                    connection.execute(insert(watchlist_items), lines)
            for position, number in enumerate(order):
                connection.execute(update(watchlists).where(watchlists.c.id == number).values(position=position))
