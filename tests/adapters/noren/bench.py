"""The Noren brokers for the conformance suite."""

from __future__ import annotations

from datetime import date
from functools import partial

from adapters.noren.broker import NorenVenue
from adapters.noren.rows import ALICEBLUE, SHOONYA, NorenRow
from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey, InstrumentKind
from market.modes import Mode
from tests.adapters.conformance.bench import Dialect
from tests.doubles.toy_noren import ToyNoren


def instrument(
    exchange: Exchange, symbol: str, token: str, kind: InstrumentKind = InstrumentKind.EQUITY, broker_symbol: str = ""
) -> Instrument:
    """An instrument as their lists have it."""
    return Instrument(
        key=InstrumentKey(exchange, symbol),
        kind=kind,
        token=token,
        broker_symbol=broker_symbol or symbol,
        expiry=date(2026, 12, 29) if kind is InstrumentKind.FUTURE else None,
    )


# One token on two exchanges: they are two instruments.
INSTRUMENTS = (
    instrument(Exchange.NSE, "NTPC", "11630", broker_symbol="NTPC-EQ"),
    instrument(Exchange.BSE, "NTPC", "532555"),
    instrument(Exchange.NFO, "NIFTY29DEC26FUT", "11630", InstrumentKind.FUTURE),
    instrument(Exchange.NSE_INDEX, "NIFTY", "26000", InstrumentKind.INDEX, "NIFTY INDEX"),
    instrument(Exchange.BSE_INDEX, "SENSEX", "1", InstrumentKind.INDEX),
    instrument(Exchange.BFO, "SENSEX29DEC26FUT", "1", InstrumentKind.FUTURE),
    instrument(Exchange.CDS, "USDINR29DEC26FUT", "1201", InstrumentKind.FUTURE),
    instrument(Exchange.MCX, "CRUDEOIL29DEC26FUT", "451669", InstrumentKind.FUTURE),
    instrument(Exchange.NSE, "M&M", "2031", broker_symbol="M&M-EQ"),
)


def _dialect(row: NorenRow) -> Dialect:
    return Dialect(
        name=row.name,
        toy=partial(ToyNoren, row),
        venue=partial(NorenVenue, row),
        instruments=INSTRUMENTS,
        tokens=lambda token: {"access_token": token},
        tells_modes={Mode.LTP: "t", Mode.QUOTE: "t", Mode.DEPTH: "d"},
        garbage=(b"\x00\x01", "not json", "[]", '{"kind": 1}', '{"t":"tf","tk":"1"}'),
        fields=("open", "high", "low", "close", "volume", "average_price", "oi"),
    )


# Flattrade and Zebu greet as Shoonya does: on the socket nothing would be new.
NOREN = (_dialect(SHOONYA), _dialect(ALICEBLUE))
