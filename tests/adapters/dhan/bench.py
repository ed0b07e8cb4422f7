"""Dhan for the conformance suite."""

from __future__ import annotations

from datetime import date

from adapters.dhan.broker import DhanVenue
from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey, InstrumentKind
from market.modes import Mode
from tests.adapters.conformance.bench import Dialect
from tests.doubles.toy_dhan import ToyDhan


def instrument(
    exchange: Exchange, symbol: str, token: int, kind: InstrumentKind = InstrumentKind.EQUITY, tick_size: float = 0.05
) -> Instrument:
    """An instrument as the list has it."""
    expiry = date(2026, 12, 29) if kind is InstrumentKind.FUTURE else None
    key = InstrumentKey(exchange, symbol)
    return Instrument(key=key, kind=kind, token=str(token), expiry=expiry, tick_size=tick_size, name=symbol[:5])


# One security id in two segments: they are two instruments.
INSTRUMENTS = (
    instrument(Exchange.NSE, "HDFCBANK", 1333),
    instrument(Exchange.BSE, "HDFCBANK", 500180),
    instrument(Exchange.NFO, "NIFTY29DEC26FUT", 1333, InstrumentKind.FUTURE),
    instrument(Exchange.NSE_INDEX, "NIFTY", 13, InstrumentKind.INDEX),
    instrument(Exchange.BSE_INDEX, "SENSEX", 51, InstrumentKind.INDEX),
    instrument(Exchange.BFO, "SENSEX29DEC26FUT", 824001, InstrumentKind.FUTURE),
    instrument(Exchange.CDS, "USDINR29DEC26FUT", 1013, InstrumentKind.FUTURE, 0.0025),
    instrument(Exchange.BCD, "USDINR29DEC26FUT", 1013, InstrumentKind.FUTURE, 0.0025),
    instrument(Exchange.MCX, "GOLD29DEC26FUT", 440939, InstrumentKind.FUTURE, 1.0),
    instrument(Exchange.NSE, "M&M", 2031),
    instrument(Exchange.NSE, "INFY", 1594),
)

DHAN = Dialect(
    name="dhan",
    toy=ToyDhan,
    venue=DhanVenue,
    instruments=INSTRUMENTS,
    tokens=lambda token: {"access_token": token},
    tells_modes={Mode.LTP: "15", Mode.QUOTE: "21", Mode.DEPTH: "21"},
    garbage=(b"", b"\x02\x10", b"\x08\x05\x00" + bytes(159), b"\x08\xa2\x00" + bytes(158), "not json", "{}"),
    fields=(
        *("open", "high", "low", "close", "volume", "average_price", "last_quantity"),
        *("total_buy_quantity", "total_sell_quantity"),
    ),
)
