"""Find an instrument by what a trader types: parts of its name in any order, `bnf 52000 pe`, `reliance`, `gold fut`."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey
from services.search_fields import segment
from services.search_index import NOT_FOUND, Grades, Rows, SearchIndex
from services.search_query import Query, may_cross, parse_query, taken_apart
from services.search_ranking import Asked, Found, Ranking

_BOARD_ORDER = {exchange: position for position, exchange in enumerate(Exchange)}
# An index of so few, or of this part of the bulk, is made anew for every addition.
_FEW = 1_000
_PART = 32
_WARMING = ("ce", "fut")


class _Part(NamedTuple):
    """An index, and what it knows by key. `replaced` are rows that a later part knows better; None: there are none."""

    indexed: SearchIndex
    by_key: Mapping[InstrumentKey, Instrument]
    replaced: NDArray[np.bool_] | None = None


class _Table(NamedTuple):
    """What is known, replaced as a whole: the bulk of it, and what has been added since the bulk was indexed."""

    bulk: _Part
    recent: _Part
    size: int = 0
    version: int = 0

    @property
    def parts(self) -> tuple[_Part, ...]:
        return (self.bulk, self.recent) if len(self.recent.indexed) else (self.bulk,)

    def get(self, key: InstrumentKey) -> Instrument | None:
        return self.recent.by_key.get(key) or self.bulk.by_key.get(key)


class InstrumentDirectory:
    """The instruments known by now. `add` may run in a worker thread while the window searches.

    Args:
        today: the current date; contracts that expired before it come last in their segment.
        spot: the last price of an index, share or future, so that the strikes near it come first; None if not known.
        volume: how much of an instrument trades, None if not known; decides between finds that are equally good.
    """

    def __init__(
        self,
        *,
        today: Callable[[], date] = lambda: datetime.now(UTC).date(),
        spot: Asked | None = None,
        volume: Asked | None = None,
    ) -> None:
        self._today = today
        self._spot = spot
        self._volume = volume
        nothing = _Part(SearchIndex(()), {})
        self._table = _Table(nothing, nothing)
        self._lock = threading.Lock()

    def add(self, instruments: Iterable[Instrument]) -> int:
        """Add instruments, replacing those of the same key; returns how many are known now.

        A few are added quickly, also to a long list. Many are indexed anew; use a worker thread. Searches meanwhile go
        on in what was known before.
        """
        given = {instrument.key: instrument for instrument in instruments}
        with self._lock:
            table = self._table
            fresh = {key: each for key, each in given.items() if not _same(table.get(key), each)}
            if fresh:
                self._table = _extended(table, fresh)
            size = self._table.size
        if len(fresh) > _FEW:
            # Here rather than at the first key: the chains and futures of everything are looked up once.
            for text in _WARMING:
                self.search(text)
        return size

    def get(self, key: InstrumentKey) -> Instrument | None:
        """The details of `key`, or None."""
        return self._table.get(key)

    def __len__(self) -> int:
        return self._table.size

    @property
    def version(self) -> int:
        """A number that grows with every change."""
        return self._table.version

    def listed(self) -> list[Instrument]:
        """Everything that is known, by segment, expiry and symbol. Long lists take long: use a worker thread."""
        today = self._today()
        return sorted(_everything(self._table), key=lambda instrument: _place_in_list(instrument, today))

    def exchanges(self) -> frozenset[Exchange]:
        """The exchanges of which anything is known."""
        return frozenset().union(*(part.indexed.exchanges for part in self._table.parts))

    def exchanges_of(self, text: str) -> list[Exchange]:
        """The exchanges on which `search` finds anything for `text`, in their usual order."""
        query = parse_query(text)
        if query.is_empty:
            return []
        boards = frozenset().union(
            *(found.indexed.exchanges_among(found.grades) for found in _finds(self._table.parts, query))
        )
        return [exchange for exchange in Exchange if exchange in boards]

    def futures(self, exchange: Exchange) -> list[Instrument]:
        """The dated futures of `exchange`, in no particular order."""
        return self._gathered(lambda index: index.futures_on(exchange))

    def contracts(self, exchange: Exchange, base: str) -> list[Instrument]:
        """The dated futures and options of `exchange` on `base`, such as `NIFTY`, in no particular order."""
        return self._gathered(lambda index: index.contracts_on(exchange, base))

    def _gathered(self, rows_of: Callable[[SearchIndex], Rows]) -> list[Instrument]:
        found: list[Instrument] = []
        for part in self._table.parts:
            rows = rows_of(part.indexed)
            kept = rows if part.replaced is None else rows[~part.replaced[rows]]
            found += [part.indexed.rows[row] for row in kept]
        return found

    def search(self, text: str, limit: int = 20) -> list[Instrument]:
        """Return up to `limit` instruments in which every word of `text` occurs, best first.

        Words may be any of base symbol, name, expiry (`25sep`, `sep`, `25`), strike, kind (`fut`, `ce`, `call`),
        exchange, or their beginnings, in any order; `nfo:` or `exch:nfo` keeps to an exchange. Exact symbols come
        before whole names, symbols that begin with the text, words that begin with its words, words that contain them.
        Only where there is none of these, what was run together is taken apart (`nifty26000ce`), then one slip of a key
        is forgiven. Of equally good finds, indices come before equities, futures, options, currencies, commodities and
        crypto, the nearest expiry first, then the strike nearest to the spot price or the middle of the chain.
        """
        query = parse_query(text)
        if query.is_empty or limit <= 0:
            return []
        table = self._table
        ranking = Ranking(
            [part.indexed for part in table.parts], self._today().toordinal(), spot=self._spot, volume=self._volume
        )
        return ranking.best(_finds(table.parts, query), limit)


def _finds(parts: Sequence[_Part], query: Query) -> list[Found]:
    """What matches at the first way of looking that finds anything: the plain one, or one that forgives more."""
    apart = tuple(dict.fromkeys((*query.readings, *map(taken_apart, query.readings))))
    ways = [(query.readings, False, False)]
    if apart != query.readings:
        ways.append((apart, False, False))
    if any(map(may_cross, query.readings)):
        ways.append((query.readings, True, False))
    for readings, thorough, slips in (*ways, (apart, False, True)):
        asked = query._replace(readings=readings)
        finds = [Found(part.indexed, _grades(part, asked, thorough=thorough, slips=slips)) for part in parts]
        if any(found.is_any for found in finds):
            return finds
    return []


def _grades(part: _Part, query: Query, *, thorough: bool, slips: bool) -> Grades:
    """How well each instrument of `part` matches, in the reading that it matches best."""
    index = part.indexed
    grades = np.full(len(index), NOT_FOUND if query.readings[0] else 0, dtype=np.uint8)
    for place, words in enumerate(query.readings if query.readings[0] else ()):
        found = index.match(words, reading=place, thorough=thorough, slips=slips)
        np.minimum(grades, found, out=grades)
    if part.replaced is not None:
        grades[part.replaced] = NOT_FOUND
    if query.exchanges is not None:
        index.forget_others(grades, query.exchanges)
    return grades


def _extended(table: _Table, fresh: Mapping[InstrumentKey, Instrument]) -> _Table:
    """`table` and `fresh`, which replaces what has the same key."""
    recent = {**table.recent.by_key, **fresh}
    version = table.version + 1
    if len(recent) > max(_FEW, len(table.bulk.indexed) // _PART):
        whole = _indexed({**table.bulk.by_key, **recent})
        return _Table(whole, _indexed({}), len(whole.indexed), version)
    index = table.bulk.indexed
    known = [index.row_of(key) for key in recent if key in table.bulk.by_key]
    replaced = np.zeros(len(index), dtype=bool) if known else None
    if replaced is not None:
        replaced[known] = True
    size = len(index) + len(recent) - len(known)
    return _Table(table.bulk._replace(replaced=replaced), _indexed(recent), size, version)


def _indexed(by_key: Mapping[InstrumentKey, Instrument]) -> _Part:
    return _Part(SearchIndex(by_key.values()), by_key)


def _everything(table: _Table) -> Iterable[Instrument]:
    yield from (each for each in table.bulk.indexed.rows if each.key not in table.recent.by_key)
    yield from table.recent.indexed.rows


def _same(known: Instrument | None, given: Instrument) -> bool:
    return known is given or known == given


def _place_in_list(instrument: Instrument, today: date) -> tuple[int, int, float, int, str, int]:
    days = (instrument.expiry - today).days if instrument.expiry is not None else 0
    distance = days if days >= 0 else 1_000_000 - days
    exchange, symbol = instrument.key
    place = segment(exchange, instrument.kind)
    return place, distance, instrument.strike or 0.0, len(symbol), symbol, _BOARD_ORDER[exchange]
