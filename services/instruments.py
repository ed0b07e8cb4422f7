"""Find an instrument by what a trader types: parts of its name in any order, `bnf 52000 pe`, `reliance`, `gold fut`."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from typing import NamedTuple

from market.errors import InvalidRequestError
from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey, InstrumentKind
from market.symbols import format_expiry, format_strike, parse_symbol

ALIASES = {"BNF": "BANKNIFTY", "FN": "FINNIFTY", "NF": "NIFTY"}

_KIND_ORDER = {kind: position for position, kind in enumerate(InstrumentKind)}
_BOARD_ORDER = {exchange: position for position, exchange in enumerate(Exchange)}


class _Entry(NamedTuple):
    instrument: Instrument
    symbol: str
    words: str
    """Upper case, each word after a blank."""


class _Table(NamedTuple):
    """What is known, replaced as a whole. `order` is the order in which equally good finds are shown."""

    entries: dict[InstrumentKey, _Entry]
    order: tuple[_Entry, ...]
    version: int = 0


class InstrumentDirectory:
    """The instruments known by now. `add` may run in a worker thread while the window searches.

    Args:
        today: the date when instruments are added; contracts that expired before it come last.
    """

    def __init__(self, *, today: Callable[[], date] = lambda: datetime.now(UTC).date()) -> None:
        self._today = today
        self._table = _Table({}, ())
        self._lock = threading.Lock()

    def add(self, instruments: Iterable[Instrument]) -> int:
        """Add instruments, replacing those of the same key; returns how many are known now."""
        fresh = {known.key: _Entry(known, known.key.symbol, _words(known)) for known in instruments}
        today = self._today()
        with self._lock:
            # A new table, so that a search which is under way keeps its own.
            entries = self._table.entries | fresh
            order = sorted(entries.values(), key=lambda entry: _place_in_order(entry.instrument, today))
            self._table = _Table(entries, tuple(order), self._table.version + 1)
            return len(entries)

    def get(self, key: InstrumentKey) -> Instrument | None:
        """The details of `key`, or None."""
        entry = self._table.entries.get(key)
        return None if entry is None else entry.instrument

    def __len__(self) -> int:
        return len(self._table.entries)

    @property
    def version(self) -> int:
        """A number that grows with every change."""
        return self._table.version

    def listed(self) -> list[Instrument]:
        """Everything that is known, in the order in which it is shown. Long lists take long: use a worker thread."""
        return [entry.instrument for entry in self._table.order]

    def search(self, text: str, limit: int = 20) -> list[Instrument]:
        """Return up to `limit` instruments in which every part of `text` occurs, best first.

        Exact symbols come before symbols that begin with the text, these before words that begin with its parts, these
        before any other place; then indices before equities, futures and options, and the nearest expiry first.
        """
        parts = text.upper().split()
        if not parts or limit <= 0:
            return []
        order = self._table.order
        finds = _finds(order, parts, limit)
        spelled = [ALIASES.get(part, part) for part in parts]
        if spelled != parts:
            finds = [mine + others for mine, others in zip(finds, _finds(order, spelled, limit), strict=True)]
        best = dict.fromkeys(entry.instrument for place in finds for entry in place)
        return list(best)[:limit]


def _finds(order: Sequence[_Entry], query: Sequence[str], limit: int) -> list[list[_Entry]]:
    """The entries that match, best kind of match first, each kind cut at `limit`."""
    joined = "".join(query)
    first, *others = (f" {part}" for part in query)
    exact: list[_Entry] = []
    prefix: list[_Entry] = []
    word: list[_Entry] = []
    inside: list[_Entry] = []
    for entry in _matching(order, query):
        _, symbol, words = entry
        if symbol.startswith(joined):
            (exact if symbol == joined else prefix).append(entry)
        elif len(word) < limit and first in words and all(part in words for part in others):
            word.append(entry)
        elif len(inside) < limit:
            inside.append(entry)
    return [exact, prefix[:limit], word, inside]


def _words(instrument: Instrument) -> str:
    exchange, symbol = instrument.key
    words = [symbol, *instrument.name.upper().split(), str(exchange)]
    if instrument.expiry is not None:
        expiry = format_expiry(instrument.expiry)
        words += [expiry, expiry[2:], instrument.right or "FUT"]
        words.append(_base(instrument))
    if instrument.strike is not None and instrument.right is not None:
        words.append(format_strike(instrument.strike))
    return " " + " ".join(words)


def _base(instrument: Instrument) -> str:
    if instrument.underlying is not None:
        return instrument.underlying.symbol
    try:
        return parse_symbol(instrument.key.exchange, instrument.key.symbol).base
    except InvalidRequestError:
        return instrument.key.symbol


def _matching(entries: Sequence[_Entry], query: Sequence[str]) -> Sequence[_Entry]:
    # The longest part rejects the most, so it looks first.
    for part in sorted(set(query), key=len, reverse=True):
        entries = [entry for entry in entries if part in entry[2]]
    return entries


def _place_in_order(instrument: Instrument, today: date) -> tuple[int, int, float, int, str, int]:
    days = (instrument.expiry - today).days if instrument.expiry is not None else 0
    distance = days if days >= 0 else 1_000_000 - days
    exchange, symbol = instrument.key
    # Among the boards that trade the same share the first of `Exchange` is the one that is meant.
    return _KIND_ORDER[instrument.kind], distance, instrument.strike or 0.0, len(symbol), symbol, _BOARD_ORDER[exchange]
