"""Nothing of a master is dropped silently."""

from __future__ import annotations

import dataclasses
from collections import Counter

import pytest

from adapters.masters import Master, sound
from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey, InstrumentKind


def _share(symbol: str, token: str) -> Instrument:
    return Instrument(key=InstrumentKey(Exchange.NSE, symbol), kind=InstrumentKind.EQUITY, token=token)


def test_of_twins_the_first_stays_and_the_others_are_counted() -> None:
    skipped: Counter[str] = Counter()
    kept = sound([_share("A", "1"), _share("B", "2"), _share("A", "3")], skipped)
    assert [each.token for each in kept] == ["1", "2"]
    assert skipped == {"another row has the same name": 1}


@pytest.mark.parametrize(
    "wrong", [{"tick_size": float("nan")}, {"lot": float("inf")}, {"strike": float("nan")}, {"tick_size": -0.05}]
)
def test_an_instrument_with_a_number_that_cannot_be_is_counted(wrong: dict[str, float]) -> None:
    skipped: Counter[str] = Counter()
    assert sound([dataclasses.replace(_share("A", "1"), **wrong), _share("A", "2")], skipped) == [_share("A", "2")]  # type: ignore[arg-type]
    assert skipped == {"a number that cannot be": 1}


@pytest.mark.parametrize("symbol", ["币安人生USDTFUT", "abc", "A B", "", "X" * 65])
def test_an_instrument_that_no_client_can_name_is_counted(symbol: str) -> None:
    skipped: Counter[str] = Counter()
    assert sound([_share(symbol, "1"), _share("M&M", "2")], skipped) == [_share("M&M", "2")]
    assert skipped == {"its name cannot be a symbol": 1}


def test_rows_are_instruments_and_what_was_skipped() -> None:
    assert Master([_share("A", "1")], Counter({"no name": 2})).rows == 3
