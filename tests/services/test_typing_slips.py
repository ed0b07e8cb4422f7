from __future__ import annotations

from string import ascii_uppercase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.typing_slips import letters_of, may_be_slipped, one_slip_away


def away(typed: str, *words: str) -> list[str]:
    return [words[row] for row in one_slip_away(typed, letters_of(words))]


@pytest.mark.parametrize(
    "typed",
    [
        "RELIAMCE",  # a wrong letter
        "XELIANCE",
        "RELIANCX",
        "RELANCE",  # a missing one
        "ELIANCE",
        "RELIIANCE",  # one too many
        "XRELIANCE",
        "RELIANCEX",
        "RELAINCE",  # two swapped
        "ERLIANCE",
        "RELIANEC",
        "RELAI",  # while it is being typed
    ],
)
def test_one_slip_is_noticed_wherever_it_is(typed: str) -> None:
    assert away(typed, "INFOSYS", "RELIANCE", "REL") == ["RELIANCE"]


@pytest.mark.parametrize("typed", ["RELIANCE", "RELIA", "RELXANCX", "ERLAINCE", "INFOSIIS", "REL"])
def test_no_slip_and_two_slips_are_not_one(typed: str) -> None:
    assert away(typed, "RELIANCE") == []


@pytest.mark.parametrize(("typed", "may"), [("GOL", False), ("GOLD", True), ("2600", False), ("A1B2C3D", True)])
def test_short_words_and_numbers_are_taken_as_they_are(typed: str, may: bool) -> None:
    assert may_be_slipped(typed) is may


def test_a_very_long_word_and_no_words_are_no_trouble() -> None:
    assert away("X" * 50, "X" * 50) == []
    assert away("GOLD") == []


def test_letters_beyond_ascii_do_no_harm() -> None:
    assert away("CAFES", "CAFÉS", "ΑΒΓΔ") == ["CAFÉS"]


def slow(typed: str, word: str) -> bool:
    """The definition: a slip applied to some beginning of `word` gives `typed`."""
    if word.startswith(typed):
        return False
    for end in range(len(word) + 1):
        begin = word[:end]
        slips = {begin[:i] + begin[i + 1 :] for i in range(end)}
        slips |= {begin[:i] + begin[i + 1 : i + 2] + begin[i] + begin[i + 2 :] for i in range(end - 1)}
        slips |= {begin[:i] + x + begin[i + 1 :] for i in range(end) for x in "ABC"}
        slips |= {begin[:i] + x + begin[i:] for i in range(end + 1) for x in "ABC"}
        if typed in slips:
            return True
    return False


@given(st.text("ABC", min_size=4, max_size=7), st.lists(st.text("ABC", min_size=1, max_size=8), max_size=20))
def test_agrees_with_the_definition(typed: str, words: list[str]) -> None:
    assert set(typed) <= set(ascii_uppercase)
    assert away(typed, *words) == [word for word in words if slow(typed, word)]
