"""Open a profile's database so that it survives `kill -9`, power loss, damage and a full disk as well as can be.

SQLite with a write-ahead log and full synchronisation: writes here are rare and must last. Another database is
possible by its URL; then its own server looks after copies.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from market.errors import OpenAlgoError, StorageError
from services.storage import copies
from services.storage.api_key_rows import ApiKeyRows
from services.storage.broker_login_rows import BrokerLoginRows
from services.storage.migrations import migrate
from services.storage.pending_saves import PendingSaves
from services.storage.setting_rows import SettingRows
from services.storage.watchlist_rows import WatchlistRows

_log = logging.getLogger(__name__)

FILE_NAME = "openalgo.db"
_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON")


class Storage:
    """An open database. Safe from any thread; `read` and `write` block, `later` does not.

    Attributes:
        path: the SQLite file, or None for a database server.
        notices: sentences that the user must be told, such as a restored copy.
    """

    def __init__(self, engine: Engine, place: str, *, path: Path | None = None, notices: tuple[str, ...] = ()) -> None:
        self.path = path
        self.notices = notices
        self._engine = engine
        self._place = place
        self._write_lock = threading.Lock()
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="storage")
        self._on_failure: list[Callable[[str], object]] = []
        self.api_keys = ApiKeyRows(self)
        self.watchlists = WatchlistRows(self)
        self.settings = SettingRows(self)
        self.broker_logins = BrokerLoginRows(self)
        self.pending = PendingSaves(None if path is None else path.with_name(path.name + ".pending"))

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection for reading.

        Raises:
            StorageError: the database cannot be read; the sentence names it and the cause.
        """
        with self._explained(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction: committed at the end, undone if anything is raised.

        Raises:
            StorageError: the database cannot be written; the sentence names it and the cause.
        """
        with self._write_lock, self._explained(), self._engine.connect() as connection:
            writing = connection.execution_options(openalgo_writes=True)
            with writing.begin():
                yield writing

    def later(self, work: Callable[[], object]) -> None:
        """Do `work` in the storage's own thread, in the order of these calls; a failure is told to `on_failure`.

        Raises:
            StorageError: the database is closed.
        """
        self._submit(lambda: self._do(work))

    def on_failure(self, callback: Callable[[str], object]) -> None:
        """Have `callback` called, in the storage's thread, with a sentence when work for `later` failed."""
        self._on_failure.append(callback)

    def flush(self) -> None:
        """Wait until everything given to `later` is done."""
        self._submit(lambda: None).result()

    def save_copy(self) -> None:
        """Keep a copy of the database as it is now, to be restored if it is found damaged."""
        if self.path is not None:
            try:
                copies.save_copy(self.path)
            except Exception as error:  # noqa: BLE001 - a missing copy must not stop the application
                _log.warning("No copy of the database could be made: %s", error)

    def close(self) -> None:
        """Finish all writing, keep a copy, let go of the file. Safe to call twice."""
        self._writer.shutdown(wait=True)
        self.pending.close()
        self._engine.dispose()
        if self.path is not None and self.path.exists():
            self.save_copy()

    def _submit(self, work: Callable[[], None]) -> Future[None]:
        try:
            return self._writer.submit(work)
        except RuntimeError as error:
            raise StorageError(f"The database {self._place} is closed") from error

    def _do(self, work: Callable[[], object]) -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001 - the edge of a thread
            told = (
                str(error) if isinstance(error, OpenAlgoError) else f"The database {self._place} could not be written"
            )
            _log.error("Storage: %s", told, exc_info=not isinstance(error, OpenAlgoError))
            for callback in self._on_failure:
                callback(told)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            raise StorageError(copies.sentence(self._place, getattr(error, "orig", None) or error)) from error


def open_storage(profile: Path, *, url: str | None = None, now: Callable[[], datetime] | None = None) -> Storage:
    """Open the database of `profile`, or the one at `url` (`DATABASE_URL`). Blocks; call it at start-up or in a thread.

    A damaged SQLite file is put aside and its last good copy restored: see `Storage.notices`.

    Raises:
        StorageError: it cannot be opened; the sentence names the path and the cause.
    """
    target = _parse(url) if url else URL.create("sqlite", database=str(profile / FILE_NAME))
    path = Path(target.database) if target.drivername.startswith("sqlite") and target.database else None
    place = str(path) if path else target.render_as_string(hide_password=True)
    notices: tuple[str, ...] = ()
    if path is not None:
        moment = now() if now else datetime.now(UTC)
        notices = _prepare(path, moment.astimezone(), private=not url)
    engine = _engine(target)
    try:
        migrate(engine, before=lambda version: _keep_old(path, version))
    except SQLAlchemyError as error:
        engine.dispose()
        raise StorageError(copies.sentence(place, getattr(error, "orig", None) or error)) from error
    except BaseException:
        engine.dispose()
        raise
    storage = Storage(engine, place, path=path, notices=notices)
    storage.save_copy()
    return storage


def _keep_old(path: Path | None, version: int) -> None:
    """Keep the database as it is before its tables change. Each step is whole or not at all, so none is not fatal."""
    if path is None:
        return
    try:
        copies.save_copy(path, copies.kept_before(path, version))
    except Exception as error:  # noqa: BLE001 - a missing copy must not stop the application
        _log.warning("No copy of the database of version %s could be kept: %s", version, error)


def _parse(url: str) -> URL:
    try:
        return make_url(url)
    except ArgumentError as error:
        raise StorageError("DATABASE_URL is not a database address, for example sqlite:///openalgo.db") from error


def _prepare(path: Path, now: datetime, *, private: bool) -> tuple[str, ...]:
    """Make folder and file with the right permissions, and put right what is damaged."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if private:
            copies.make_private(path.parent, 0o700)
        notices: tuple[str, ...] = ()
        damage = copies.damage_of(path) if path.exists() else "it was not there"
        if damage is not None and (path.exists() or copies.copy_of(path).exists()):
            notices = (copies.recover(path, damage, now),)
        path.touch(mode=0o600)
        copies.make_private(path, 0o600)
    except OSError as error:
        cause = error.strerror or type(error).__name__
        raise StorageError(f"The folder {path.parent} cannot be used: {cause}") from error
    return notices


def _engine(url: URL) -> Engine:
    if not url.drivername.startswith("sqlite"):
        return create_engine(url, pool_pre_ping=True)
    engine = create_engine(url, connect_args={"timeout": copies.BUSY_SECONDS})

    def configure(connection: Any, _record: object) -> None:
        # The driver would begin transactions by itself, too late to take the write lock without a deadlock.
        connection.isolation_level = None
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("openalgo_writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    event.listen(engine, "connect", configure)
    event.listen(engine, "begin", begin)
    return engine
