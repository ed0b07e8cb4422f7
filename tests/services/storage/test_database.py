from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from market.errors import StorageError
from services.storage import copies, migrations
from services.storage.database import FILE_NAME, Storage, open_storage
from services.storage.watchlist_rows import ItemRow, ListRow, SectionRow

NOW = datetime(2026, 11, 23, 11, 45, tzinfo=UTC)


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    return tmp_path / "profile"


@pytest.fixture
def opened(profile: Path) -> Iterator[Callable[[], Storage]]:
    storages: list[Storage] = []

    def again() -> Storage:
        storages.append(open_storage(profile, now=lambda: NOW))
        return storages[-1]

    yield again
    for storage in storages:
        storage.close()


def test_what_was_written_is_there_after_reopening(opened: Callable[[], Storage]) -> None:
    storage = opened()
    storage.settings.save("theme", "dark")
    storage.settings.save("ui_scale", 125)
    storage.settings.save("theme", None)
    rows = [ListRow(3, "Banks", (ItemRow("NSE", "SBIN", "note", "red"), ItemRow("NSE", "HDFCBANK"))), ListRow(1, "Old")]
    storage.watchlists.save([3, 1], rows)
    storage.close()
    again = opened()
    assert again.notices == ()
    assert again.settings.load() == {"ui_scale": 125}
    assert again.watchlists.load() == rows


def test_saving_watchlists_deletes_reorders_and_replaces(opened: Callable[[], Storage]) -> None:
    storage = opened()
    a, b = ListRow(1, "A", (ItemRow("NSE", "SBIN"),)), ListRow(2, "B", (ItemRow("NSE", "TCS"), ItemRow("BSE", "TCS")))
    storage.watchlists.save([1, 2], [a, b])
    turned = b._replace(lines=b.lines[::-1], name="C")
    storage.watchlists.save([2, 1], [turned])
    assert storage.watchlists.load() == [turned, a]
    storage.watchlists.save([2], [])
    assert storage.watchlists.load() == [turned]
    with storage.read() as connection:
        assert connection.scalar(text("SELECT count(*) FROM watchlist_items")) == 2


def test_failed_transaction_changes_nothing(opened: Callable[[], Storage]) -> None:
    storage = opened()
    storage.watchlists.save([1], [ListRow(1, "A")])
    twice = ListRow(2, "B", (ItemRow("NSE", "SBIN"), ItemRow("NSE", "SBIN")))
    with pytest.raises(StorageError, match=FILE_NAME):
        storage.watchlists.save([2], [twice])
    assert storage.watchlists.load() == [ListRow(1, "A")]


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_only_the_owner_may_read_a_profile(opened: Callable[[], Storage], profile: Path) -> None:
    storage = opened()
    storage.settings.save("a", 1)
    assert profile.stat().st_mode & 0o777 == 0o700
    files = list(profile.iterdir())
    assert len(files) >= 3
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_profile_that_others_could_read_is_closed_to_them(opened: Callable[[], Storage], profile: Path) -> None:
    opened().close()
    profile.chmod(0o755)
    (profile / FILE_NAME).chmod(0o644)
    opened()
    assert profile.stat().st_mode & 0o777 == 0o700
    assert (profile / FILE_NAME).stat().st_mode & 0o777 == 0o600


def test_write_ahead_log_of_a_damaged_database_goes_with_it(opened: Callable[[], Storage], profile: Path) -> None:
    opened().close()
    (profile / f"{FILE_NAME}-wal").write_bytes(b"of the damaged one")
    copies.recover(profile / FILE_NAME, "for a test", NOW)
    assert not (profile / f"{FILE_NAME}-wal").exists()
    assert (profile / f"{FILE_NAME}.damaged-20261123-114500-wal").read_bytes() == b"of the damaged one"


def test_connections_keep_what_must_last(opened: Callable[[], Storage]) -> None:
    with opened().read() as connection:
        pragmas = {
            name: connection.scalar(text(f"PRAGMA {name}"))
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000}


def test_api_keys_table_has_the_documents_columns(opened: Callable[[], Storage]) -> None:
    with opened().read() as connection:
        columns = [row.name for row in connection.execute(text("PRAGMA table_info(api_keys)"))]
    assert columns[:5] == ["id", "user_id", "api_key_hash", "api_key_encrypted", "created_at"]


def garble(path: Path) -> None:
    blob = bytearray(path.read_bytes())
    blob[100:] = b"\xff" * (len(blob) - 100)
    path.write_bytes(blob)


def test_damaged_database_is_put_aside_and_the_last_copy_restored(opened: Callable[[], Storage], profile: Path) -> None:
    storage = opened()
    storage.settings.save("kept", 1)
    storage.close()
    garble(profile / FILE_NAME)
    again = opened()
    assert again.settings.load() == {"kept": 1}
    (notice,) = again.notices
    assert "was damaged" in notice
    assert "was restored" in notice
    (aside,) = profile.glob("*.damaged-*")
    assert aside.name in notice
    assert len(list(profile.glob("*.damaged-*-wal"))) == 0


