"""The list of a new profile: what most traders of this market look at first, as far as it is known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Protocol

from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey, InstrumentKind

_FIXED = (
    (Exchange.NSE_INDEX, "NIFTY"),
    (Exchange.NSE_INDEX, "BANKNIFTY"),
    (Exchange.BSE_INDEX, "SENSEX"),
    (Exchange.NSE_INDEX, "INDIAVIX"),
    (Exchange.NSE, "RELIANCE"),
    (Exchange.NSE, "HDFCBANK"),
    (Exchange.NSE, "ICICIBANK"),
    (Exchange.NSE, "TCS"),
    (Exchange.NSE, "INFY"),
    (Exchange.NSE, "SBIN"),
)
_FUTURES = (
    (Exchange.NFO, "NIFTY"),
    (Exchange.NFO, "BANKNIFTY"),
    (Exchange.MCX, "GOLD"),
    (Exchange.MCX, "CRUDEOIL"),
    (Exchange.CDS, "USDINR"),
)
_CRYPTO = (
    (Exchange.CRYPTO, "BTCUSDFUT"),
    (Exchange.CRYPTO, "ETHUSDFUT"),
    (Exchange.CRYPTO, "BTCUSDT"),
    (Exchange.CRYPTO, "ETHUSDT"),
)
_SEARCHED = 200


class Known(Protocol):
    """The part of the instrument directory that is needed."""

    def search(self, text: str, limit: int = 20) -> list[Instrument]:
        """The best finds first."""

    def get(self, key: InstrumentKey) -> Instrument | None:
        """The details of `key`, or None."""


def starters(known: Known, today: date) -> list[InstrumentKey]:
    """Return the instruments to begin with, in the order of the list; those that nobody knows are left out."""
    keys = _present(known, _FIXED)
    for exchange, base in _FUTURES:
        near = _nearest(known.search(f"{base} FUT", _SEARCHED), exchange, base, InstrumentKind.FUTURE, today)
        keys += [instrument.key for instrument in near[:1]]
        if base == "NIFTY":
            keys += _at_the_money(known, today)
    return keys + _present(known, _CRYPTO)


def _present(known: Known, wanted: Iterable[tuple[Exchange, str]]) -> list[InstrumentKey]:
    keys = [InstrumentKey(exchange, symbol) for exchange, symbol in wanted]
    return [key for key in keys if known.get(key) is not None]


def _nearest(
    found: Iterable[Instrument], exchange: Exchange, base: str, kind: InstrumentKind, today: date
) -> list[Instrument]:
    """The contracts of `base` with the nearest expiry that has not passed."""
    alive = [
        (each.expiry, each)
        for each in found
        if each.kind is kind
        and each.key.exchange is exchange
        and each.expiry is not None
        and each.expiry >= today
        and each.key.symbol.startswith(base)
        and each.key.symbol[len(base) : len(base) + 1].isdigit()
    ]
    first = min((expiry for expiry, _ in alive), default=None)
    return [each for expiry, each in alive if expiry == first]


def _at_the_money(known: Known, today: date) -> list[InstrumentKey]:
    """A call and a put of the middle strike that is listed: there is no price yet to compare with."""
    found = [*known.search("NIFTY CE", _SEARCHED), *known.search("NIFTY PE", _SEARCHED)]
    options = _nearest(found, Exchange.NFO, "NIFTY", InstrumentKind.OPTION, today)
    strikes = sorted({option.strike for option in options if option.strike is not None})
    if not strikes:
        return []
    middle = strikes[len(strikes) // 2]
    return _ordered([option for option in options if option.strike == middle])


def _ordered(options: Sequence[Instrument]) -> list[InstrumentKey]:
    return [option.key for option in sorted(options, key=lambda option: str(option.right))]
