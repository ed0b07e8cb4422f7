"""What the overlay of keys says."""

from __future__ import annotations

from openalgo_desktop.presentation.action_catalogue import CATALOGUE, Place
from openalgo_desktop.presentation.key_bindings import KeyBindings
from openalgo_desktop.presentation.key_help import key_help

KEYS = {info.id: ", ".join(KeyBindings().keys(info)) for info in CATALOGUE}


def test_keys_of_the_pane_come_first() -> None:
    sections = key_help(Place.GRID, CATALOGUE, KEYS.__getitem__)
    assert sections[0].title == "Market watch"
    assert ("Del", "Remove from the list") in sections[0].lines
    assert sections[-1].title == "Everywhere"
    assert ("Ctrl+1 … Ctrl+9", "Show a list by its number") in next(
        s for s in sections if s.title == "Watchlists"
    ).lines


def test_window_alone_has_no_section_of_a_pane() -> None:
    titles = [section.title for section in key_help(Place.WINDOW, CATALOGUE, KEYS.__getitem__)]
    assert "Market watch" not in titles
    assert len(titles) == len(set(titles))


def test_actions_without_keys_are_left_out() -> None:
    sections = key_help(Place.WINDOW, CATALOGUE, lambda each: "" if each == "edit.undo" else KEYS[each])
    assert not [line for section in sections for line in section.lines if not line[0] or line[1] == "Undo"]
