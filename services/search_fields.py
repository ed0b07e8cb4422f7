"""How traders spell each field of an instrument, and the segments in which finds are ranked. Pure."""

from __future__ import annotations

import re
from datetime import date

from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKind, OptionRight
from market.symbols import MONTHS, format_expiry, format_strike
from services.search_query import compact

Contract = tuple[InstrumentKind, OptionRight | None]

_LONG_MONTHS = (
    "JANUARY",
    "FEBRUARY",
    "MARCH",
    "APRIL",
    "MAY",
    "JUNE",
    "JULY",
    "AUGUST",
    "SEPTEMBER",
    "OCTOBER",
    "NOVEMBER",
    "DECEMBER",
)
_CONTRACT_WORDS = {
    InstrumentKind.INDEX: ("INDEX", "IDX"),
    InstrumentKind.EQUITY: ("EQ", "EQUITY", "SHARE", "STOCK"),
    InstrumentKind.FUTURE: ("FUT", "FUTURE"),
    InstrumentKind.OPTION: ("OPT", "OPTION"),
    InstrumentKind.SPOT: ("SPOT",),
    InstrumentKind.PERPETUAL: ("PERPETUAL", "SWAP", "FUT"),
}
_RIGHT_WORDS = {None: (), OptionRight.CALL: ("CE", "CALL"), OptionRight.PUT: ("PE", "PUT")}
_KIND_ORDER = {kind: position for position, kind in enumerate(InstrumentKind)}
_CURRENCY, _COMMODITY, _CRYPTO = 4, 5, 6
_SEGMENTS = {
    Exchange.CDS: _CURRENCY,
    Exchange.BCD: _CURRENCY,
    Exchange.MCX: _COMMODITY,
    Exchange.NCDEX: _COMMODITY,
    Exchange.NCO: _COMMODITY,
    Exchange.CRYPTO: _CRYPTO,
}
# Boards whose contracts trade far less than the same ones elsewhere.
_SECOND_BOARDS = {Exchange.BFO: 1, Exchange.BCD: 1, Exchange.NCDEX: 1, Exchange.NCO: 2}


def base_words(base: str) -> list[str]:
    """The words of a base symbol: `BAJAJ-AUTO` is found by itself, `BAJAJAUTO` and `AUTO`."""
    return [base, compact(base), *_parts(base)]


def name_words(name: str) -> list[str]:
    """The words of the name of a company or index."""
    return _parts(name)


def expiry_words(expiry: date | None) -> list[str]:
    """The spellings of an expiry: `25SEP25`, `5SEP`, `SEP25`, `SEPTEMBER`, the day, the year, the ISO date."""
    if expiry is None:
        return []
    month, year = MONTHS[expiry.month - 1], str(expiry.year)
    days = {str(expiry.day), f"{expiry.day:02d}"}
    dated = [f"{day}{month}{end}" for day in days for end in ("", year[2:], year)]
    undated = [month, _LONG_MONTHS[expiry.month - 1], month + year[2:], month + year, year]
    return [format_expiry(expiry), *dated, *undated, *days, expiry.isoformat()]


def strike_words(strike: float | None) -> list[str]:
    """A strike as symbols write it."""
    return [] if strike is None else [format_strike(strike)]


def contract_words(contract: Contract) -> list[str]:
    """What kind of contract it is: `FUT`, `CE`, `CALL`, `OPT`, `EQ`, `INDEX` …"""
    kind, right = contract
    return [*_RIGHT_WORDS[right], *_CONTRACT_WORDS[kind]]


def exchange_words(exchange: Exchange) -> list[str]:
    """The code of an exchange and its parts."""
    return [str(exchange), *_parts(str(exchange))]


def base_of(instrument: Instrument, expiry_texts: dict[date, str]) -> str:
    """Return what `instrument` is written on, else its own symbol. `expiry_texts` is kept between calls."""
    symbol, expiry = instrument.key.symbol.upper(), instrument.expiry
    if expiry is None:
        return symbol.removesuffix("FUT") if instrument.kind is InstrumentKind.PERPETUAL else symbol
    text = expiry_texts.get(expiry)
    if text is None:
        text = expiry_texts[expiry] = format_expiry(expiry)
    at = symbol.rfind(text)
    if at > 0:
        return symbol[:at]
    return symbol if instrument.underlying is None else instrument.underlying.symbol.upper()


def segment(exchange: Exchange, kind: InstrumentKind) -> int:
    """Return the place of a segment among finds that match equally well, below 128.

    Index, equity, future, option, currency, commodity, crypto; in each, futures before options and the board that
    trades most before the others.
    """
    group = _SEGMENTS.get(exchange, min(_KIND_ORDER[kind], 3))
    return group * 18 + _KIND_ORDER[kind] * 3 + _SECOND_BOARDS.get(exchange, 0)


def _parts(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.upper())