@pytest.mark.parametrize("wreck", [b"", b"this is no database at all, but long enough to be looked at as one" * 40])
def test_wrecked_file_is_restored_too(opened: Callable[[], Storage], profile: Path, wreck: bytes) -> None:
    storage = opened()
    storage.settings.save("kept", 1)
    storage.close()
    (profile / FILE_NAME).write_bytes(wreck)
    assert opened().settings.load() == {"kept": 1}


def test_missing_database_is_restored_and_said(opened: Callable[[], Storage], profile: Path) -> None:
    storage = opened()
    storage.settings.save("kept", 1)
    storage.close()
    (profile / FILE_NAME).unlink()
    again = opened()
    assert again.settings.load() == {"kept": 1}
    assert again.notices[0].startswith("The database was missing, and the copy of ")


def test_damage_without_a_good_copy_starts_empty_and_says_so(opened: Callable[[], Storage], profile: Path) -> None:
    storage = opened()
    storage.settings.save("lost", 1)
    storage.close()
    garble(profile / FILE_NAME)
    garble(copies.copy_of(profile / FILE_NAME))
    again = opened()
    assert again.settings.load() == {}
    assert "no good copy" in again.notices[0]


def test_damaged_database_does_not_replace_its_good_copy(opened: Callable[[], Storage], profile: Path) -> None:
    storage = opened()
    storage.close()
    copy = copies.copy_of(profile / FILE_NAME)
    assert copies.damage_of(copy) is None
    garble(profile / FILE_NAME)
    with pytest.raises(StorageError, match="is damaged"):
        copies.save_copy(profile / FILE_NAME)
    assert copies.damage_of(copy) is None


def test_database_held_by_another_program_is_said(
    opened: Callable[[], Storage], profile: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened().close()
    monkeypatch.setattr(copies, "BUSY_SECONDS", 0.05)
    with closing(sqlite3.connect(profile / FILE_NAME)) as holder:
        holder.execute("PRAGMA locking_mode=EXCLUSIVE")
        holder.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StorageError, match="another program holds it locked") as caught:
            open_storage(profile)
    assert str(profile / FILE_NAME) in str(caught.value)


def test_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError, match=r"cannot be used: Not a directory|cannot be used: File exists"):
        open_storage(tmp_path / "file" / "profile")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root writes everywhere")
def test_read_only_folder_is_said(tmp_path: Path) -> None:  # pragma: no cover
    folder = tmp_path / "profile"
    folder.mkdir(mode=0o500)
    with pytest.raises(StorageError, match=str(folder)):
        open_storage(folder / "inside")


def test_full_disk_is_said(opened: Callable[[], Storage]) -> None:
    storage = opened()
    with storage._engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
    with pytest.raises(StorageError, match="the disk is full"):
        storage.settings.save("big", "x" * 200_000)
    assert storage.settings.load() == {}


def test_url_names_another_file(tmp_path: Path) -> None:
    storage = open_storage(tmp_path / "profile", url=f"sqlite:///{tmp_path / 'elsewhere.db'}")
    storage.close()
    assert (tmp_path / "elsewhere.db").exists()
    assert not (tmp_path / "profile").exists()


def test_url_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="DATABASE_URL"):
        open_storage(tmp_path, url="not a url")


# Versions


def test_database_of_a_newer_version_is_refused(opened: Callable[[], Storage], profile: Path) -> None:
    storage = opened()
    with storage.write() as connection:
        connection.execute(text("INSERT INTO schema_version VALUES (99)"))
    storage.close()
    with pytest.raises(StorageError, match="newer version"):
        open_storage(profile)


def test_older_database_takes_every_step_once(opened: Callable[[], Storage]) -> None:
    storage = opened()
    taken: list[int] = []

    first, second = migrations.VERSION + 1, migrations.VERSION + 2

    def altered(connection: Connection) -> None:
        taken.append(first)
        connection.execute(text("ALTER TABLE settings ADD COLUMN note TEXT"))

    steps = {first: altered, second: lambda connection: taken.append(second)}
    for _ in range(2):
        migrations.migrate(storage._engine, version=second, steps=steps)
    assert taken == [first, second]
    with storage.read() as connection:
        assert migrations.version_of(connection) == second


def test_step_that_fails_leaves_the_version_before_it(opened: Callable[[], Storage]) -> None:
    storage = opened()

    def broken(connection: Connection) -> None:
        connection.execute(text("ALTER TABLE settings ADD COLUMN note TEXT"))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        migrations.migrate(storage._engine, version=migrations.VERSION + 1, steps={migrations.VERSION + 1: broken})
    with storage.read() as connection:
        assert migrations.version_of(connection) == migrations.VERSION
        assert "note" not in [row.name for row in connection.execute(text("PRAGMA table_info(settings)"))]


