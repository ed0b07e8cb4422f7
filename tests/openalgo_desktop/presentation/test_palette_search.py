"""What the box that goes to anything finds."""

from __future__ import annotations

import pytest

from openalgo_desktop.presentation.palette_search import (
    MOST_RECENT,
    Entry,
    Kind,
    asked,
    found,
    read_recent,
    with_recent,
    write_recent,
)

UNDO = Entry(Kind.COMMAND, "edit.undo", "Undo", "Edit", "Ctrl+Z")
FILTER = Entry(Kind.COMMAND, "rows.filter", "Filter rows", "Rows", "Ctrl+F")
BANKS = Entry(Kind.LIST, "3", "Bank Nifty", "list")
THEME = Entry(Kind.SETTING, "theme", "Theme", "setting")
ALL = (UNDO, FILTER, BANKS, THEME)


def names(words: str, recent: tuple[str, ...] = ()) -> list[str]:
    return [entry.id for entry in found(ALL, words, recent, most=9)]


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        (" > filt", Kind.COMMAND, "filt"),
        ("@bank", Kind.LIST, "bank"),
        (",", Kind.SETTING, ""),
        ("rel", None, "rel"),
        ("", None, ""),
    ],
)
def test_signs_ask_for_one_kind(text: str, kind: Kind | None, words: str) -> None:
    assert asked(text) == (kind, words)


def test_words_in_any_order_and_beginnings_first() -> None:
    assert names("row filt") == ["rows.filter"]
    assert names("ni ban") == ["3"]
    assert names("e") == ["edit.undo", "rows.filter", "theme"] or names("e")[0] == "edit.undo"
    assert names("zzz") == []


def test_recent_ones_come_first() -> None:
    assert names("", ("setting:theme", "list:3"))[:2] == ["theme", "3"]
    assert names("t", ("setting:theme",))[0] == "theme"


def test_newest_choice_is_kept_once_and_first() -> None:
    recent: tuple[str, ...] = ()
    for number in range(MOST_RECENT + 5):
        recent = with_recent(recent, Entry(Kind.COMMAND, f"a.{number}", "x"))
    recent = with_recent(recent, Entry(Kind.COMMAND, "a.20", "x"))
    assert (recent[0], len(recent), recent.count("command:a.20")) == ("command:a.20", MOST_RECENT, 1)
    assert read_recent(write_recent(recent)) == recent


@pytest.mark.parametrize("text", ["", "{", "{}", "[1, null]"])
def test_what_cannot_be_read_is_nothing(text: str) -> None:
    assert read_recent(text) == ()


def test_what_is_kept_is_short_enough_for_the_setting() -> None:
    assert len(write_recent(["command:" + "x" * 500] * 20)) <= 2_000
