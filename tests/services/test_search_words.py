from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.search_words import EXACT, INSIDE, NONE, PREFIX, SLIPPED, WordColumn

VALUES = (("GOLD",), ("GOLDM",), ("SILVER", "WHITE"), ("MARIGOLD", "OLD"), ())


@pytest.mark.parametrize(
    ("typed", "levels"),
    [
        ("GOLD", [EXACT, PREFIX, NONE, INSIDE, NONE]),
        ("WHI", [NONE, NONE, PREFIX, NONE, NONE]),
        ("OLD", [INSIDE, INSIDE, NONE, EXACT, NONE]),
        ("OL", [INSIDE, INSIDE, NONE, PREFIX, NONE]),
        ("G", [PREFIX, PREFIX, NONE, NONE, NONE]),
        ("RWHITE", None),
        ("ZINC", None),
    ],
)
def test_level_of_each_value(typed: str, levels: list[int] | None) -> None:
    found = WordColumn(VALUES).match(typed)
    assert (None if found is None else found.tolist()) == levels


def test_slipped_words_are_found_when_asked_for() -> None:
    column = WordColumn(VALUES)
    found = column.match_slipped("SLIVER")
    assert found is not None
    assert found.tolist() == [NONE, NONE, SLIPPED, NONE, NONE]
    assert column.match_slipped("ZINC") is None


def test_a_column_without_words_finds_nothing() -> None:
    for column in (WordColumn(()), WordColumn(((), ()))):
        assert column.match("GOLD") is None
        assert column.match_slipped("GOLD") is None


@given(st.lists(st.lists(st.text("AB", min_size=1, max_size=4), max_size=3), max_size=8), st.text("AB", min_size=1))
def test_agrees_with_looking_at_each_word(values: list[list[str]], typed: str) -> None:
    def level(word: str) -> int:
        if word == typed:
            return EXACT
        if word.startswith(typed):
            return PREFIX
        return INSIDE if typed in word and len(typed) > 1 else NONE

    expected = [min(map(level, words), default=NONE) for words in values]
    found = WordColumn(values).match(typed)
    assert (found.tolist() if found is not None else [NONE] * len(values)) == expected


def test_word_that_was_typed_before_is_remembered() -> None:
    column = WordColumn([["NIFTY"], ["BANKNIFTY"]])
    first = column.match("NIFTY")
    assert column.match("NIFTY") is first
    assert column.match.cache_info().hits == 1
