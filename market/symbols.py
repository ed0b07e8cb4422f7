"""OpenAlgo symbols: parse and format.

    equity, index      INFY, BAJAJ-AUTO, NIFTY
    future             BASE DDMMMYY FUT             BANKNIFTY30DEC25FUT
    option             BASE DDMMMYY STRIKE CE|PE    VEDL25APR24292.5CE (no trailing .0)
    crypto perpetual   BASE FUT                     BTCUSDFUT
    crypto spot        BTCINR, SOL_INR, BTCUSDT

The standard is OpenAlgo's (`docs/wire-protocol.md`, Symbols). A symbol alone is ambiguous (RELIANCE ends in CE),
so the exchange decides which forms can occur.
"""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple

from market.errors import InvalidRequestError
from market.exchanges import CASH, INDICES, Exchange, parse_exchange
from market.instruments import InstrumentKey, InstrumentKind, OptionRight

MAX_LENGTH = 64

MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_MONTH_NUMBER = {name: number for number, name in enumerate(MONTHS, start=1)}
_PLAIN = re.compile(r"[A-Z0-9][A-Z0-9&\-_.$]*")  # KALYANI$ is a share on BSE
_DATED = re.compile(
    r"(?P<base>.+?)(?P<day>\d{2})(?P<month>" + "|".join(MONTHS) + r")(?P<year>\d{2})"
    r"(?:FUT|(?P<strike>\d+(?:\.\d+)?)(?P<right>CE|PE))"
)
_RIGHTS = {right.value: right for right in OptionRight}


class ParsedSymbol(NamedTuple):
    """The parts of an OpenAlgo symbol. `strike` is in the instrument's currency."""

    exchange: Exchange
    kind: InstrumentKind
    base: str
    expiry: date | None = None
    strike: float | None = None
    right: OptionRight | None = None


def parse_symbol(exchange: Exchange, symbol: str) -> ParsedSymbol:
    """Return the parts of `symbol` as it stands on `exchange`.

    Raises:
        InvalidRequestError: `symbol` cannot be a symbol of that exchange; the sentence says why.
    """
    _check_plain(symbol)
    if exchange in INDICES:
        return ParsedSymbol(exchange, InstrumentKind.INDEX, symbol)
    if exchange in CASH:
        return ParsedSymbol(exchange, InstrumentKind.EQUITY, symbol)
    dated = _parse_dated(exchange, symbol)
    if dated is not None:
        return dated
    if exchange is not Exchange.CRYPTO:
        raise InvalidRequestError(
            f"{symbol!r} is not a contract of {exchange}; expected BASE+DDMMMYY+FUT or BASE+DDMMMYY+STRIKE+CE|PE"
        )
    if symbol.endswith("FUT") and len(symbol) > 3:
        return ParsedSymbol(exchange, InstrumentKind.PERPETUAL, symbol[:-3])
    return ParsedSymbol(exchange, InstrumentKind.SPOT, symbol)


def format_symbol(parts: ParsedSymbol) -> str:
    """Return the symbol made of `parts`: the inverse of `parse_symbol`.

    Raises:
        InvalidRequestError: a dated contract without its expiry.
    """
    if parts.kind is InstrumentKind.PERPETUAL:
        return f"{parts.base}FUT"
    if parts.expiry is None:
        if parts.kind in (InstrumentKind.FUTURE, InstrumentKind.OPTION):
            raise InvalidRequestError(f"The {parts.kind} on {parts.base} needs an expiry")
        return parts.base
    stem = f"{parts.base}{format_expiry(parts.expiry)}"
    if parts.strike is None or parts.right is None:
        return f"{stem}FUT"
    return f"{stem}{format_strike(parts.strike)}{parts.right}"


def format_expiry(expiry: date) -> str:
    """Return `expiry` as symbols write it: `30DEC25`."""
    return f"{expiry.day:02d}{MONTHS[expiry.month - 1]}{expiry.year % 100:02d}"


def format_strike(strike: float) -> str:
    """Return `strike` as symbols write it: `25000`, `292.5`; at most six digits after the point."""
    return f"{strike:.6f}".rstrip("0").rstrip(".")


def parse_key(exchange: str, symbol: str) -> InstrumentKey:
    """Return the canonical key for what a client wrote: trimmed, upper case, a known exchange, a possible symbol.

    Whether such an instrument exists is for the feeds to say, so derivative forms are not checked here.

    Raises:
        InvalidRequestError: an unknown exchange, or text that cannot be a symbol.
    """
    canonical = symbol.strip().upper()
    stem, levels = split_depth_suffix(canonical)
    _check_plain(stem if levels else canonical)
    return InstrumentKey(parse_exchange(exchange), canonical)


def can_be_symbol(text: str) -> bool:
    """Whether a client can name an instrument by `text` (`parse_key`): one that nobody can type need not be listed."""
    return len(text) <= MAX_LENGTH and _PLAIN.fullmatch(text) is not None


def split_depth_suffix(symbol: str) -> tuple[str, int | None]:
    """Split the streaming suffix that asks for deep books: `TCS:50` is `("TCS", 50)`, `TCS` is `("TCS", None)`.

    `TCS:050` has none: two keys never mean the same.
    """
    stem, colon, levels = symbol.rpartition(":")
    if colon and levels.isascii() and levels.isdigit() and len(levels) <= 3 and not levels.startswith("0"):
        return stem, int(levels)
    return symbol, None


def _check_plain(symbol: str) -> None:
    if not symbol:
        raise InvalidRequestError("The symbol is empty")
    if not can_be_symbol(symbol):
        raise InvalidRequestError(f"{symbol[:MAX_LENGTH]!r} cannot be a symbol")


def _parse_dated(exchange: Exchange, symbol: str) -> ParsedSymbol | None:
    found = _DATED.fullmatch(symbol)
    if found is None:
        return None
    base, day, month, year, strike, right = found.groups()
    try:
        expiry = date(2000 + int(year), _MONTH_NUMBER[month], int(day))
    except ValueError:
        return None
    if right is None:
        return ParsedSymbol(exchange, InstrumentKind.FUTURE, base, expiry)
    return ParsedSymbol(exchange, InstrumentKind.OPTION, base, expiry, float(strike), _RIGHTS[right])
