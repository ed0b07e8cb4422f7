"""The tables of watchlists: whole lists in, whole lists out. A list is lines: instruments and section titles."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, select, update

from services.storage.connections import Connections
from services.storage.tables import watchlist_items, watchlist_sections, watchlists


class ItemRow(NamedTuple):
    """An instrument in a watchlist."""

    exchange: str
    symbol: str
    note: str = ""
    flag: str = ""


class SectionRow(NamedTuple):
    """The title of a section, which reaches to the next one."""

    id: int
    name: str
    collapsed: bool = False


LineRow = ItemRow | SectionRow


class ListRow(NamedTuple):
    """One watchlist with its lines in order."""

    id: int
    name: str
    lines: tuple[LineRow, ...] = ()


class WatchlistRows:
    """Stored watchlists. All calls block."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def load(self) -> list[ListRow]:
        """Every list in order, each with its lines in order."""
        placed: dict[int, list[tuple[int, LineRow]]] = {}
        with self._connections.read() as connection:
            for row in connection.execute(select(watchlist_items)):
                item = ItemRow(row.exchange, row.symbol, row.note, row.flag)
                placed.setdefault(row.watchlist_id, []).append((row.position, item))
            for row in connection.execute(select(watchlist_sections)):
                title = SectionRow(row.id, row.name, row.collapsed)
                placed.setdefault(row.watchlist_id, []).append((row.position, title))
            found = connection.execute(select(watchlists).order_by(watchlists.c.position, watchlists.c.id)).all()
        return [ListRow(row.id, row.name, _in_order(placed.get(row.id, []))) for row in found]

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
                _save_lines(connection, row)
            for position, number in enumerate(order):
                connection.execute(update(watchlists).where(watchlists.c.id == number).values(position=position))


def _save_lines(connection: Connection, row: ListRow) -> None:
    placed = [({"watchlist_id": row.id, "position": at}, line) for at, line in enumerate(row.lines)]
    for table, kind in ((watchlist_items, ItemRow), (watchlist_sections, SectionRow)):
        connection.execute(delete(table).where(table.c.watchlist_id == row.id))
        lines = [place | line._asdict() for place, line in placed if isinstance(line, kind)]
        if lines:
            connection.execute(insert(table), lines)


def _in_order(placed: list[tuple[int, LineRow]]) -> tuple[LineRow, ...]:
    return tuple(line for _, line in sorted(placed, key=lambda each: each[0]))
