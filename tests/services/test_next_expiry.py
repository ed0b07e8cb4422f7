"""The contract that follows another."""

from __future__ import annotations

from datetime import date

import pytest

from market.errors import InvalidRequestError
from market.exchanges import Exchange
from market.instruments import InstrumentKey
from services.instruments import InstrumentDirectory
from services.next_expiry import next_expiry
from tests.doubles.listed_market import named

TODAY = date(2025, 11, 26)
SYMBOLS = (
    "NIFTY25NOV25FUT",
    "NIFTY30DEC25FUT",
    "NIFTY27JAN26FUT",
    "NIFTYNXT5030DEC25FUT",
    "NIFTY25NOV2526000CE",
    "NIFTY02DEC2526000CE",
    "NIFTY02DEC2526000PE",
    "NIFTY09DEC2526000CE",
    "NIFTY02DEC2526050CE",
)


@pytest.fixture
def known() -> InstrumentDirectory:
    directory = InstrumentDirectory(today=lambda: TODAY)
    directory.add(named(Exchange.NFO, symbol) for symbol in SYMBOLS)
    return directory


@pytest.mark.parametrize(
    ("symbol", "follows"),
    [
        ("NIFTY25NOV25FUT", "NIFTY30DEC25FUT"),
        ("NIFTY30DEC25FUT", "NIFTY27JAN26FUT"),
        ("NIFTY26AUG25FUT", "NIFTY30DEC25FUT"),
        ("NIFTY25NOV2526000CE", "NIFTY02DEC2526000CE"),
        ("NIFTY25NOV2526000PE", "NIFTY02DEC2526000PE"),
        ("NIFTY28OCT2526050CE", "NIFTY02DEC2526050CE"),
    ],
)
def test_next_expiry_that_has_not_passed(known: InstrumentDirectory, symbol: str, follows: str) -> None:
    assert next_expiry(known, InstrumentKey(Exchange.NFO, symbol), TODAY).symbol == follows


@pytest.mark.parametrize(
    ("exchange", "symbol", "sentence"),
    [
        (Exchange.NFO, "NIFTY27JAN26FUT", "No later expiry of NIFTY27JAN26FUT is known"),
        (Exchange.NFO, "NIFTY25NOV2527000CE", "No later expiry of NIFTY25NOV2527000CE with its strike is known"),
        (Exchange.NSE, "TCS", "TCS has no expiry"),
        (Exchange.CRYPTO, "BTCUSDFUT", "BTCUSDFUT has no expiry"),
        (Exchange.NFO, "NONSENSE", "NONSENSE has no expiry"),
    ],
)
def test_contract_that_nothing_follows_is_said(
    known: InstrumentDirectory, exchange: Exchange, symbol: str, sentence: str
) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        next_expiry(known, InstrumentKey(exchange, symbol), TODAY)
    assert str(caught.value) == sentence
