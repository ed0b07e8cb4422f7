"""Upstox for the conformance suite."""

from __future__ import annotations

from datetime import date

from adapters.upstox.broker import UpstoxVenue
from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey, InstrumentKind
from market.modes import Mode
from tests.adapters.conformance.bench import Dialect
from tests.doubles.toy_upstox import ToyUpstox


def _of(exchange: Exchange, symbol: str, token: str, kind: InstrumentKind = InstrumentKind.EQUITY) -> Instrument:
    expiry = date(2026, 12, 29) if kind is InstrumentKind.FUTURE else None
    return Instrument(key=InstrumentKey(exchange, symbol), kind=kind, token=token, broker_symbol=symbol, expiry=expiry)


INSTRUMENTS = (
    _of(Exchange.NSE, "INFY", "NSE_EQ|INE009A01021"),
    _of(Exchange.NSE, "RELIANCE", "NSE_EQ|INE002A01018"),
    _of(Exchange.BSE, "INFY", "BSE_EQ|INE009A01021"),
    _of(Exchange.NSE_INDEX, "NIFTY", "NSE_INDEX|Nifty 50", InstrumentKind.INDEX),
    _of(Exchange.NFO, "NIFTY29DEC26FUT", "NSE_FO|58088", InstrumentKind.FUTURE),
    _of(Exchange.CDS, "USDINR29DEC26FUT", "NCD_FO|1001", InstrumentKind.FUTURE),
    _of(Exchange.BCD, "USDINR29DEC26FUT", "BCD_FO|1001", InstrumentKind.FUTURE),
    _of(Exchange.MCX, "GOLD29DEC26FUT", "MCX_FO|1001", InstrumentKind.FUTURE),
    _of(Exchange.NCO, "GOLD29DEC26FUT", "NSE_COM|1001", InstrumentKind.FUTURE),
    _of(Exchange.NSE, "TCS", "NSE_EQ|INE467B01029"),
)

UPSTOX = Dialect(
    name="upstox",
    toy=ToyUpstox,
    venue=UpstoxVenue,
    instruments=INSTRUMENTS,
    tokens=lambda token: {"access_token": token},
    tells_modes={Mode.LTP: "ltpc", Mode.QUOTE: "full", Mode.DEPTH: "full"},
    fields=(
        *("open", "high", "low", "close", "volume", "average_price", "oi", "last_quantity"),
        *("total_buy_quantity", "total_sell_quantity"),
    ),
)
