"""Angel One for the conformance suite."""

from __future__ import annotations

from datetime import date

from adapters.angel.broker import AngelVenue
from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey, InstrumentKind
from market.modes import Mode
from tests.adapters.conformance.bench import Dialect
from tests.doubles.toy_angel import ToyAngel


def instrument(exchange: Exchange, symbol: str, token: str, kind: InstrumentKind = InstrumentKind.EQUITY) -> Instrument:
    """An instrument as the list has it."""
    expiry = date(2026, 12, 29) if kind is InstrumentKind.FUTURE else None
    return Instrument(key=InstrumentKey(exchange, symbol), kind=kind, token=token, expiry=expiry)


# One token on two exchanges: they are two instruments.
INSTRUMENTS = (
    instrument(Exchange.NSE, "INFY", "1594"),
    instrument(Exchange.BSE, "INFY", "500209"),
    instrument(Exchange.NFO, "NIFTY29DEC26FUT", "1594", InstrumentKind.FUTURE),
    instrument(Exchange.NSE_INDEX, "NIFTY", "99926000", InstrumentKind.INDEX),
    instrument(Exchange.BSE_INDEX, "SENSEX", "99919000", InstrumentKind.INDEX),
    instrument(Exchange.BFO, "SENSEX29DEC26FUT", "842364", InstrumentKind.FUTURE),
    instrument(Exchange.CDS, "USDINR29DEC26FUT", "1013", InstrumentKind.FUTURE),
    instrument(Exchange.MCX, "GOLD29DEC26FUT", "440939", InstrumentKind.FUTURE),
    instrument(Exchange.NCDEX, "BAJRA29DEC26FUT", "BAJRA29DEC2026", InstrumentKind.FUTURE),
    instrument(Exchange.NSE, "M&M", "2031"),
    instrument(Exchange.MCX_INDEX, "MCXBULLDEX", "99920005", InstrumentKind.INDEX),
)

ANGEL = Dialect(
    name="angel",
    toy=ToyAngel,
    venue=AngelVenue,
    instruments=INSTRUMENTS,
    tokens=lambda token: {"api_key": "key", "jwt_token": token, "feed_token": "feed"},
    tells_modes={Mode.LTP: "1", Mode.QUOTE: "3", Mode.DEPTH: "3"},
    tells_refusals=True,
    garbage=(b"\x03\x01", b"\x09" + bytes(378), b"\x03" + bytes(377), "not json", "[]"),
    fields=(
        *("open", "high", "low", "close", "volume", "average_price", "last_quantity"),
        *("total_buy_quantity", "total_sell_quantity"),
    ),
)
