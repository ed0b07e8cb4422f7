"""Which contract follows another: the same base, kind, right and strike, at the next expiry that is known."""

from __future__ import annotations

from datetime import date
from typing import Protocol

from market.errors import InvalidRequestError
from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey, InstrumentKind
from market.symbols import ParsedSymbol, parse_symbol


class Known(Protocol):
    """The part of the instrument directory that is needed."""

    def contracts(self, exchange: Exchange, base: str) -> list[Instrument]:
        """The dated contracts of `exchange` on `base`, in any order."""


def next_expiry(known: Known, key: InstrumentKey, today: date) -> InstrumentKey:
    """Return the contract that follows `key`, the first that has not expired by `today`.

    Raises:
        InvalidRequestError: `key` has no expiry, or nothing that follows it is known; the sentence says which.
    """
    parts = _dated(key)
    assert parts.expiry is not None
    later = [
        (each.expiry, each.key)
        for each in known.contracts(key.exchange, parts.base)
        if each.expiry is not None and each.expiry > parts.expiry and each.expiry >= today and _is_like(each, parts)
    ]
    if not later:
        strike = "" if parts.strike is None else " with its strike"
        raise InvalidRequestError(f"No later expiry of {key.symbol}{strike} is known")
    return min(later)[1]


def _dated(key: InstrumentKey) -> ParsedSymbol:
    try:
        parts = parse_symbol(key.exchange, key.symbol)
    except InvalidRequestError:
        parts = None
    if parts is None or parts.expiry is None:
        raise InvalidRequestError(f"{key.symbol} has no expiry")
    return parts


def _is_like(instrument: Instrument, parts: ParsedSymbol) -> bool:
    if parts.kind is InstrumentKind.FUTURE:
        return instrument.kind is InstrumentKind.FUTURE
    return instrument.right is parts.right and instrument.strike == parts.strike
