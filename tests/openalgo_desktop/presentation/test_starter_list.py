"""The list to begin with: nearest contracts that are alive, and only what is known."""

from __future__ import annotations

from datetime import date

from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey, InstrumentKind, OptionRight
from openalgo_desktop.presentation.starter_list import starters
from services.instruments import InstrumentDirectory

TODAY = date(2025, 11, 24)


def contract(symbol: str, expiry: date, *, strike: float | None = None) -> Instrument:
    kind = InstrumentKind.FUTURE if strike is None else InstrumentKind.OPTION
    right = OptionRight(symbol[-2:]) if strike is not None else None
    key = InstrumentKey(Exchange.NFO, symbol)
    return Instrument(key=key, kind=kind, expiry=expiry, strike=strike, right=right)


def directory(*instruments: Instrument) -> InstrumentDirectory:
    known = InstrumentDirectory(today=lambda: TODAY)
    known.add(instruments)
    return known


def test_nearest_living_future_of_exactly_that_base() -> None:
    known = directory(
        contract("NIFTY20NOV25FUT", date(2025, 11, 20)),
        contract("NIFTY30DEC25FUT", date(2025, 12, 30)),
        contract("NIFTY25NOV25FUT", date(2025, 11, 25)),
        contract("NIFTYNXT5025NOV25FUT", date(2025, 11, 25)),
    )
    assert [key.symbol for key in starters(known, TODAY)] == ["NIFTY25NOV25FUT"]


def test_call_and_put_of_the_middle_strike() -> None:
    expiry = date(2025, 11, 25)
    strikes = (25900.0, 26000.0, 26100.0)
    known = directory(
        *(contract(f"NIFTY25NOV25{s:.0f}{r}", expiry, strike=s) for s in strikes for r in ("PE", "CE")),
        contract("NIFTY30DEC2520000CE", date(2025, 12, 30), strike=20000.0),
    )
    assert [key.symbol for key in starters(known, TODAY)] == ["NIFTY25NOV2526000CE", "NIFTY25NOV2526000PE"]


def test_unknown_instruments_are_left_out() -> None:
    assert starters(directory(), TODAY) == []
    tcs = Instrument(key=InstrumentKey(Exchange.NSE, "TCS"), kind=InstrumentKind.EQUITY)
    assert starters(directory(tcs), TODAY) == [tcs.key]
