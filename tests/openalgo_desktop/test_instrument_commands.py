"""`instruments import`, `update`, `search` as they are typed."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from tests.adapters.test_master_keeper import rows
from tests.doubles.application import said


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
