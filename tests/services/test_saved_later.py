"""What a full disk kept from being stored is kept here, and stored when there is room again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from market.errors import StorageError
from market.exchanges import Exchange
from market.instruments import InstrumentKey
from services.settings import Settings
from services.storage.database import Storage, open_storage
from services.watchlists import Watchlists

pytestmark = pytest.mark.expected_log("the disk is full")
SBIN = InstrumentKey(Exchange.NSE, "SBIN")


class FullDisk:
    """Refuses what is written to a storage, as long as `full`."""

    def __init__(self, storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
        self.full = True
        self.told: list[str] = []
        storage.on_failure(self.told.append)
        for rows in (storage.settings, storage.watchlists):
            monkeypatch.setattr(rows, "save", self._guarded(rows.save))

    def _guarded(self, save: object) -> object:
        def guarded(*arguments: object) -> object:
            if self.full:
                raise StorageError("The database cannot be written: the disk is full")
            return save(*arguments)  # type: ignore[operator]

        return guarded


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[Storage]:
    storage = open_storage(tmp_path)
    yield storage
    storage.close()


def test_setting_counts_at_once_and_is_stored_later(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = FullDisk(storage, monkeypatch)
    settings = Settings(storage, environment={})
    settings.set("theme", "light")
    storage.flush()
    assert (settings.text("theme"), len(disk.told)) == ("light", 1)
    assert settings.save_again()
    storage.flush()
    assert "theme" not in storage.settings.load(), "still no room"
    disk.full = False
    assert settings.save_again()
    storage.flush()
    assert storage.settings.load()["theme"] == "light"
    assert not settings.save_again(), "there is nothing left to do"


def test_list_is_whole_and_is_stored_later(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    lists = Watchlists(storage)
    storage.flush()
    disk = FullDisk(storage, monkeypatch)
    lists.add(lists.lists()[0].id, [SBIN])
    storage.flush()
    assert lists.lists()[0].keys == (SBIN,)
    assert disk.told
    disk.full = False
    assert lists.save_again()
    storage.flush()
    assert not lists.save_again()
    assert Watchlists(storage).lists()[0].keys == (SBIN,)