def _made_by_the_first_version(storage: Storage) -> None:
    """Take away everything that later versions added."""
    with storage.write() as connection:
        for name in ("watchlist_sections", "broker_logins"):
            connection.execute(text(f"DROP TABLE {name}"))
        connection.execute(text("UPDATE schema_version SET version = 1"))


def test_first_version_gets_sections_and_is_kept_as_it_was(opened: Callable[[], Storage], profile: Path) -> None:
    storage = opened()
    storage.watchlists.save([1], [ListRow(1, "A", (ItemRow("NSE", "SBIN", "n", "3"), ItemRow("NSE", "TCS")))])
    _made_by_the_first_version(storage)
    storage.close()
    again = opened()
    assert again.watchlists.load() == [ListRow(1, "A", (ItemRow("NSE", "SBIN", "n", "3"), ItemRow("NSE", "TCS")))]
    titled = ListRow(1, "A", (ItemRow("NSE", "TCS"), SectionRow(4, "Banks", True), ItemRow("NSE", "SBIN")))
    again.watchlists.save([1], [titled])
    assert again.watchlists.load() == [titled]
    kept = copies.kept_before(profile / FILE_NAME, 1)
    with closing(sqlite3.connect(kept)) as old:
        assert old.execute("SELECT version FROM schema_version").fetchall() == [(1,)]
        assert old.execute("SELECT count(*) FROM watchlist_items").fetchone() == (2,)
    assert kept.stat().st_mode & 0o077 == 0


@pytest.mark.expected_log("No copy of the database of version 1")
def test_copy_that_cannot_be_kept_does_not_stop_the_steps(
    opened: Callable[[], Storage], monkeypatch: pytest.MonkeyPatch
) -> None:
    storage = opened()
    _made_by_the_first_version(storage)
    storage.close()

    def refuse(_database: Path, _version: int) -> Path:
        raise OSError("no room")

    monkeypatch.setattr(copies, "kept_before", refuse)
    opened().watchlists.save([1], [ListRow(1, "A", (SectionRow(1, "S"),))])


# Threads and crashes


def test_later_writes_in_order_and_close_waits_for_them(opened: Callable[[], Storage]) -> None:
    storage = opened()
    for number in range(50):
        storage.later(lambda value=number: storage.settings.save("n", value))  # type: ignore[misc]
    storage.flush()
    assert storage.settings.load() == {"n": 49}
    storage.later(lambda: storage.settings.save("n", 50))
    storage.close()
    assert opened().settings.load() == {"n": 50}


def test_writing_after_closing_is_said(opened: Callable[[], Storage]) -> None:
    storage = opened()
    storage.close()
    with pytest.raises(StorageError, match="is closed"):
        storage.later(lambda: None)


@pytest.mark.expected_log("Storage: ")
def test_failure_of_a_later_write_is_told(opened: Callable[[], Storage]) -> None:
    storage = opened()
    told: list[str] = []
    storage.on_failure(told.append)
    twice = ListRow(2, "B", (ItemRow("NSE", "SBIN"), ItemRow("NSE", "SBIN")))
    storage.later(lambda: storage.watchlists.save([2], [twice]))
    storage.flush()
    assert FILE_NAME in told[0]


def test_threads_write_side_by_side(opened: Callable[[], Storage]) -> None:
    storage = opened()

    def write(name: str) -> None:
        for number in range(20):
            storage.settings.save(name, number)
            storage.settings.load()

    threads = [threading.Thread(target=write, args=(f"t{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert storage.settings.load() == {f"t{number}": 19 for number in range(4)}


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs kill -9")
def test_everything_acknowledged_survives_kill_9(profile: Path, opened: Callable[[], Storage]) -> None:
    program = (
        "import os, signal, sys; from pathlib import Path\n"
        "from services.storage.database import open_storage\n"
        "storage = open_storage(Path(sys.argv[1]))\n"
        "for number in range(25):\n"
        "    storage.settings.save(f'k{number}', number)\n"
        "    print(number, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    root = Path(__file__).resolve().parents[3]
    run = subprocess.run(
        [sys.executable, "-c", program, str(profile)],
        capture_output=True,
        text=True,
        cwd=root,
        check=False,
        env=os.environ | {"PYTHONPATH": str(root)},
    )
    assert run.returncode == -signal.SIGKILL, run.stderr
    said = [int(line) for line in run.stdout.split()]
    assert len(said) == 25
    storage = opened()
    assert storage.notices == ()
    assert storage.settings.load() == {f"k{number}": number for number in said}
