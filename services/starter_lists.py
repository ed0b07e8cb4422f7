"""The lists that a trader may begin with: Nifty 50, F&O near month … Written as data, resolved by what is known.

Each is a JSON object: `name`, `about`, `instruments` (`EXCHANGE:SYMBOL`), and, where contracts are wanted that change
with the month, `near_futures` (an exchange, of which the next future of every base is taken) with the bases that come
`first`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple, Protocol

from market.errors import InvalidRequestError
from market.exchanges import Exchange, parse_exchange
from market.instruments import Instrument, InstrumentKey
from market.symbols import parse_key
from services.search_fields import base_of


class StarterList(NamedTuple):
    """One list as it is defined."""

    name: str
    about: str
    keys: tuple[InstrumentKey, ...] = ()
    near_futures: Exchange | None = None
    first: tuple[str, ...] = ()


class Known(Protocol):
    """The part of the instrument directory that is needed."""

    def get(self, key: InstrumentKey) -> Instrument | None:
        """The details of `key`, or None."""

    def futures(self, exchange: Exchange) -> list[Instrument]:
        """The futures that are known of `exchange`, in any order."""

    def exchanges(self) -> frozenset[Exchange]:
        """The exchanges of which anything is known."""


def parse_starter_lists(objects: Iterable[Mapping[str, Any]]) -> tuple[StarterList, ...]:
    """Return the lists that `objects` define, in their order."""
    return tuple(
        StarterList(
            each["name"],
            each["about"],
            tuple(_key(text) for text in each.get("instruments", ())),
            parse_exchange(each["near_futures"]) if "near_futures" in each else None,
            tuple(each.get("first", ())),
        )
        for each in objects
    )


def resolve(starter: StarterList, known: Known, today: date) -> tuple[InstrumentKey, ...]:
    """Return the instruments of `starter` on `today`, in its order.

    What an exchange is known not to list is left out; of an exchange that nobody has listed yet, everything stays.
    """
    listed = known.exchanges()
    keys = [key for key in starter.keys if key.exchange not in listed or known.get(key) is not None]
    if starter.near_futures is not None:
        keys += _near(known.futures(starter.near_futures), starter.first, today)
    return tuple(dict.fromkeys(keys))


def _near(futures: Iterable[Instrument], first: Sequence[str], today: date) -> list[InstrumentKey]:
    """The next future of each base: `first` in that order, the others by name."""
    texts: dict[date, str] = {}
    nearest: dict[str, tuple[date, InstrumentKey]] = {}
    for future in futures:
        if future.expiry is not None and future.expiry >= today:
            base = base_of(future, texts)
            nearest[base] = min(nearest.get(base, (date.max, future.key)), (future.expiry, future.key))
    ordered = [base for base in first if base in nearest] + sorted(nearest.keys() - set(first))
    return [nearest[base][1] for base in ordered]


def _key(text: str) -> InstrumentKey:
    exchange, colon, symbol = text.partition(":")
    if not colon:
        raise InvalidRequestError(f"{text!r} in a starter list is not EXCHANGE:SYMBOL")
    return parse_key(exchange, symbol)
