from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey, InstrumentKind, OptionRight
from services.search_index import (
    BEGINS,
    BETTER,
    NAME,
    NOT_FOUND,
    SLIP,
    SYMBOL,
    WITHIN,
    WORD,
    Chain,
    Grades,
    SearchIndex,
)
from tests.doubles.listed_market import made

SEP, DEC = date(2025, 9, 25), date(2025, 12, 5)
CALL, PUT = OptionRight.CALL, OptionRight.PUT
INDEX = SearchIndex(
    [
        made(Exchange.NSE_INDEX, "NIFTY", name="Nifty 50", kind=InstrumentKind.INDEX),
        made(Exchange.NSE, "NIFTYBEES", name="Nippon India ETF Nifty 50 BeES"),
        made(Exchange.NFO, "NIFTY", expiry=SEP),
        made(Exchange.NFO, "NIFTY", expiry=SEP, strike=25000.0, right=CALL),
        made(Exchange.NFO, "NIFTY", expiry=SEP, strike=25100.0, right=PUT),
        made(Exchange.MCX, "GOLD", name="GOLD", expiry=DEC),
        made(Exchange.MCX, "GOLD", name="GOLD", expiry=SEP, strike=292.5, right=PUT),
        made(Exchange.NSE, "BAJAJ-AUTO", name="Bajaj Auto Limited"),
        made(Exchange.NSE, "INFY", name="Infosys Ltd."),
        made(Exchange.BSE, "INFY", name="INFOSYS LTD"),
        made(Exchange.CRYPTO, "BTCUSD", kind=InstrumentKind.PERPETUAL),
        made(Exchange.CRYPTO, "BTCUSDT", name="Bitcoin", kind=InstrumentKind.SPOT),
    ]
)


def grades(text: str, *, thorough: bool = False, slips: bool = False) -> dict[str, int]:
    return shown(INDEX, INDEX.match(tuple(text.split()), thorough=thorough, slips=slips))


def shown(index: SearchIndex, found: Grades) -> dict[str, int]:
    pairs = zip(index.rows, found.tolist(), strict=True)
    return {str(instrument.key): grade for instrument, grade in pairs if grade < NOT_FOUND}


@pytest.mark.parametrize(
    ("text", "key", "grade"),
    [
        ("INFY", "NSE:INFY", SYMBOL),
        ("NIFTY 25SEP25 FUT", "NFO:NIFTY25SEP25FUT", SYMBOL),
        ("NIFTY 50", "NSE_INDEX:NIFTY", NAME),
        ("INFOSYS LTD", "NSE:INFY", NAME),
        ("INFOSYS LTD", "BSE:INFY", NAME),
        ("INF", "NSE:INFY", BEGINS),
        ("GOLD", "MCX:GOLD05DEC25FUT", BEGINS),
        ("NIFTY 25SEP", "NFO:NIFTY25SEP2525000CE", BEGINS),
        ("NIFTY25SEP25", "NFO:NIFTY25SEP2525000CE", BEGINS),
        ("AUTO", "NSE:BAJAJ-AUTO", WORD),
        ("BAJAJAUTO", "NSE:BAJAJ-AUTO", WORD),
        ("INFOS", "NSE:INFY", WORD),
        ("NFY", "NSE:INFY", WITHIN),
        ("FOSY", "NSE:INFY", WITHIN),
    ],
)
def test_grade_of_a_find(text: str, key: str, grade: int) -> None:
    assert grades(text)[key] // BETTER == grade


@pytest.mark.parametrize(
    "text",
    [
        "GOLD 25SEP25",
        "25SEP GOLD",
        "GOLD 25 SEP",
        "SEP25 GOLD",
        "SEPTEMBER GOLD",
        "2025-09-25 GOLD",
        "GOLD 25SEP2025",
        "292.5 GOLD",
        "GOLD 29",
        "GOLD PE",
        "PUT GOLD",
        "GOLD OPT",
        "GOLD OPTION MCX",
    ],
)
def test_a_contract_is_found_by_each_spelling_in_any_order(text: str) -> None:
    assert "MCX:GOLD25SEP25292.5PE" in grades(text)
    assert "MCX:GOLD05DEC25FUT" not in grades(text)


