"""Find an instrument by what a trader types: parts of its name in any order, `bnf 52000 pe`, `reliance`, `gold fut`."""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from typing import NamedTuple

from market.errors import InvalidRequestError
from market.instruments import Instrument, InstrumentKey, InstrumentKind
from market.symbols import format_expiry, format_strike, parse_symbol

ALIASES = {"BNF": "BANKNIFTY", "FN": "FINNIFTY", "NF": "NIFTY"}

_KIND_ORDER = {kind: position for position, kind in enumerate(InstrumentKind)}
_EXACT, _PREFIX, _WORD_PREFIX, _SUBSTRING = range(4)


class _Entry(NamedTuple):
    instrument: Instrument
    words: str
    """Upper case, each word after a blank."""


_Rank = tuple[int, int, int, float, int, str]


class InstrumentDirectory:
    """The instruments known by now. `add` may run in a worker thread while the window searches.

    Args:
        today: the date now; contracts that expired before it come last.
    """

    def __init__(self, *, today: Callable[[], date] = lambda: datetime.now(UTC).date()) -> None:
        self._today = today
        self._entries: dict[InstrumentKey, _Entry] = {}
        self._lock = threading.Lock()

    def add(self, instruments: Iterable[Instrument]) -> int:
        """Add instruments, replacing those of the same key; returns how many are known now."""
        fresh = {instrument.key: _Entry(instrument, _words(instrument)) for instrument in instruments}
        with self._lock:
            # A new table, so that a search which is under way keeps its own.
            self._entries = self._entries | fresh
            return len(self._entries)

    def get(self, key: InstrumentKey) -> Instrument | None:
        """The details of `key`, or None."""
        entry = self._entries.get(key)
        return None if entry is None else entry.instrument

    def __len__(self) -> int:
        return len(self._entries)

    def search(self, text: str, limit: int = 20) -> list[Instrument]:
        """Return up to `limit` instruments in which every part of `text` occurs, best first.

        Exact symbols come before symbols that begin with the text, these before words that begin with its parts, these
        before any other place; then indices before equities, futures and options, and the nearest expiry first.
        """
        parts = text.upper().split()
        if not parts or limit <= 0:
            return []
        queries = [parts]
        spelled = [ALIASES.get(part, part) for part in parts]
        if spelled != parts:
            queries.append(spelled)
        entries = self._entries
        today = self._today()
        best: dict[InstrumentKey, _Rank] = {}
        for query in queries:
            for entry in _matching(entries.values(), query):
                rank = _rank(entry, query, today)
                known = best.get(entry.instrument.key)
                if known is None or rank < known:
                    best[entry.instrument.key] = rank
        top = heapq.nsmallest(limit, best.items(), key=lambda found: found[1])
        return [entries[key].instrument for key, _ in top]


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


def _matching(entries: Iterable[_Entry], query: Sequence[str]) -> list[_Entry]:
    # The longest part rejects the most, so it looks first.
    first, *others = sorted(query, key=len, reverse=True)
    found = [entry for entry in entries if first in entry.words]
    for part in others:
        found = [entry for entry in found if part in entry.words]
    return found


def _rank(entry: _Entry, query: Sequence[str], today: date) -> _Rank:
    instrument, words = entry
    symbol = instrument.key.symbol
    joined = "".join(query)
    if symbol == joined:
        place = _EXACT
    elif symbol.startswith(joined):
        place = _PREFIX
    elif all(f" {part}" in words for part in query):
        place = _WORD_PREFIX
    else:
        place = _SUBSTRING
    days = (instrument.expiry - today).days if instrument.expiry is not None else 0
    distance = days if days >= 0 else 1_000_000 - days
    return place, _KIND_ORDER[instrument.kind], distance, instrument.strike or 0.0, len(symbol), symbol
