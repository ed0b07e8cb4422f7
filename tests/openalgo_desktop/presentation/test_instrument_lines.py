"""Names on screen, and what a typed line may mean."""

from __future__ import annotations

from datetime import date

import pytest

from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey, InstrumentKind
from openalgo_desktop.presentation.instrument_lines import details, title, typed_key, venue


@pytest.mark.parametrize(
    ("exchange", "symbol", "name"),
    [
        (Exchange.NSE, "RELIANCE", "RELIANCE"),
        (Exchange.NFO, "NIFTY27NOV2526000CE", "NIFTY 27 NOV 26000 CE"),
        (Exchange.NFO, "VEDL25APR24292.5CE", "VEDL 25 APR 292.5 CE"),
        (Exchange.MCX, "GOLD05DEC25FUT", "GOLD 5 DEC FUT"),
        (Exchange.CRYPTO, "BTCUSDFUT", "BTCUSDFUT"),
        (Exchange.NFO, "WEIRD", "WEIRD"),
    ],
)
def test_title(exchange: Exchange, symbol: str, name: str) -> None:
    assert title(InstrumentKey(exchange, symbol)) == name


def test_venue_says_index() -> None:
    assert venue(InstrumentKey(Exchange.NSE_INDEX, "NIFTY")) == "NSE index"
    assert venue(InstrumentKey(Exchange.NFO, "X")) == "NFO"


def test_typed_key_in_full() -> None:
    assert typed_key(" nse:infy ") == InstrumentKey(Exchange.NSE, "INFY")
    assert typed_key("infy") is None
    assert typed_key("XYZ:INFY") is None
    assert typed_key("NSE:") is None


def test_details() -> None:
    future = Instrument(
        key=InstrumentKey(Exchange.NFO, "NIFTY30DEC25FUT"),
        kind=InstrumentKind.FUTURE,
        name="NIFTY",
        lot=75,
        expiry=date(2025, 12, 30),
    )
    assert details(future, listed=True) == "NIFTY · lot 75 · tick 0.05 · 30 Dec 2025 · already in list"
    stock = Instrument(key=InstrumentKey(Exchange.NSE, "TCS"), kind=InstrumentKind.EQUITY, name="TCS")
    assert details(stock) == "tick 0.05"
