"""The lists to begin with: what they name, what becomes of them on a day, and the step that makes one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from market.errors import InvalidRequestError
from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey, InstrumentKind
from openalgo_desktop.bundled_lists import read_starter_lists
from services.instruments import InstrumentDirectory
from services.starter_lists import StarterList, parse_starter_lists, resolve
from services.storage.database import Storage, open_storage
from services.watchlists import Watchlists

TODAY = date(2025, 11, 24)
NFO = StarterList("F&O", "", near_futures=Exchange.NFO, first=("NIFTY", "ABSENT"))
SBIN, TCS = InstrumentKey(Exchange.NSE, "SBIN"), InstrumentKey(Exchange.NSE, "TCS")


def future(symbol: str, expiry: date) -> Instrument:
    return Instrument(key=InstrumentKey(Exchange.NFO, symbol), kind=InstrumentKind.FUTURE, expiry=expiry)


def share(key: InstrumentKey) -> Instrument:
    return Instrument(key=key, kind=InstrumentKind.EQUITY)


def directory(*instruments: Instrument) -> InstrumentDirectory:
    known = InstrumentDirectory(today=lambda: TODAY)
    known.add(instruments)
    return known


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[Storage]:
    opened = open_storage(tmp_path)
    yield opened
    opened.close()


def test_what_ships_is_what_it_says() -> None:
    lists = {each.name: each for each in read_starter_lists()}
    assert list(lists) == ["Nifty 50", "Bank Nifty", "F&O near month", "Crypto majors"]
    assert len(set(lists["Nifty 50"].keys)) == 51
    assert lists["Bank Nifty"].keys[0] == InstrumentKey(Exchange.NSE_INDEX, "BANKNIFTY")
    assert lists["F&O near month"].near_futures is Exchange.NFO
    assert all(each.about for each in lists.values())


def test_next_future_of_each_base_with_the_first_ones_first() -> None:
    known = directory(
        future("ACC25NOV25FUT", date(2025, 11, 25)),
        future("NIFTY30DEC25FUT", date(2025, 12, 30)),
        future("NIFTY25NOV25FUT", date(2025, 11, 25)),
        future("NIFTY18NOV25FUT", date(2025, 11, 18)),
        future("ABB30DEC25FUT", date(2025, 12, 30)),
    )
    assert [key.symbol for key in resolve(NFO, known, TODAY)] == [
        "NIFTY25NOV25FUT",
        "ABB30DEC25FUT",
        "ACC25NOV25FUT",
    ]
    assert [key.symbol for key in resolve(NFO, known, date(2025, 12, 1))] == ["NIFTY30DEC25FUT", "ABB30DEC25FUT"]


def test_what_an_exchange_does_not_list_is_left_out_and_an_unlisted_exchange_is_trusted() -> None:
    starter = StarterList("x", "", (SBIN, TCS, InstrumentKey(Exchange.CRYPTO, "BTCUSDT")))
    assert [key.symbol for key in resolve(starter, directory(share(TCS)), TODAY)] == ["TCS", "BTCUSDT"]
    assert resolve(starter, directory(), TODAY) == starter.keys


def test_entry_without_an_exchange_is_refused() -> None:
    with pytest.raises(InvalidRequestError, match="SBIN"):
        parse_starter_lists([{"name": "x", "about": "", "instruments": ["SBIN"]}])


def test_untouched_profile_becomes_the_starter_list_in_one_step(storage: Storage) -> None:
    watchlists = Watchlists(storage)
    watchlists.offer([StarterList("Two", "", (SBIN, TCS))], directory(), lambda: TODAY)
    answer = watchlists.add_starter("two")
    assert answer.data["message"] == "Two was created with 2 instruments"
    (known,) = watchlists.lists()
    assert (known.name, known.keys, known.id) == ("Two", (SBIN, TCS), answer.data["data"]["id"])
    assert watchlists.undo().success
    assert (watchlists.lists()[0].name, watchlists.lists()[0].keys) == ("Watchlist 1", ())


def test_starter_list_beside_others_takes_a_free_name(storage: Storage) -> None:
    watchlists = Watchlists(storage, starters=[TCS])
    watchlists.offer([StarterList("Two", "", (SBIN,))], directory(), lambda: TODAY)
    assert [watchlists.add_starter("Two").data["data"]["name"] for _ in range(3)] == ["Two", "Two 2", "Two 3"]
    assert watchlists.lists()[0].keys == (TCS,)


def test_starter_list_that_is_not_there_or_has_nothing_is_said(storage: Storage) -> None:
    watchlists = Watchlists(storage)
    watchlists.offer([NFO], directory(), lambda: TODAY)
    assert "no starter list named 'x'" in watchlists.add_starter("x").data["message"]
    assert "not named their contracts" in watchlists.add_starter("F&O").data["message"]
    assert [each.name for each in watchlists.lists()] == ["Watchlist 1"]
