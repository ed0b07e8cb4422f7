"""Sections, flags, notes and rolled contracts: what each step leaves, kept and undoable."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from market.exchanges import Exchange
from market.instruments import InstrumentKey
from services.storage.database import FILE_NAME, Storage, open_storage
from services.watchlists import Section, Watchlist, Watchlists

A, B, C, D, E = (InstrumentKey(Exchange.NSE, name) for name in "ABCDE")


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[Storage]:
    opened = open_storage(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def watchlists(storage: Storage) -> Watchlists:
    """`A | Banks: B C | Metals: D`."""
    made = Watchlists(storage, starters=[A, B, C, D])
    assert made.add_section(1, "Banks", position=1).success
    assert made.add_section(1, " Me  tals ", position=4).success
    return made


def shape(known: Watchlist) -> str:
    return " ".join(f"[{line.name}]" if isinstance(line, Section) else line.key.symbol for line in known.lines)


def now(watchlists: Watchlists) -> str:
    return shape(watchlists.get(1))


def title(watchlists: Watchlists, number: int) -> int:
    return watchlists.get(1).sections[number].id


def test_sections_stand_where_they_were_put_and_are_kept(watchlists: Watchlists, storage: Storage) -> None:
    assert now(watchlists) == "A [Banks] B C [Me tals] D"
    assert watchlists.get(1).keys == (A, B, C, D)
    watchlists.set_collapsed(1, title(watchlists, 1), True)
    storage.flush()
    again = Watchlists(storage)
    assert again.lists() == watchlists.lists()
    assert again.collapsed == {title(watchlists, 1)}
    assert again.add_section(1, "New").data["data"]["id"] > title(watchlists, 1)


def test_section_is_renamed_moved_and_removed_step_by_step(watchlists: Watchlists) -> None:
    banks, metals = title(watchlists, 0), title(watchlists, 1)
    shapes = [now(watchlists)]
    for act, expected in (
        (lambda: watchlists.rename_section(1, metals, "Metals"), "A [Banks] B C [Metals] D"),
        (lambda: watchlists.move_section(1, metals, 1), "A [Metals] D [Banks] B C"),
        (lambda: watchlists.move_section(1, metals, 99), "A [Banks] B C [Metals] D"),
        (lambda: watchlists.move_section(1, metals, 2), "A [Metals] D [Banks] B C"),
        (lambda: watchlists.move_section(1, banks, 0), "A [Banks] B C [Metals] D"),
        (lambda: watchlists.remove_section(1, metals), "A [Banks] B C D"),
    ):
        assert act().success
        assert now(watchlists) == expected
        shapes.append(expected)
    for expected in reversed(shapes[:-1]):
        assert watchlists.undo().success
        assert now(watchlists) == expected


def test_section_moved_to_where_it_is_makes_no_step(watchlists: Watchlists) -> None:
    before = watchlists.undoable
    watchlists.move_section(1, title(watchlists, 0), 2)
    watchlists.move_section(1, title(watchlists, 1), 99)
    assert watchlists.undoable == before


def test_rows_move_across_sections_and_new_ones_go_where_they_are_put(watchlists: Watchlists) -> None:
    watchlists.move(1, [D, A], 3)
    assert now(watchlists) == "[Banks] B A D C [Me tals]"
    watchlists.add(1, [E], position=1)
    assert now(watchlists) == "[Banks] E B A D C [Me tals]"
    watchlists.remove(1, [B, A])
    assert now(watchlists) == "[Banks] E D C [Me tals]"


def test_rows_are_moved_or_copied_to_the_end_of_another_list(watchlists: Watchlists) -> None:
    watchlists.annotate(1, B, note="kept", flag="4")
    two = watchlists.create("Two").data["data"]["id"]
    assert watchlists.move(1, [B, D], None, to_list=two, copy=True).data["message"] == "2 instruments copied to Two"
    assert (now(watchlists), shape(watchlists.get(two))) == ("A [Banks] B C [Me tals] D", "B D")
    assert watchlists.get(two).items[0] == (B, "kept", "4")
    watchlists.move(1, [A, B], None, to_list=two)
    assert (now(watchlists), shape(watchlists.get(two))) == ("[Banks] C [Me tals] D", "D A B")
    watchlists.undo()
    assert (now(watchlists), shape(watchlists.get(two))) == ("A [Banks] B C [Me tals] D", "B D")


def test_folding_is_kept_but_is_no_step(watchlists: Watchlists) -> None:
    banks, heard = title(watchlists, 0), list[frozenset[int]]()
    watchlists.on_change(lambda: heard.append(watchlists.collapsed))
    watchlists.set_collapsed(1, banks, True)
    watchlists.set_collapsed(1, banks, True)
    assert heard == [{banks}]
    assert watchlists.undoable == "add the section Me tals"
    watchlists.undo()
    assert watchlists.collapsed == {banks}
    watchlists.set_collapsed(1, banks, False)
    assert watchlists.collapsed == frozenset()


def test_flags_and_notes_of_several_rows_are_one_step(watchlists: Watchlists) -> None:
    assert watchlists.set_flag(1, [A, D], "3").success
    assert [item.flag for item in watchlists.get(1).items] == ["3", "", "", "3"]
    assert watchlists.annotate(1, B, note="  before \n earnings ").success
    assert watchlists.get(1).items[1].note == "before earnings"
    assert watchlists.set_flag(1, [A], "").success
    assert watchlists.undoable == "take the flag from A"
    for _ in range(3):
        watchlists.undo()
    assert [(item.flag, item.note) for item in watchlists.get(1).items] == [("", "")] * 4


@pytest.mark.parametrize(
    "answer",
    [
        lambda w: w.set_flag(1, [A], "8"),
        lambda w: w.set_flag(1, [E], "1"),
        lambda w: w.annotate(1, A, note="x" * 201),
        lambda w: w.add_section(1, "  "),
        lambda w: w.rename_section(1, 99, "x"),
        lambda w: w.remove_section(1, 99),
        lambda w: w.move_section(1, 99, 0),
        lambda w: w.set_collapsed(1, 99, True),
        lambda w: w.replace(1, {E: A}),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(watchlists: Watchlists, answer: object) -> None:
    before = watchlists.lists()
    result = answer(watchlists)  # type: ignore[operator]
    assert (result.success, result.status_code) == (False, 400)
    assert watchlists.lists() is before


def test_contract_is_rolled_in_its_place_with_note_and_flag(watchlists: Watchlists) -> None:
    watchlists.annotate(1, C, note="hedge", flag="5")
    assert watchlists.replace(1, {C: E}).data["message"] == "C rolled to E"
    assert now(watchlists) == "A [Banks] B E [Me tals] D"
    assert watchlists.get(1).items[2] == (E, "hedge", "5")
    watchlists.undo()
    assert watchlists.get(1).items[2] == (C, "hedge", "5")


def test_contract_rolled_to_one_that_is_there_leaves_one(watchlists: Watchlists) -> None:
    watchlists.replace(1, {B: D, C: E})
    assert now(watchlists) == "A [Banks] E [Me tals] D"


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 4), st.integers(-1, 9)), max_size=14))
def test_undo_and_database_follow_any_sequence_of_steps(storage: Storage, steps: list[tuple[int, int, int]]) -> None:
    watchlists = Watchlists(storage)
    known = watchlists.lists()[0].id
    states = [watchlists.lists()]
    keys = (A, B, C, D, E)
    for action, which, number in steps:
        sections = watchlists.get(known).sections
        section = sections[number % len(sections)].id if sections else 0
        act = (
            lambda: watchlists.add(known, [keys[which]], position=number),  # noqa: B023
            lambda: watchlists.move(known, keys[which:], number),  # noqa: B023
            lambda: watchlists.remove(known, [keys[which]]),  # noqa: B023
            lambda: watchlists.add_section(known, f"S{which}", position=number),  # noqa: B023
            lambda: watchlists.move_section(known, section, number),  # noqa: B023
            lambda: watchlists.remove_section(known, section),  # noqa: B023
            lambda: watchlists.set_flag(known, [keys[which]], str(1 + number % 7)),  # noqa: B023
            lambda: watchlists.replace(known, {keys[which]: keys[number % 5]}),  # noqa: B023
        )[action]
        before = watchlists.lists()
        act()
        assert len(set(watchlists.get(known).keys)) == len(watchlists.get(known).keys)
        if watchlists.lists() != before:
            states.append(watchlists.lists())
    storage.flush()
    assert Watchlists(storage).lists() == watchlists.lists()
    for state in reversed(states[:-1]):
        assert watchlists.undo().success
        assert watchlists.lists() == state
    storage.flush()


PROGRAM = """
import os, signal, sys
from pathlib import Path
from market.exchanges import Exchange
from market.instruments import InstrumentKey
from services.storage.database import open_storage
from services.watchlists import Watchlists
lists = Watchlists(open_storage(Path(sys.argv[1])))
print("open", flush=True)
sys.stdin.readline()
lists.add(1, [InstrumentKey(Exchange.NSE, "A"), InstrumentKey(Exchange.NSE, "B")])
number = lists.add_section(1, "Banks", position=1).data["data"]["id"]
lists.set_flag(1, [InstrumentKey(Exchange.NSE, "B")], "6")
lists.annotate(1, InstrumentKey(Exchange.NSE, "B"), note="last words")
lists.create("Two")
lists.set_collapsed(1, number, True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs kill -9")
@pytest.mark.parametrize("is_locked", [False, True], ids=["writing", "the database could not be written yet"])
def test_everything_is_there_after_kill_9_right_after_a_change(tmp_path: Path, is_locked: bool) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    with child, closing(sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)) as holder:
        assert child.stdout is not None
        assert child.stdout.readline() == b"open\n"
        if is_locked:
            holder.execute("BEGIN IMMEDIATE")
        child.communicate(b"\n")
        assert child.returncode == -signal.SIGKILL
    storage = open_storage(tmp_path)
    watchlists = Watchlists(storage)
    storage.flush()
    first, second = watchlists.lists()
    assert shape(first) == "A [Banks] B"
    assert first.items[1] == (B, "last words", "6")
    assert watchlists.collapsed == {first.sections[0].id}
    assert second.name == "Two"
    assert (tmp_path / f"{FILE_NAME}.pending").read_bytes() == b""
    storage.close()
