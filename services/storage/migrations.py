"""The version of a database's tables, and the steps from an older one to ours.

A new database is made whole; an older one takes each step in a transaction of its own, so that a crash in between
leaves it at a version that exists.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy import Column, Connection, Engine, Integer, MetaData, Table, func, insert, inspect, select

from market.errors import StorageError
from services.storage.tables import broker_logins, metadata, watchlist_sections

Step = Callable[[Connection], None]

VERSION = 3


def _add_sections(connection: Connection) -> None:
    watchlist_sections.create(connection)


def _add_broker_logins(connection: Connection) -> None:
    broker_logins.create(connection)


STEPS: Mapping[int, Step] = {2: _add_sections, 3: _add_broker_logins}
"""What brings the tables to the version it is listed under, from the one before."""

_versions = Table("schema_version", MetaData(), Column("version", Integer, primary_key=True))


def version_of(connection: Connection) -> int:
    """The version of the tables, 0 where there are none."""
    if not inspect(connection).has_table(_versions.name):
        return 0
    return connection.scalar(select(func.max(_versions.c.version))) or 0


def migrate(
    engine: Engine,
    *,
    version: int = VERSION,
    steps: Mapping[int, Step] = STEPS,
    before: Callable[[int], object] = lambda present: None,
) -> None:
    """Bring the tables to `version`; `before` is called with the version that is there, if it is an older one.

    Raises:
        StorageError: the database was made by a newer version of the application.
    """
    with engine.begin() as connection:
        present = version_of(connection)
        if present == 0:
            metadata.create_all(connection)
            _versions.create(connection)
            connection.execute(insert(_versions).values(version=version))
            return
    if present > version:
        raise StorageError(
            f"The database was written by a newer version of the application (its tables have version {present}, "
            f"this application knows {version}); install the newer version, or choose another profile"
        )
    if present < version:
        before(present)
    for target in range(present + 1, version + 1):
        with engine.begin() as connection:
            steps[target](connection)
            connection.execute(insert(_versions).values(version=target))
