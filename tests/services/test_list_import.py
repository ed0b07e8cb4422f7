"""Importing: what each entry comes to, what is done, and that it is one step or none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from market.errors import InvalidRequestError
from market.exchanges import Exchange
from market.instruments import InstrumentKey
from services.instruments import InstrumentDirectory
from services.list_files.entries import Contents, Entry, FileList, Title
from services.list_files.reading import read_contents
from services.list_files.writing import to_csv, to_json
from services.list_import import Plan, Planned, Verdict, carry_out, key_of, plan_import
from services.storage.database import open_storage
from services.watchlists import Section, Watchlist, Watchlists
from tests.doubles.listed_market import named

SBIN, TCS, INFY = (InstrumentKey(Exchange.NSE, name) for name in ("SBIN", "TCS", "INFY"))
LISTED = (
    (Exchange.NSE, "SBIN"),
    (Exchange.NSE, "TCS"),
    (Exchange.NSE, "M&M"),
    (Exchange.NSE, "BAJAJ-AUTO"),
    (Exchange.BSE, "ONLYBSE"),
    (Exchange.NSE_INDEX, "NIFTY"),
    (Exchange.NFO, "NIFTY30DEC25FUT"),
    (Exchange.MCX, "GOLD05FEB26FUT"),
)


@pytest.fixture(scope="module")
def known() -> InstrumentDirectory:
    directory = InstrumentDirectory()
    directory.add(named(board, symbol) for board, symbol in LISTED)
    return directory


@pytest.fixture
def watchlists(tmp_path: Path) -> Iterator[Watchlists]:
    storage = open_storage(tmp_path)
    yield Watchlists(storage, starters=[SBIN])
    storage.close()


def planned(text: str, watchlists: Watchlists, known: InstrumentDirectory, *, into: int | None = None) -> Plan:
    return plan_import(read_contents(text.encode(), "my"), watchlists.lists(), known, name="my", into=into)


def shape(known: Watchlist) -> str:
    return " ".join(f"[{line.name}]" if isinstance(line, Section) else line.key.symbol for line in known.lines)


@pytest.mark.parametrize(
    ("exchange", "symbol", "meant"),
    [
        ("NSE", "sbin", "NSE:SBIN"),
        ("", "TCS", "NSE:TCS"),
        ("", "RELIANCE", "NSE:RELIANCE"),
        ("", "ONLYBSE", "BSE:ONLYBSE"),
        ("", "NIFTY", "NSE_INDEX:NIFTY"),
        ("NSE", "NIFTY", "NSE_INDEX:NIFTY"),
        ("NSE", "M_M", "NSE:M&M"),
        ("NSE", "BAJAJ_AUTO", "NSE:BAJAJ-AUTO"),
        ("NSE", "TCS-EQ", "NSE:TCS"),
        ("", "NIFTY30DEC25FUT", "NFO:NIFTY30DEC25FUT"),
        ("", "ACC30DEC25FUT", "NFO:ACC30DEC25FUT"),
        ("", "GOLD05FEB26FUT", "MCX:GOLD05FEB26FUT"),
        ("BINANCE", "BTCUSDT", "CRYPTO:BTCUSDT"),
        (" nse ", "NEW_ONE", "NSE:NEW_ONE"),
    ],
)
def test_symbols_of_others_are_understood(known: InstrumentDirectory, exchange: str, symbol: str, meant: str) -> None:
    assert str(key_of(Entry(exchange, symbol), known)) == meant


@pytest.mark.parametrize(("exchange", "symbol"), [("NASDAQ", "AAPL"), ("NSE", ""), ("NSE", "a b"), ("", "=1+1")])
def test_what_cannot_be_an_instrument_is_refused(known: InstrumentDirectory, exchange: str, symbol: str) -> None:
    with pytest.raises(InvalidRequestError):
        key_of(Entry(exchange, symbol), known)


def test_plan_says_what_is_new_there_repeated_unknown_and_left_out(
    watchlists: Watchlists, known: InstrumentDirectory
) -> None:
    plan = planned("SBIN\nTCS\nNOBODY\nTCS\nNASDAQ:AAPL\n", watchlists, known, into=1)
    (target,) = plan.lists
    assert (target.name, target.list_id) == ("Watchlist 1", 1)
    lines = [line for line in target.lines if isinstance(line, Planned)]
    verdicts = [Verdict.PRESENT, Verdict.NEW, Verdict.UNKNOWN, Verdict.REPEATED, Verdict.UNREADABLE]
    assert [line.verdict for line in lines] == verdicts
    assert plan.sentence == "1 new, 1 there already, 1 twice in the file, 1 unknown to the feeds (kept), 1 left out"
    assert lines[4].reason.startswith("Unknown exchange 'NASDAQ'")
    assert lines[4].reason.endswith("(line 5)")
    assert watchlists.lists()[0].keys == (SBIN,), "a plan changes nothing"


def test_plan_is_carried_out_in_one_step(watchlists: Watchlists, known: InstrumentDirectory) -> None:
    plan = planned("###IT,TCS,INFY,###it,SBIN,NIFTY", watchlists, known)
    assert plan.changes_anything
    answer = carry_out(plan, watchlists, name="my.txt")
    assert answer.data["message"] == "my.txt: 3 new, 1 unknown to the feeds (kept)"
    assert [each.name for each in watchlists.lists()] == ["Watchlist 1", "my"]
    assert shape(watchlists.lists()[1]) == "[IT] TCS INFY SBIN NIFTY"
    assert watchlists.undoable == "import my.txt"
    watchlists.undo()
    assert len(watchlists.lists()) == 1
    assert not watchlists.undo().success


def test_lists_of_the_same_name_are_merged_and_keep_what_they_have(
    watchlists: Watchlists, known: InstrumentDirectory
) -> None:
    watchlists.annotate(1, SBIN, note="mine", flag="1")
    watchlists.add_section(1, "Later", position=1)
    rows = ("watchlist  1,,NSE:SBIN,2,theirs", "Watchlist 1,Later,NSE:TCS,3,x", "Other,,NSE:INFY,9,")
    text = "\n".join(("list,section,symbol,flag,note", *rows))
    plan = planned(text, watchlists, known)
    carry_out(plan, watchlists, name="my.csv")
    first, other = watchlists.lists()
    assert shape(first) == "SBIN [Later] TCS"
    assert [(item.flag, item.note) for item in first.items] == [("1", "mine"), ("3", "x")]
    assert (other.name, shape(other), other.items[0].flag) == ("Other", "INFY", "")


@pytest.mark.parametrize("write", [to_json, to_csv])
def test_profile_exported_and_imported_elsewhere_is_the_same(
    watchlists: Watchlists, known: InstrumentDirectory, tmp_path: Path, write: object
) -> None:
    watchlists.add(1, [TCS, INFY])
    watchlists.add_section(1, "Rest", position=1)
    watchlists.set_flag(1, [INFY], "7")
    watchlists.create("Empty")
    storage = open_storage(tmp_path / "other")
    other = Watchlists(storage)
    plan = planned(write(watchlists.lists()), other, known)  # type: ignore[operator]
    carry_out(plan, other, name="all")
    assert [(each.name, shape(each), each.items) for each in other.lists()] == [
        (each.name, shape(each), each.items) for each in watchlists.lists()
    ]
    again = planned(write(watchlists.lists()), other, known)  # type: ignore[operator]
    assert not again.changes_anything
    before = other.undoable
    carry_out(again, other, name="again")
    assert other.undoable == before
    storage.close()


def test_list_that_is_gone_meanwhile_changes_nothing(watchlists: Watchlists, known: InstrumentDirectory) -> None:
    two = watchlists.create("Two").data["data"]["id"]
    contents = Contents((FileList("New", (Entry("NSE", "TCS"),)), FileList("Two", (Title("S"), Entry("NSE", "TCS")))))
    plan = plan_import(contents, watchlists.lists(), known, name="my")
    watchlists.delete(two)
    before = watchlists.lists()
    assert not carry_out(plan, watchlists, name="my").success
    assert watchlists.lists() is before
