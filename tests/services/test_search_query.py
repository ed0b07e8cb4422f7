from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.search_query import compact, may_cross, parse_query, taken_apart


@pytest.mark.parametrize(
    ("text", "readings"),
    [
        ("nifty fut", (("NIFTY", "FUT"),)),
        ("  bnf 48000 ce ", (("BNF", "48000", "CE"), ("BANKNIFTY", "48000", "CE"))),
        ("48,000", (("48,000",), ("48000",))),
        ("292.50", (("292.50",), ("292.5",))),
        ("05", (("05",),)),
        ("m&m", (("M&M",), ("MM",))),
        ("25-sep", (("25-SEP",), ("25SEP",))),
        ("&", (("&",),)),
        ("", ((),)),
    ],
)
def test_words_as_typed_and_as_the_index_spells_them(text: str, readings: tuple[tuple[str, ...], ...]) -> None:
    assert parse_query(text).readings == readings


@pytest.mark.parametrize(
    ("text", "exchanges", "words"),
    [
        ("nfo:", {"NFO"}, ()),
        ("nfo:nifty", {"NFO"}, ("NIFTY",)),
        ("gold exch:mcx", {"MCX"}, ("GOLD",)),
        ("exch:nse sbin", {"NSE"}, ("SBIN",)),
        ("exch:mc gold", {"MCX", "MCX_INDEX"}, ("GOLD",)),
        ("exch:zzz gold", set(), ("GOLD",)),
        ("nse: bse: sbin", set(), ("SBIN",)),
        ("what:ever", None, ("WHAT:EVER",)),
    ],
)
def test_exchange_filter(text: str, exchanges: set[str] | None, words: tuple[str, ...]) -> None:
    query = parse_query(text)
    assert query.exchanges == (None if exchanges is None else frozenset(exchanges))
    assert query.readings[0] == words


def test_a_filter_alone_is_a_wish_and_blanks_are_not() -> None:
    assert not parse_query("nfo:").is_empty
    assert parse_query(" \t ").is_empty


@pytest.mark.parametrize(
    ("word", "pieces"),
    [
        ("NIFTY26000CE", ("NIFTY", "26000", "CE")),
        ("BNF48000PE", ("BANKNIFTY", "48000", "PE")),
        ("NIFTYFUT", ("NIFTY", "FUT")),
        ("GOLD25SEP", ("GOLD", "25SEP")),
        ("NIFTY26000C", ("NIFTY", "26000", "C")),
        ("NIFTYFU", ("NIFTY", "FU")),
        ("ABC", ("ABC",)),
        ("NIFTY25NOV2526000CE", ("NIFTY", "25NOV25", "26000", "CE")),
        ("INFY", ("INFY",)),
        ("A-B", ("AB",)),
    ],
)
def test_what_was_run_together_is_taken_apart(word: str, pieces: tuple[str, ...]) -> None:
    assert taken_apart((word,)) == pieces


@pytest.mark.parametrize(
    ("words", "may"), [(("5NOV25",), True), (("NIFTY", "000CE"), True), (("NIFTY", "25000"), False), (("NOV",), False)]
)
def test_words_of_letters_and_digits_may_cross_the_parts_of_a_symbol(words: tuple[str, ...], may: bool) -> None:
    assert may_cross(words) is may


def test_compact_keeps_letters_and_digits() -> None:
    assert compact("Nifty_50 (Bees) & Co.") == "NIFTY50BEESCO"


@given(st.text(max_size=300))
def test_any_text_is_understood(text: str) -> None:
    query = parse_query(text)
    assert 1 <= len(query.readings) <= 2
    for reading in query.readings:
        assert all(word and word.encode() for word in (*reading, *taken_apart(reading)) if word)


def test_a_pasted_page_is_cut() -> None:
    assert len(parse_query("word " * 10_000).readings[0]) <= 12
