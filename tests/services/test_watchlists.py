from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from market.errors import StorageError
from market.exchanges import Exchange
from market.instruments import InstrumentKey
from services.storage.database import Storage, open_storage
from services.watchlists import UNDO_STEPS, Watchlists

SBIN, TCS, INFY, NIFTY = (
    InstrumentKey(Exchange.NSE, "SBIN"),
    InstrumentKey(Exchange.NSE, "TCS"),
    InstrumentKey(Exchange.NSE, "INFY"),
    InstrumentKey(Exchange.NSE_INDEX, "NIFTY"),
)


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[Storage]:
    opened = open_storage(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def watchlists(storage: Storage) -> Watchlists:
    return Watchlists(storage, starters=[SBIN, TCS, SBIN])


def first(watchlists: Watchlists) -> int:
    return watchlists.lists()[0].id


def test_new_profile_has_one_list_with_the_starters(watchlists: Watchlists) -> None:
    (known,) = watchlists.lists()
    assert (known.name, known.keys) == ("Watchlist 1", (SBIN, TCS))
    assert watchlists.undoable is None


def test_everything_is_there_after_reopening(watchlists: Watchlists, storage: Storage) -> None:
    made = watchlists.create("  Index   options ").data["data"]
    watchlists.add(made["id"], [NIFTY, INFY])
    watchlists.annotate(made["id"], NIFTY, note="watch 25,000", flag="2")
    watchlists.reorder([made["id"], first(watchlists)])
    storage.flush()
    again = Watchlists(storage, starters=[INFY])
    assert again.lists() == watchlists.lists()
    assert again.lists()[0].name == "Index options"
    assert again.lists()[0].items[0] == (NIFTY, "watch 25,000", "2")


def test_adding_skips_what_is_there_and_keeps_the_position(watchlists: Watchlists) -> None:
    answer = watchlists.add(first(watchlists), [TCS, INFY, NIFTY], position=1)
    assert answer.data["data"] == {"added": [INFY, NIFTY]}
    assert answer.data["message"] == "2 instruments added to Watchlist 1"
    assert watchlists.lists()[0].keys == (SBIN, INFY, NIFTY, TCS)
    assert watchlists.add(first(watchlists), [SBIN]).data["message"] == "Already in Watchlist 1"


def test_moving_within_and_between_lists(watchlists: Watchlists) -> None:
    one = first(watchlists)
    watchlists.add(one, [INFY, NIFTY])
    assert watchlists.move(one, [NIFTY], 0).success
    assert watchlists.get(one).keys == (NIFTY, SBIN, TCS, INFY)
    assert watchlists.move(one, [NIFTY, SBIN], 3).success
    assert watchlists.get(one).keys == (TCS, NIFTY, SBIN, INFY)
    two = watchlists.create("Two").data["data"]["id"]
    watchlists.add(two, [SBIN, INFY])
    assert watchlists.move(one, [SBIN, TCS], 2, to_list=two).success
    assert watchlists.get(one).keys == (NIFTY, INFY)
    assert watchlists.get(two).keys == (INFY, TCS, SBIN)


@pytest.mark.parametrize("name", ["", "   ", "x" * 65, "watchlist 1"])
def test_name_that_cannot_be_is_refused(watchlists: Watchlists, name: str) -> None:
    answer = watchlists.create(name)
    assert (answer.success, answer.status_code, answer.data["error_code"]) == (False, 400, "INVALID_PARAMETERS")
    assert len(watchlists.lists()) == 1


def test_renaming_may_change_the_case_of_its_own_name(watchlists: Watchlists) -> None:
    assert watchlists.rename(first(watchlists), "WATCHLIST 1").success


def test_last_list_stays_and_unknown_lists_are_said(watchlists: Watchlists) -> None:
    assert "last" in watchlists.delete(first(watchlists)).data["message"]
    for answer in (watchlists.delete(99), watchlists.add(99, [SBIN]), watchlists.rename(99, "x")):
        assert answer.data["message"] == "There is no such watchlist"
    assert not watchlists.reorder([]).success
    assert not watchlists.move(first(watchlists), [INFY], 0).success


def test_every_step_is_undone_and_done_again(watchlists: Watchlists, storage: Storage) -> None:
    one = first(watchlists)
    states = [watchlists.lists()]
    for act in (
        lambda: watchlists.create("Two"),
        lambda: watchlists.add(one, [INFY]),
        lambda: watchlists.remove(one, [SBIN]),
        lambda: watchlists.move(one, [INFY], 0),
        lambda: watchlists.rename(one, "First"),
        lambda: watchlists.delete(one),
    ):
        assert act().success
        states.append(watchlists.lists())
    assert watchlists.undoable == "delete First"
    for state in reversed(states[:-1]):
        assert watchlists.undo().success
        assert watchlists.lists() == state
    assert not watchlists.undo().success
    for state in states[1:]:
        assert watchlists.redo().success
        assert watchlists.lists() == state
    watchlists.undo()
    storage.flush()
    assert Watchlists(storage).lists() == watchlists.lists()


def test_new_step_ends_what_could_be_done_again(watchlists: Watchlists) -> None:
    watchlists.create("Two")
    watchlists.undo()
    assert watchlists.redoable == "create Two"
    watchlists.create("Three")
    assert watchlists.redoable is None
    assert not watchlists.redo().success


def test_undo_reaches_fifty_steps_back(watchlists: Watchlists) -> None:
    for number in range(UNDO_STEPS + 5):
        watchlists.create(f"L{number}")
    undone = 0
    while watchlists.undo().success:
        undone += 1
    assert undone == UNDO_STEPS


def test_step_that_changes_nothing_is_no_step_and_listeners_hear_of_the_others(watchlists: Watchlists) -> None:
    heard: list[int] = []
    watchlists.on_change(lambda: heard.append(len(watchlists.lists())))
    watchlists.add(first(watchlists), [SBIN])
    watchlists.remove(first(watchlists), [INFY])
    watchlists.rename(first(watchlists), "Watchlist 1")
    assert (heard, watchlists.undoable) == ([], None)
    watchlists.create("Two")
    watchlists.undo()
    assert heard == [2, 1]


def test_list_made_after_an_undo_does_not_take_an_old_id(watchlists: Watchlists) -> None:
    a = watchlists.create("A").data["data"]["id"]
    watchlists.undo()
    assert watchlists.create("B").data["data"]["id"] > a


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3), st.integers(-1, 5)), max_size=12))
def test_database_follows_any_sequence_of_steps(storage: Storage, steps: list[tuple[int, int, int]]) -> None:
    watchlists = Watchlists(storage, starters=[SBIN])
    keys = [SBIN, TCS, INFY, NIFTY]
    for action, which, number in steps:
        known = watchlists.lists()[number % len(watchlists.lists())]
        key = keys[which]
        match action:
            case 0:
                watchlists.create(f"L{number}")
            case 1:
                watchlists.add(known.id, [key], position=number)
            case 2:
                watchlists.move(known.id, [key], number, to_list=watchlists.lists()[-1].id)
            case 3:
                watchlists.delete(known.id)
            case _:
                watchlists.undo()
    storage.flush()
    assert Watchlists(storage).lists() == watchlists.lists()


@pytest.mark.expected_log("Storage: ")
def test_step_after_a_failed_write_saves_what_failed_too(
    watchlists: Watchlists, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise StorageError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(storage.watchlists, "save", full)
        watchlists.add(first(watchlists), [INFY])
        storage.flush()
    watchlists.create("Two")
    storage.flush()
    assert Watchlists(storage).lists() == watchlists.lists()
