"""The instrument list of an XTS broker as it is kept: its indices need a login, the rest does not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters import master_keeper
from adapters.catalogue import Catalogue
from adapters.master_keeper import MasterKeeper
from adapters.master_shelf import MasterShelf
from adapters.xts.broker import BROKERS
from market.logins import BrokerSession
from tests.adapters.xts.bench import BY_NAME
from tests.adapters.xts.test_instruments import OPTION, SHARE
from tests.doubles.toy_sessions import ToySessions
from tests.doubles.toy_xts import ToyXts
from tests.doubles.waiting import until


@pytest.fixture
async def toy(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ToyXts]:
    monkeypatch.setattr(master_keeper, "_LOGIN_CHECK_S", 0.01)
    toy = ToyXts(BY_NAME["iifl"])
    toy.master = [SHARE, OPTION]
    toy.indices = {1: ["NIFTY 50_26000"]}
    await toy.start()
    yield toy
    await toy.stop()


def _keeper(toy: ToyXts, folder: Path, sessions: ToySessions) -> tuple[MasterKeeper, Catalogue]:
    row, catalogue = BROKERS["iifl"], Catalogue()
    return MasterKeeper(row, row.resolve(toy.endpoints()), MasterShelf(folder), catalogue, sessions), catalogue


def _names(catalogue: Catalogue) -> list[str]:
    return [str(each.key) for each in catalogue.instruments]


class _Watched(ToySessions):
    """Counts how often it is asked for a login."""

    asked = 0

    def current(self, broker: str) -> BrokerSession | None:
        self.asked += 1
        return super().current(broker)


WITHOUT = ["NSE:RELIANCE", "NFO:NIFTY30JAN2523500CE"]


async def test_indices_come_as_soon_as_there_is_a_login(toy: ToyXts, tmp_path: Path) -> None:
    sessions = ToySessions()
    keeper, catalogue = _keeper(toy, tmp_path, sessions)
    keeping = asyncio.ensure_future(keeper.keep())
    await until(lambda: catalogue.is_loaded)
    assert _names(catalogue) == WITHOUT
    sessions.log_in("iifl", {"access_token": "good-token"})
    await until(lambda: catalogue.version == 2)
    assert _names(catalogue) == [*WITHOUT, "NSE_INDEX:NIFTY"]
    keeping.cancel()


async def test_list_that_lacks_its_indices_is_old_after_a_restart_too(toy: ToyXts, tmp_path: Path) -> None:
    await _keeper(toy, tmp_path, ToySessions())[0].update()
    sessions = ToySessions()
    sessions.log_in("iifl", {"access_token": "good-token"})
    keeper, catalogue = _keeper(toy, tmp_path, sessions)
    keeping = asyncio.ensure_future(keeper.keep())
    await until(lambda: len(catalogue) == 3)
    keeping.cancel()


async def test_whole_list_of_yesterday_is_kept_until_the_login(toy: ToyXts, tmp_path: Path) -> None:
    sessions = ToySessions()
    sessions.log_in("iifl", {"access_token": "good-token"})
    master = (await _keeper(toy, tmp_path, sessions)[0].update()).master
    MasterShelf(tmp_path).store("iifl", master, 1_000_000.0)
    toy.master.append(SHARE.replace("RELIANCE", "INFY").replace("|2885|", "|1594|"))
    sessions = _Watched()
    keeper, catalogue = _keeper(toy, tmp_path, sessions)
    keeping = asyncio.ensure_future(keeper.keep())
    await until(lambda: catalogue.is_loaded)
    await until(lambda: sessions.asked >= 5)
    assert (catalogue.version, len(catalogue)) == (1, 3)
    sessions.log_in("iifl", {"access_token": "good-token"})
    await until(lambda: len(catalogue) == 4)
    keeping.cancel()
