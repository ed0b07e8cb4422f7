"""The table of actions: whole, free of conflicts, and nothing in it trades."""

from __future__ import annotations

import re

from openalgo_desktop.presentation.action_catalogue import CATALOGUE, FIXED_KEYS, Place
from openalgo_desktop.presentation.key_bindings import PRESETS, KeyBindings, why_not
from openalgo_desktop.presentation.menu_plan import LIST_MENU, LIST_NUMBERS, MENUS

IDS = {info.id for info in CATALOGUE}


def test_ids_are_unique_and_named_like_object_names() -> None:
    assert len(IDS) == len(CATALOGUE)
    assert all(re.fullmatch(r"[a-z_]+\.[a-z_0-9]+", each) for each in IDS)


def test_nothing_trades() -> None:
    verbs = re.compile(r"\b(buy|sell|orders?|place|cancel|square|exit)\b", re.IGNORECASE)
    assert not [info.id for info in CATALOGUE if verbs.search(info.name) or verbs.search(info.id)]
    assert not [fixed for fixed in FIXED_KEYS if verbs.search(fixed.meaning)]


def test_every_preset_is_free_of_conflicts_and_names_known_actions() -> None:
    for name, keys in PRESETS.items():
        assert not KeyBindings(name).conflicts(CATALOGUE), name
        assert set(keys) <= IDS, name
        assert not [key for each in keys.values() for key in each if why_not(key)], name


def test_f1_and_f2_do_nothing_where_hands_expect_buy_and_sell() -> None:
    for preset in ("Kite", "NEST/NEAT"):
        bound = {key for info in CATALOGUE for key in KeyBindings(preset).keys(info)}
        assert not bound & {"F1", "F2"}


def test_every_action_is_in_a_menu() -> None:
    planned = {each for _title, ids in MENUS for each in ids} | set(LIST_MENU) | set(LIST_NUMBERS)
    choices = {f"@{each.partition('.')[0]}" for each in IDS - planned}
    assert choices <= planned, "what is not in a menu itself is in one that the plan names"
    assert {each for each in planned if each[0] not in "@-"} <= IDS


def test_places_meet_where_one_key_would_be_heard_twice() -> None:
    assert Place.WINDOW.meets(Place.GRID)
    assert Place.GRID.meets(Place.WINDOW)
    assert not Place.GRID.meets(Place.CHART)


def test_names_are_without_marks() -> None:
    assert {info.id: info.name for info in CATALOGUE}["rows.add"] == "Add an instrument"
