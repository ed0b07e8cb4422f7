"""`instruments import`, `update`, `search` as they are typed."""

from __future__ import annotations

import asyncio
import gzip
import json
import time
from pathlib import Path

import pytest

from adapters.xts.rows import ROWS
from market.credentials import Secret
from market.logins import BrokerSession
from openalgo_desktop.typed_commands import opened
from services.login_drawer import LoginDrawer
from tests.adapters.binance.conftest import exchange_info
from tests.adapters.test_master_keeper import rows
from tests.adapters.xts.test_masters import SHARE
from tests.doubles.application import said
from tests.doubles.toy_binance import ToyBinance
from tests.doubles.toy_xts import ToyXts


def test_a_list_is_imported_packed_or_plain_and_searched(tmp_path: Path) -> None:
    plain, packed = tmp_path / "kite.csv", tmp_path / "kite.csv.gz"
    plain.write_bytes(rows("INFY", "TCS"))
    packed.write_bytes(gzip.compress(rows("INFY", "TCS", "SBIN")))
    profile = str(tmp_path / "profile")
    first = said("instruments", "import", str(plain), "--broker", "zerodha", "--profile", profile)
    assert first.returncode == 0, first.stderr
    assert first.stdout.splitlines()[0] == "Zerodha: 2 instruments, 2 new"
    second = said("instruments", "import", str(packed), "--broker", "zerodha", "--profile", profile)
    assert second.stdout.splitlines()[:2] == ["Zerodha: 3 instruments, 1 new", "  NSE 3"]
    found = said("instruments", "search", "sbi", "--json", "--profile", profile)
    assert [(row["exchange"], row["symbol"], row["token"]) for row in json.loads(found.stdout)] == [
        ("NSE", "SBIN", "3")
    ]
    assert said("instruments", "search", "sbi", "--profile", profile).stdout.startswith("NSE:SBIN  equity  SBIN")
    assert said("instruments", "search", "zzz", "--profile", profile).stdout == "Nothing found.\n"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("import", "nowhere.csv", "--broker", "zerodha"), "The file nowhere.csv cannot be read: No such file"),
        (("import", "nowhere.csv"), "say which with --broker"),
        (("search", "infy"), "There is no instrument list yet"),
        (("search", "infy", "--limit", "many"), "--limit many is not a number"),
        (("update",), "There is no instrument list yet; name a broker"),
        (("update", "--broker", "nobody"), "Unknown broker 'nobody'"),
        (("import", "list.json", "--broker", "okx"), "OKX gives no file; fetch its list with: instruments update --b"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(tmp_path: Path, arguments: tuple[str, ...], sentence: str) -> None:
    ran = said("instruments", *arguments, "--profile", str(tmp_path))
    assert ran.returncode in (1, 2)
    assert sentence in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_file_that_is_no_list_harms_nothing(tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text("<html>")
    ran = said("instruments", "import", str(file), "--broker", "zerodha", "--profile", str(tmp_path))
    assert ran.returncode == 1
    assert "Not an instrument list of Kite" in ran.stderr


def test_an_update_that_cannot_reach_the_broker_says_so_and_fails(tmp_path: Path) -> None:
    ran = said(
        *("instruments", "update", "--broker", "zerodha", "--profile", str(tmp_path)),
        *("--endpoint", "zerodha.masters=http://127.0.0.1:9"),
    )
    assert ran.returncode == 1
    assert "Zerodha: 127.0.0.1:9 cannot be reached" in ran.stdout


async def test_a_list_that_an_exchange_is_asked_for_is_updated_like_any_other(tmp_path: Path) -> None:
    toy, profile = ToyBinance(), ("--profile", str(tmp_path))
    toy.exchange_info = exchange_info(["BTCUSDT", "ETHUSDT"])
    await toy.start()
    endpoint = ("--endpoint", f"binance.rest={toy.endpoints()['rest']}")
    first = await asyncio.to_thread(said, "instruments", "update", "--broker", "binance", *endpoint, *profile)
    assert (first.returncode, first.stdout.splitlines()) == (0, ["Binance spot: 2 instruments, 2 new", "  CRYPTO 2"])
    toy.exchange_info = exchange_info(["BTCUSDT", "SOLUSDT", "ADAUSDT"])
    file = tmp_path / "kite.csv"
    file.write_bytes(rows("INFY"))
    assert said("instruments", "import", str(file), "--broker", "zerodha", *profile).returncode == 0
    # Without a name all lists of the profile are fetched, and one that fails keeps no other from it.
    dead = ("--endpoint", "zerodha.masters=http://127.0.0.1:9")
    second = await asyncio.to_thread(said, "instruments", "update", *endpoint, *dead, *profile)
    await toy.stop()
    assert second.returncode == 1
    assert "Binance spot: 3 instruments, 2 new, 1 gone" in second.stdout
    assert "Zerodha: 127.0.0.1:9 cannot be reached" in second.stdout
    found = said("instruments", "search", "sol", *profile)
    assert found.stdout.startswith("CRYPTO:SOLUSDT")


def test_a_list_that_needs_a_login_says_so_without_one(tmp_path: Path) -> None:
    ran = said("instruments", "update", "--broker", "openalgo", "--profile", str(tmp_path))
    assert (ran.returncode, ran.stdout) == (
        1,
        "OpenAlgo: OpenAlgo lists its instruments to those who have an API key\n",
    )


async def test_what_a_login_adds_to_a_list_is_fetched_with_that_of_the_profile(tmp_path: Path) -> None:
    toy, profile = ToyXts(ROWS[0]), ("--profile", str(tmp_path))
    toy.master, toy.indices = [SHARE], {1: ["NIFTY 50_26000"]}
    await toy.start()
    endpoint = ("--endpoint", f"iifl.masters={toy.endpoints()['masters']}")
    without = await asyncio.to_thread(said, "instruments", "update", "--broker", "iifl", *endpoint, *profile)
    assert without.stdout.splitlines() == [
        "IIFL: 1 instruments, 1 new",
        "  NSE 1",
        "  without what needs a login; update again after: login iifl",
    ]
    with opened(tmp_path) as (storage, vault):
        session = BrokerSession(
            broker="iifl",
            user="AB1234",
            tokens={"access_token": Secret("good-token")},
            obtained_ms=time.time() * 1000.0,
        )
        LoginDrawer(storage, vault).keep_session("iifl", session)
        storage.flush()
    logged_in = await asyncio.to_thread(said, "instruments", "update", "--broker", "iifl", *endpoint, *profile)
    await toy.stop()
    assert logged_in.stdout.splitlines() == ["IIFL: 2 instruments, 1 new", "  NSE 1, NSE_INDEX 1"]
