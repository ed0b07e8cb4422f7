"""Zerodha for the conformance suite."""

from __future__ import annotations

from datetime import date

from adapters.zerodha.broker import ZerodhaVenue
from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey, InstrumentKind
from market.modes import Mode
from tests.adapters.conformance.bench import Dialect
from tests.doubles.toy_kite import ToyKite, frame


def _of(exchange: Exchange, symbol: str, token: int, kind: InstrumentKind = InstrumentKind.EQUITY) -> Instrument:
    expiry = date(2026, 12, 29) if kind is InstrumentKind.FUTURE else None
    return Instrument(
        key=InstrumentKey(exchange, symbol), kind=kind, token=str(token), broker_symbol=symbol, expiry=expiry
    )


INSTRUMENTS = (
    _of(Exchange.NSE, "INFY", 408065),
    _of(Exchange.NSE, "RELIANCE", 738561),
    _of(Exchange.BSE, "INFY", 128053508),
    _of(Exchange.NSE_INDEX, "NIFTY", 256265, InstrumentKind.INDEX),
    _of(Exchange.NFO, "NIFTY29DEC26FUT", (58088 << 8) | 2, InstrumentKind.FUTURE),
    _of(Exchange.CDS, "USDINR29DEC26FUT", (1001 << 8) | 3, InstrumentKind.FUTURE),
    _of(Exchange.BCD, "USDINR29DEC26FUT", (1001 << 8) | 6, InstrumentKind.FUTURE),
    _of(Exchange.MCX, "GOLD29DEC26FUT", (2001 << 8) | 7, InstrumentKind.FUTURE),
    _of(Exchange.NCO, "COTTON29DEC26FUT", (121611 << 8) | 12, InstrumentKind.FUTURE),
    _of(Exchange.NSE, "TCS", 2953217),
    _of(Exchange.NSE, "SBIN", 779521),
)

ZERODHA = Dialect(
    name="zerodha",
    toy=ToyKite,
    venue=ZerodhaVenue,
    instruments=INSTRUMENTS,
    tokens=lambda token: {"api_key": "key", "access_token": token},
    tells_modes={Mode.LTP: "ltp", Mode.QUOTE: "full", Mode.DEPTH: "full"},
    garbage=(b"\x00\x01", frame(b"\x00" * 8)[:-1], "not json", '{"kind": 1}'),
)
