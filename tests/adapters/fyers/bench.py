"""Fyers for the conformance suite."""

from __future__ import annotations

from datetime import date

from adapters.fyers.broker import FyersVenue
from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey, InstrumentKind
from market.modes import Mode
from tests.adapters.conformance.bench import Dialect
from tests.doubles.toy_fyers import ToyFyers, data_frame, framed, snapshot


def _of(
    exchange: Exchange, symbol: str, token: str, ticker: str, kind: InstrumentKind = InstrumentKind.EQUITY
) -> Instrument:
    expiry = date(2026, 12, 29) if kind is InstrumentKind.FUTURE else None
    return Instrument(key=InstrumentKey(exchange, symbol), kind=kind, token=token, broker_symbol=ticker, expiry=expiry)


_FUTURE = InstrumentKind.FUTURE
INSTRUMENTS = (
    _of(Exchange.NFO, "NIFTY29DEC26FUT", "nse_fo|58088", "NSE:NIFTY26DECFUT", _FUTURE),
    _of(Exchange.NSE, "INFY", "nse_cm|1594", "NSE:INFY-EQ"),
    _of(Exchange.NSE, "RELIANCE", "nse_cm|2885", "NSE:RELIANCE-EQ"),
    _of(Exchange.NSE_INDEX, "NIFTY", "nse_cm|Nifty 50", "NSE:NIFTY50-INDEX", InstrumentKind.INDEX),
    _of(Exchange.BSE, "INFY", "bse_cm|500209", "BSE:INFY-A"),
    _of(Exchange.CDS, "USDINR29DEC26FUT", "cde_fo|1001", "NSE:USDINR26DECFUT", _FUTURE),
    _of(Exchange.BCD, "USDINR29DEC26FUT", "bcs_fo|1001", "BSE:USDINR26DECFUT", _FUTURE),
    _of(Exchange.MCX, "GOLD29DEC26FUT", "mcx_fo|1001", "MCX:GOLD26DECFUT", _FUTURE),
    _of(Exchange.NCO, "GOLD29DEC26FUT", "nse_com|1001", "NSE:GOLD26DECFUT", _FUTURE),
    _of(Exchange.NSE, "TCS", "nse_cm|11536", "NSE:TCS-EQ"),
)

FYERS = Dialect(
    name="fyers",
    toy=ToyFyers,
    venue=FyersVenue,
    instruments=INSTRUMENTS,
    tokens=lambda token: {"app_id": "APP-100", "access_token": token, "hsm_key": token},
    tells_modes={Mode.LTP: "sf", Mode.QUOTE: "sf", Mode.DEPTH: "sf+dp"},
    garbage=(
        b"\x00",
        "not json",
        framed(b"\x06\x00\x00\x00\x01\x00\x01"),
        data_frame(1, b"X"),
        data_frame(1, snapshot(1, "sf|nse_fo|58088", [1] * 21)[:-1]),
        data_frame(1, snapshot(1, "sf|nse_fo|58088", [1] * 21, multiplier=0)),
    ),
    fields=(
        *("open", "high", "low", "close", "volume", "average_price", "oi", "last_quantity"),
        *("total_buy_quantity", "total_sell_quantity"),
    ),
)
