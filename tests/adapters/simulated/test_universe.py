from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.simulated.expiries import (
    THURSDAY,
    TUESDAY,
    dated_expiries,
    monthly_expiries,
    trading_day_by,
    weekly_expiries,
)
from adapters.simulated.universe import build_universe, share_tick
from market.exchanges import DERIVATIVES, Exchange
from market.holidays import Holiday
from market.instruments import Instrument, InstrumentKind
from market.sessions import SessionCalendar
from market.symbols import parse_symbol
from tests.adapters.simulated.conftest import MONDAY, key


@pytest.fixture(scope="module")
def universe(holidays: tuple[Holiday, ...]) -> list[Instrument]:
    return build_universe(MONDAY, SessionCalendar(holidays))


def test_the_universe_is_large_and_each_instrument_is_listed_once(universe: list[Instrument]) -> None:
    assert len(universe) >= 250
    assert len({instrument.key for instrument in universe}) == len(universe)
    assert len({instrument.token for instrument in universe}) == len(universe)


def test_every_segment_is_there(universe: list[Instrument]) -> None:
    found = Counter((instrument.key.exchange, instrument.kind) for instrument in universe)
    least = {
        (Exchange.NSE, InstrumentKind.EQUITY): 60,
        (Exchange.BSE, InstrumentKind.EQUITY): 5,
        (Exchange.NSE_INDEX, InstrumentKind.INDEX): 5,
        (Exchange.BSE_INDEX, InstrumentKind.INDEX): 2,
        (Exchange.NFO, InstrumentKind.FUTURE): 40,
        (Exchange.NFO, InstrumentKind.OPTION): 100,
        (Exchange.BFO, InstrumentKind.OPTION): 30,
        (Exchange.MCX, InstrumentKind.FUTURE): 10,
        (Exchange.CDS, InstrumentKind.FUTURE): 3,
        (Exchange.CDS, InstrumentKind.OPTION): 10,
        (Exchange.CRYPTO, InstrumentKind.PERPETUAL): 2,
        (Exchange.CRYPTO, InstrumentKind.SPOT): 2,
    }
    assert all(found[segment] >= count for segment, count in least.items()), found


@pytest.mark.parametrize(
    "text",
    ["NSE_INDEX:NIFTY", "NSE_INDEX:INDIAVIX", "BSE_INDEX:SENSEX", "NSE:M&M", "NSE:BAJAJ-AUTO", "BSE:RELIANCE",
     "NFO:NIFTY23NOV26FUT", "NFO:NIFTY29DEC26FUT", "NFO:NIFTY23NOV2624200CE", "NFO:NIFTY01DEC2624250PE",
     "NFO:BANKNIFTY23NOV2656300CE", "BFO:SENSEX26NOV2677600PE", "MCX:CRUDEOIL18DEC26FUT", "CDS:USDINR27NOV2688.5CE",
     "CRYPTO:BTCUSDFUT", "CRYPTO:ETHUSDFUT", "CRYPTO:BTCINR", "CRYPTO:SOL_INR"],
)  # fmt: skip
def test_well_known_instruments_are_there(universe: list[Instrument], text: str) -> None:
    assert key(text) in {instrument.key for instrument in universe}


def test_every_symbol_says_what_its_instrument_is(universe: list[Instrument]) -> None:
    for instrument in universe:
        parts = parse_symbol(*instrument.key)
        assert (parts.kind, parts.expiry, parts.strike, parts.right) == (
            instrument.kind,
            instrument.expiry,
            instrument.strike,
            instrument.right,
        )


def test_every_derivative_names_its_underlying(universe: list[Instrument]) -> None:
    for instrument in universe:
        if instrument.expiry is not None:
            assert instrument.underlying is not None
            assert instrument.key.exchange in DERIVATIVES


def test_tick_sizes_and_lots_are_those_of_the_exchanges(universe: list[Instrument]) -> None:
    known = {instrument.key: instrument for instrument in universe}
    expected = {
        "NSE:YESBANK": (0.01, 1), "NSE:SBIN": (0.1, 1), "NSE:HDFCBANK": (0.05, 1), "NSE:BAJAJ-AUTO": (1.0, 1),
        "NSE:APOLLOHOSP": (0.5, 1), "NSE:BOSCHLTD": (5.0, 1), "NFO:NIFTY29DEC26FUT": (0.1, 65),
        "NFO:NIFTY01DEC2624200CE": (0.05, 65), "NFO:BANKNIFTY29DEC26FUT": (0.2, 30),
        "CDS:USDINR27NOV26FUT": (0.0025, 1), "CRYPTO:BTCINR": (1.0, 0.00001),
    }  # fmt: skip
    for text, (tick_size, lot) in expected.items():
        assert (known[key(text)].tick_size, known[key(text)].lot) == (tick_size, lot), text
    prices = (250, 251, 1000, 5000, 10000, 20000, 20001)
    assert [share_tick(price) for price in prices] == [0.01, 0.05, 0.05, 0.1, 0.5, 1.0, 5.0]


def test_expiries_are_moved_back_from_holidays(holidays: tuple[Holiday, ...]) -> None:
    calendar = SessionCalendar(holidays)
    # 24 November 2026 and 10 November are holidays on Tuesdays, 25 December one on a Friday.
    assert weekly_expiries(MONDAY, TUESDAY, 2, Exchange.NFO, calendar) == [MONDAY, date(2026, 12, 1)]
    assert weekly_expiries(date(2026, 11, 4), TUESDAY, 1, Exchange.NFO, calendar) == [date(2026, 11, 9)]
    assert monthly_expiries(MONDAY, TUESDAY, 2, Exchange.NFO, calendar) == [MONDAY, date(2026, 12, 29)]
    assert monthly_expiries(date(2026, 11, 25), TUESDAY, 1, Exchange.NFO, calendar) == [date(2026, 12, 29)]
    assert weekly_expiries(MONDAY, THURSDAY, 1, Exchange.BFO, calendar) == [date(2026, 11, 26)]
    assert dated_expiries(date(2026, 12, 1), 26, 1, Exchange.MCX, calendar) == [date(2026, 12, 24)]
    assert dated_expiries(date(2027, 2, 1), 31, 1, Exchange.MCX, calendar) == [date(2027, 2, 26)]


def test_forced_sessions_do_not_make_an_expiry_day(holidays: tuple[Holiday, ...]) -> None:
    forced = SessionCalendar(holidays, forced_open=True)
    assert trading_day_by(date(2026, 11, 24), Exchange.NFO, forced) == MONDAY
    assert trading_day_by(date(2026, 11, 29), Exchange.NFO, forced) == date(2026, 11, 27)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 700).map(lambda days: date(2025, 1, 1) + timedelta(days=days)))
def test_every_expiry_is_a_trading_day_from_today_on(holidays: tuple[Holiday, ...], today: date) -> None:
    calendar = SessionCalendar(holidays)
    universe = build_universe(today, calendar)
    assert len({instrument.key for instrument in universe}) == len(universe)
    for instrument in universe:
        if instrument.expiry is not None:
            assert instrument.expiry >= today
            assert calendar.is_trading_day(instrument.key.exchange, instrument.expiry)