@pytest.mark.parametrize("text", ["5DEC GOLD", "05 DEC GOLD", "GOLD 5 DEC", "GOLD FUTURE", "DEC25 MCX", "MCX FUT"])
def test_a_future_is_found_by_each_spelling(text: str) -> None:
    assert list(grades(text)) == ["MCX:GOLD05DEC25FUT"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("INDEX", {"NSE_INDEX:NIFTY"}),
        ("BSE EQ", {"BSE:INFY"}),
        ("SPOT", {"CRYPTO:BTCUSDT"}),
        ("PERP", {"CRYPTO:BTCUSDFUT"}),
        ("BTCUSD FUT", {"CRYPTO:BTCUSDFUT"}),
        ("NFO FUT", {"NFO:NIFTY25SEP25FUT"}),
        ("CALL", {"NFO:NIFTY25SEP2525000CE"}),
    ],
)
def test_kind_right_and_exchange(text: str, found: set[str]) -> None:
    assert set(grades(text)) == found


def test_every_word_must_occur() -> None:
    assert grades("NIFTY 25000 PE") == {}
    assert list(grades("NIFTY 25100 PE")) == ["NFO:NIFTY25SEP2525100PE"]


def test_words_typed_in_full_are_better_than_beginnings() -> None:
    assert grades("FUT BTCUSD")["CRYPTO:BTCUSDFUT"] == WORD * BETTER
    assert grades("FUT NIFTY")["NFO:NIFTY25SEP25FUT"] < grades("FUT NIF")["NFO:NIFTY25SEP25FUT"]


def test_across_the_parts_of_a_symbol_only_where_asked_for() -> None:
    assert grades("25000CE") == {}
    assert list(grades("25000CE", thorough=True)) == ["NFO:NIFTY25SEP2525000CE"]
    assert list(grades("NIFTY 2525100P", thorough=True)) == ["NFO:NIFTY25SEP2525100PE"]
    assert grades("CEN", thorough=True) == {}


def test_slips_only_where_asked_for_and_in_the_base_first() -> None:
    assert grades("INFOSIS") == {}
    found = grades("NIFTU", slips=True)
    assert found["NSE_INDEX:NIFTY"] // BETTER == SLIP
    assert grades("INFOSIS", slips=True)["NSE:INFY"] // BETTER == SLIP + 1


def test_exchange_filter() -> None:
    kept = np.zeros(len(INDEX), dtype=np.uint8)
    INDEX.forget_others(kept, frozenset({"MCX", "BSE"}))
    assert set(shown(INDEX, kept)) == {
        "MCX:GOLD05DEC25FUT",
        "MCX:GOLD25SEP25292.5PE",
        "BSE:INFY",
    }


def test_strikes_and_futures_of_a_chain() -> None:
    chain = Chain(Exchange.NFO, "NIFTY", SEP)
    assert INDEX.strikes_of(chain).tolist() == [25000.0, 25100.0]
    assert [str(each.key) for each in INDEX.futures_of(chain)] == ["NFO:NIFTY25SEP25FUT"]
    assert INDEX.strikes_of(chain._replace(expiry=DEC)).tolist() == []
    assert INDEX.strikes_of(chain._replace(exchange=Exchange.BCD)).tolist() == []
    assert INDEX.strikes_of(chain._replace(base="WHAT")).tolist() == []
    chains = dict(INDEX.chains_of(np.arange(len(INDEX))))
    assert {tuple(map(str, each[:2])): len(members) for each, members in chains.items()} == {
        ("NFO", "NIFTY"): 2,
        ("MCX", "GOLD"): 1,
    }


def test_row_of_a_key() -> None:
    for row, instrument in enumerate(INDEX.rows):
        assert INDEX.row_of(instrument.key) == row


def test_an_empty_index_finds_nothing() -> None:
    nothing = SearchIndex(())
    for words in (("NIFTY",), ("NIFTY", "FUT")):
        assert len(nothing.match(words, thorough=True, slips=True)) == len(nothing) == 0


def test_symbols_of_any_text_do_no_harm() -> None:
    odd = [
        Instrument(key=InstrumentKey(Exchange.NSE, symbol), kind=InstrumentKind.EQUITY)
        for symbol in ("", "é", "X" * 300, "a\0b", "A")
    ]
    index = SearchIndex(odd)
    assert list(shown(index, index.match(("É",)))) == ["NSE:é"]
    assert len(shown(index, index.match(("X" * 100,)))) == 1
    assert [index.row_of(each.key) for each in index.rows] == [0, 1, 2, 3, 4]
