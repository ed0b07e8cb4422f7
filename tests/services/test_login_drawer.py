"""What is kept of logins: what was done here counts until it is written, and a full disk loses nothing."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from market.credentials import Secret
from market.errors import StorageError
from market.logins import BrokerSession
from services.login_drawer import LoginDrawer
from services.storage.broker_login_rows import BrokerLoginRow, BrokerLoginRows
from services.storage.database import Storage, open_storage
from services.vault import Vault

VAULT = Vault(b"m" * 32)


def _session(token: str) -> BrokerSession:
    return BrokerSession(
        broker="toy", user="AB1234", tokens={"access_token": Secret(token)}, obtained_ms=1.0, expires_ms=None
    )


def _token(drawer: LoginDrawer) -> str | None:
    session = drawer.sessions.get("toy")
    return None if session is None else session.reveal("access_token")


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[Storage]:
    with contextlib.closing(open_storage(tmp_path)) as storage:
        yield storage


@pytest.fixture
def drawer(storage: Storage) -> LoginDrawer:
    drawer = LoginDrawer(storage, VAULT)
    drawer.keep_session("toy", _session("old"))
    storage.flush()
    assert drawer.reload() == []
    return drawer


@pytest.mark.parametrize("token", ["new", None])
def test_what_is_not_written_yet_is_not_undone(storage: Storage, drawer: LoginDrawer, token: str | None) -> None:
    disk = threading.Event()
    storage.later(lambda: disk.wait(10.0))
    drawer.keep_session("toy", None if token is None else _session(token))
    assert drawer.reload() == []
    assert _token(drawer) == token
    disk.set()
    storage.flush()
    assert drawer.reload() == []
    assert _token(drawer) == token
    assert _token(LoginDrawer(storage, VAULT)) == token


@pytest.mark.parametrize("token", ["new", None])
@pytest.mark.expected_log("The disk is full")
def test_what_a_full_disk_refused_is_written_later(
    storage: Storage, drawer: LoginDrawer, token: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(rows: BrokerLoginRows, row: BrokerLoginRow) -> None:
        raise StorageError("The disk is full")

    told: list[str] = []
    storage.on_failure(told.append)
    with monkeypatch.context() as patched:
        patched.setattr(BrokerLoginRows, "save", full)
        drawer.keep_session("toy", None if token is None else _session(token))
        storage.flush()
        assert drawer.reload() == []
        assert _token(drawer) == token
    assert told == ["The disk is full"]
    assert _token(LoginDrawer(storage, VAULT)) == "old"
    assert drawer.reload() == []
    assert _token(LoginDrawer(storage, VAULT)) == token


def test_a_change_made_while_rows_are_read_counts(
    storage: Storage, drawer: LoginDrawer, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = BrokerLoginRows.load

    def slow(rows: BrokerLoginRows) -> list[BrokerLoginRow]:
        read = load(rows)
        drawer.keep_session("toy", _session("new"))
        storage.flush()
        return read

    monkeypatch.setattr(BrokerLoginRows, "load", slow)
    assert drawer.reload() == []
    assert _token(drawer) == "new"


def test_only_the_last_of_several_changes_is_written(storage: Storage, drawer: LoginDrawer) -> None:
    disk = threading.Event()
    storage.later(lambda: disk.wait(10.0))
    for number in range(3):
        drawer.keep_session("toy", _session(f"token {number}"))
    disk.set()
    storage.flush()
    assert _token(LoginDrawer(storage, VAULT)) == "token 2"


@pytest.mark.expected_log("The disk is full")
def test_what_another_process_wrote_later_counts_more_than_what_could_not_be_written(
    storage: Storage, drawer: LoginDrawer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(rows: BrokerLoginRows, row: BrokerLoginRow) -> None:
        raise StorageError("The disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(BrokerLoginRows, "save", full)
        drawer.keep_session("toy", None)
        storage.flush()
    other = LoginDrawer(storage, VAULT)
    other.keep_session("toy", _session("newer"))
    storage.flush()
    assert drawer.reload() == ["toy"]
    assert _token(drawer) == _token(LoginDrawer(storage, VAULT)) == "newer"


@pytest.mark.expected_log("The disk is full")
def test_what_is_written_again_does_not_overtake_a_later_change(
    storage: Storage, drawer: LoginDrawer, monkeypatch: pytest.MonkeyPatch
) -> None:
    save, begun, go_on = BrokerLoginRows.save, threading.Event(), threading.Event()
    is_full = [True]

    def slow(rows: BrokerLoginRows, row: BrokerLoginRow) -> None:
        if is_full:
            is_full.clear()
            raise StorageError("The disk is full")
        if threading.current_thread().name == "reload":
            begun.set()
            go_on.wait(10.0)
        save(rows, row)

    monkeypatch.setattr(BrokerLoginRows, "save", slow)
    drawer.keep_session("toy", _session("new"))
    storage.flush()
    reloading = threading.Thread(target=drawer.reload, name="reload")
    reloading.start()
    assert begun.wait(10.0)
    drawer.keep_session("toy", None)
    go_on.set()
    reloading.join()
    storage.flush()
    assert drawer.reload() == []
    assert _token(drawer) is _token(LoginDrawer(storage, VAULT)) is None
