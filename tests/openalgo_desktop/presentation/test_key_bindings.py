"""Keys that are changed: whose they are, who loses them, and what is kept."""

from __future__ import annotations

import pytest

from openalgo_desktop.presentation.action_catalogue import CATALOGUE
from openalgo_desktop.presentation.key_bindings import KeyBindings, read_bindings, why_not

BY_ID = {info.id: info for info in CATALOGUE}
FILTER, UNDO, COPY, DEPTH = BY_ID["rows.filter"], BY_ID["edit.undo"], BY_ID["rows.copy"], BY_ID["view.depth"]


def test_usual_keys_are_those_of_the_catalogue() -> None:
    assert KeyBindings().keys(FILTER) == ("Ctrl+F",)
    assert KeyBindings("Kite").keys(DEPTH) == ("D", "F6")
    assert KeyBindings("no such set").keys(DEPTH) == ("F6",)


def test_owner_is_who_would_hear_the_same_key() -> None:
    assert KeyBindings().owner("Ctrl+Z", FILTER, CATALOGUE) is UNDO
    assert KeyBindings().owner("Ctrl+F", FILTER, CATALOGUE) is None
    assert KeyBindings().owner("Ctrl+F", COPY, CATALOGUE) is FILTER, "everywhere is in the market watch too"


def test_a_key_is_taken_from_its_owner() -> None:
    changed = KeyBindings().with_key(FILTER, "Ctrl+Z", CATALOGUE)
    assert changed.keys(FILTER) == ("Ctrl+Z",)
    assert changed.keys(UNDO) == ()
    assert not changed.conflicts(CATALOGUE)
    assert changed.with_key(FILTER, "", CATALOGUE).keys(FILTER) == ()


def test_what_is_given_back_does_not_take_from_others() -> None:
    changed = KeyBindings().with_key(FILTER, "Ctrl+Z", CATALOGUE)
    back = changed.without(UNDO, CATALOGUE)
    assert back.keys(UNDO) == (), "Ctrl+Z is taken by now"
    assert changed.without(FILTER, CATALOGUE).without(UNDO, CATALOGUE) == KeyBindings()


def test_conflicts_of_stored_keys_are_found() -> None:
    twice = KeyBindings(changed={"edit.undo": ("Ctrl+F",)})
    (conflict,) = twice.conflicts(CATALOGUE)
    assert (conflict.key, {conflict.first, conflict.second}) == ("Ctrl+F", {UNDO, FILTER})


def test_text_brings_the_same_back() -> None:
    changed = KeyBindings("Kite").with_key(FILTER, "Ctrl+Z", CATALOGUE)
    assert read_bindings(changed.to_text()) == changed
    assert KeyBindings().to_text() == ""


@pytest.mark.parametrize("text", ["", "{", "[]", '{"preset": 3, "changed": []}', '{"changed": {"edit.undo": ["Up"]}}'])
def test_text_that_means_nothing_leaves_the_usual_keys(text: str) -> None:
    assert read_bindings(text).preset == "OpenAlgo"
    assert read_bindings(text).keys(FILTER) == ("Ctrl+F",)


@pytest.mark.parametrize("key", ["Up", "Shift+Tab", "Return", "Esc", "Ctrl+", ""])
def test_keys_that_cannot_be_given(key: str) -> None:
    assert bool(why_not(key)) == (key != "Ctrl+")


def test_keys_that_can_be_given() -> None:
    assert [key for key in ("F5", "Ctrl+Up", "D", "Ctrl++", "Alt+Return") if why_not(key)] == []
