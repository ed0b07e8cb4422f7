"""`lists export` and `lists import`, as the command line runs them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from market.exchanges import Exchange
from market.instruments import InstrumentKey
from openalgo_desktop import cli
from openalgo_desktop.profile import InstanceLock
from services.storage.database import open_storage
from services.watchlists import Watchlists

SBIN, TCS = InstrumentKey(Exchange.NSE, "SBIN"), InstrumentKey(Exchange.NSE, "TCS")


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    folder = tmp_path / "profile"
    storage = open_storage(folder)
    watchlists = Watchlists(storage, starters=[SBIN, TCS])
    watchlists.add_section(1, "Later", position=1)
    watchlists.create("Second")
    storage.close()
    return folder


def lists(profile: Path) -> dict[str, list[str]]:
    storage = open_storage(profile)
    found = {each.name: [key.symbol for key in each.keys] for each in Watchlists(storage).lists()}
    storage.close()
    return found


def run(profile: Path, *arguments: str) -> int:
    return cli.run(["lists", *arguments, "--profile", str(profile)])


def test_export_writes_all_or_the_named_ones(profile: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert run(profile, "export") == 0
    written = json.loads(capsysbinary.readouterr().out)
    assert [each["name"] for each in written["watchlists"]] == ["Watchlist 1", "Second"]
    assert run(profile, "export", "second", "--format", "csv") == 0
    assert capsysbinary.readouterr().out == b"list,section,exchange,symbol,flag,note\nSecond,,,,,\n"


def test_import_of_an_export_brings_everything(profile: Path, tmp_path: Path) -> None:
    file = tmp_path / "all.json"
    assert run(profile, "export", "--output", str(file)) == 0
    other = tmp_path / "other"
    assert run(other, "import", str(file)) == 0
    assert lists(other) == {"Watchlist 1": ["SBIN", "TCS"], "Second": []}


def test_import_says_what_it_does_and_a_dry_run_does_nothing(
    profile: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "mine.txt"
    file.write_text("NSE:SBIN,NIFTY,NASDAQ:AAPL")
    assert run(profile, "import", str(file), "--into", "watchlist 1", "--dry-run") == 0
    said = capsys.readouterr()
    assert said.out == "Nothing was changed. Importing mine.txt would do: 1 new, 1 there already, 1 left out\n"
    assert said.err.startswith("note: 'NASDAQ:AAPL' is left out: Unknown exchange")
    assert lists(profile)["Watchlist 1"] == ["SBIN", "TCS"]
    assert run(profile, "import", str(file), "--into", "watchlist 1") == 0
    assert capsys.readouterr().out == "mine.txt: 1 new, 1 there already, 1 left out\n"
    assert lists(profile)["Watchlist 1"] == ["SBIN", "NIFTY", "TCS"], "what is in no section stays above the sections"
    assert run(profile, "import", str(file)) == 0
    assert lists(profile)["mine"] == ["SBIN", "NIFTY"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("export", "Third"), "There is no watchlist named Third; there are: Watchlist 1, Second"),
        (("import", "gone.txt"), "gone.txt cannot be read: No such file or directory"),
        (("export", "--output", "gone/a.json"), "a.json cannot be written: No such file or directory"),
        (("import",), "The following arguments are required: FILE; see openalgo-desktop --help"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    profile: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    sentence: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(profile, *arguments) in (1, 2)
    assert capsys.readouterr().err == f"openalgo-desktop: {sentence}\n"


def test_running_application_may_be_exported_but_not_imported_into(
    profile: Path, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    lock = InstanceLock(profile)
    lock.acquire()
    try:
        assert run(profile, "export") == 0
        assert b"SBIN" in capsysbinary.readouterr().out
        (tmp_path / "mine.txt").write_text("NIFTY")
        assert run(profile, "import", str(tmp_path / "mine.txt")) != 0
        assert b"is using the profile" in capsysbinary.readouterr().err
    finally:
        lock.release()
    assert lists(profile)["Watchlist 1"] == ["SBIN", "TCS"]
