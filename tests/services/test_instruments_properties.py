"""What holds for every text, every list of instruments and every order in which they became known."""

from __future__ import annotations

import random
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.exchanges import Exchange
from services.instruments import InstrumentDirectory
from tests.doubles.listed_market import chain, listed_market

TODAY = date(2026, 11, 23)
MARKET = [
    *listed_market(1000, strikes=2),
    *chain(Exchange.BFO, "SENSEX", 80_000, 80_100, 80_200),
]
SHOWN = InstrumentDirectory(today=lambda: TODAY)
SHOWN.add(MARKET)


@given(st.text(max_size=60))
def test_any_text_can_be_searched(text: str) -> None:
    assert len(SHOWN.search(text, 5)) <= 5


@given(
    st.lists(
        st.sampled_from(
            [
                "nifty",
                "fut",
                "ce",
                "24",
                "nov",
                "20000",
                "2",
                ":",
                "nfo:",
                "exch:nfo,",
                "call",
                "re",
                "infz",
                "bank",
                "&",
            ]
        ),
        max_size=5,
    )
)
def test_any_words_can_be_searched(words: list[str]) -> None:
    few, all_of_them = SHOWN.search(" ".join(words), 7), SHOWN.search(" ".join(words), len(MARKET))
    assert few == all_of_them[:7]
    assert len({each.key for each in all_of_them}) == len(all_of_them)


def test_every_instrument_is_the_first_find_of_its_own_symbol() -> None:
    for instrument in MARKET:
        exchange, symbol = instrument.key
        assert SHOWN.search(symbol.lower(), 1)[0].key.symbol == symbol
        assert SHOWN.search(f"{exchange}:{symbol}", 1) == [instrument]


@given(
    st.integers(0, 2**32), st.integers(1, 6), st.sampled_from(["nifty", "ce", "fut 2", "nfo:", "20000", "niffty", "r"])
)
def test_the_order_of_adding_does_not_matter(seed: int, portions: int, text: str) -> None:
    chance = random.Random(seed)
    shuffled = chance.sample(MARKET, len(MARKET))
    directory = InstrumentDirectory(today=lambda: TODAY)
    monkeypatch = pytest.MonkeyPatch()
    with monkeypatch.context() as patch:
        patch.setattr("services.instruments._FEW", 100)
        for start in range(portions):
            directory.add(shuffled[start::portions])
    assert directory.search(text, 30) == SHOWN.search(text, 30)
    assert directory.listed() == SHOWN.listed()
