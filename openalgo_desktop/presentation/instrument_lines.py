"""How an instrument is named on screen, and what a typed line may mean."""

from __future__ import annotations

from datetime import date

from market.errors import InvalidRequestError
from market.exchanges import INDICES
from market.instruments import Instrument, InstrumentKey, InstrumentKind
from market.symbols import ParsedSymbol, format_strike, parse_key, parse_symbol
from openalgo_desktop.presentation import formats


def title(key: InstrumentKey) -> str:
    """Return the readable name of `key`: `RELIANCE`, `NIFTY 27 NOV 26000 CE`, `GOLD 5 DEC FUT`."""
    try:
        parts = parse_symbol(key.exchange, key.symbol)
    except InvalidRequestError:
        return key.symbol
    if parts.expiry is None:
        return key.symbol
    day, month, _year = formats.day(parts.expiry).split()
    return f"{parts.base} {day} {month.upper()} {_contract(parts)}"


def base(key: InstrumentKey) -> str:
    """Return what `key` is written on (`NIFTY`), or its own symbol."""
    try:
        return parse_symbol(key.exchange, key.symbol).base
    except InvalidRequestError:
        return key.symbol


def expiry(key: InstrumentKey) -> date | None:
    """Return the expiry that the symbol itself names, for contracts that no feed knows (any more)."""
    try:
        return parse_symbol(key.exchange, key.symbol).expiry
    except InvalidRequestError:
        return None


def _contract(parts: ParsedSymbol) -> str:
    if parts.strike is None or parts.right is None:
        return "FUT"
    return f"{format_strike(parts.strike)} {parts.right}"


def venue(key: InstrumentKey) -> str:
    """Return the exchange as it stands beside a name: `NSE`, `NSE index`."""
    return f"{key.exchange.removesuffix('_INDEX')} index" if key.exchange in INDICES else str(key.exchange)


def typed_key(text: str) -> InstrumentKey | None:
    """Return the key that `EXCHANGE:SYMBOL` names, or None where `text` is not that."""
    exchange, colon, symbol = text.partition(":")
    if not colon:
        return None
    try:
        return parse_key(exchange, symbol)
    except InvalidRequestError:
        return None


def details(instrument: Instrument, *, listed: bool = False) -> str:
    """Return the second half of a search result: name, lot, tick, expiry, and whether it is in the list already."""
    parts = [instrument.name if instrument.name.upper() != instrument.key.symbol else ""]
    if instrument.lot != 1:
        parts.append(f"lot {formats.quantity(instrument.lot)}")
    if instrument.kind is not InstrumentKind.INDEX:
        parts.append(f"tick {instrument.tick_size:.10f}".rstrip("0").rstrip("."))
    if instrument.expiry is not None:
        parts.append(formats.day(instrument.expiry))
    if listed:
        parts.append("already in list")
    return " · ".join(part for part in parts if part)
