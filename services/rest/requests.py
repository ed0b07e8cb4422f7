"""What the requests of most endpoints have in common: the key, the exchanges, the instrument. Pure."""

from __future__ import annotations

from market.errors import InvalidRequestError
from market.instruments import InstrumentKey
from market.symbols import parse_key
from services.rest.answers import RequestFailure
from services.rest.fields import Field, text

EXCHANGES = (
    "NSE",
    "NFO",
    "CDS",
    "BSE",
    "BFO",
    "BCD",
    "MCX",
    "NCDEX",
    "NCO",
    "NSE_INDEX",
    "BSE_INDEX",
    "MCX_INDEX",
    "GLOBAL_INDEX",
    "CRYPTO",
)
DERIVATIVE_EXCHANGES = ("NFO", "BFO", "MCX", "CDS", "BCD", "NCDEX", "NCO", "CRYPTO")

API_KEY = Field(text(1, 256))


def instrument_of(symbol: str, exchange: str) -> InstrumentKey:
    """The key of what was asked for.

    Raises:
        RequestFailure: there can be no such symbol.
    """
    try:
        return parse_key(exchange, symbol)
    except InvalidRequestError:
        raise RequestFailure(400, not_found(symbol, exchange)) from None


def not_found(symbol: str, exchange: str) -> str:
    """OpenAlgo's sentence about a symbol that nobody knows."""
    return (
        f"Symbol '{symbol[:64]}' not found for exchange '{exchange}'. "
        "Please verify the symbol name and ensure master contracts are downloaded."
    )
