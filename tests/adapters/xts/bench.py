"""The XTS brokers for the conformance suite: one with JSON, in both versions of Engine.IO, and the one with packets."""

from __future__ import annotations

from datetime import date
from functools import partial

from adapters.xts.broker import XtsVenue
from adapters.xts.rows import ROWS, XtsRow
from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey, InstrumentKind
from market.modes import Mode
from tests.adapters.conformance.bench import Dialect
from tests.doubles.toy_xts import ToyXts

BY_NAME = {row.name: row for row in ROWS}


def _of(exchange: Exchange, symbol: str, token: str, kind: InstrumentKind = InstrumentKind.EQUITY) -> Instrument:
    expiry = date(2026, 12, 29) if kind is InstrumentKind.FUTURE else None
    return Instrument(key=InstrumentKey(exchange, symbol), kind=kind, token=token, broker_symbol=symbol, expiry=expiry)


# One number on two segments: they are two instruments.
INSTRUMENTS = (
    _of(Exchange.NSE, "RELIANCE", "2885"),
    _of(Exchange.BSE, "RELIANCE", "500325"),
    _of(Exchange.NFO, "NIFTY29DEC26FUT", "2885", InstrumentKind.FUTURE),
    _of(Exchange.NSE_INDEX, "NIFTY", "26000", InstrumentKind.INDEX),
    _of(Exchange.BFO, "SENSEX29DEC26FUT", "1107", InstrumentKind.FUTURE),
    _of(Exchange.NSE, "INFY", "1594"),
    _of(Exchange.NSE, "TCS", "11536"),
    _of(Exchange.NSE, "SBIN", "3045"),
)


def _dialect(row: XtsRow, version: int = 3) -> Dialect:
    return Dialect(
        name=row.name,
        toy=partial(ToyXts, row, version=version),
        venue=partial(XtsVenue, row),
        instruments=INSTRUMENTS,
        tokens=lambda token: {"access_token": token},
        tells_modes={Mode.LTP: "1501" if row.is_binary else "1512", Mode.QUOTE: "1501", Mode.DEPTH: "1502"},
        tells_refusals=True,
        garbage=("not json", '42["1501-json-full","{"]', '42{"a":1}', '42["1501-json-full","{}"]', b"\x04\x01"),
    )


XTS = (_dialect(BY_NAME["iifl"]), _dialect(BY_NAME["rmoney"], 4), _dialect(BY_NAME["jainamxts"]))
