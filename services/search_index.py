"""A prebuilt index of instruments by every word they are found by. It never changes: more instruments, another index.

One row an instrument, in the order of symbols, so that what begins with some letters lies together. Each field is a
column of numbers of its distinct values (`search_words`), so that a typed word costs a few passes over small integers.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from datetime import date
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey, InstrumentKind
from services.search_fields import (
    base_of,
    base_words,
    contract_words,
    exchange_words,
    expiry_words,
    name_words,
    segment,
    strike_words,
)
from services.search_query import Words, compact
from services.search_words import INSIDE, NONE, SLIPPED, SLIPPED_NAME, Levels, WordColumn

SYMBOL, NAME, BEGINS, WORD, WITHIN, SLIP = range(6)
"""The grades of a find: symbol, whole name, beginning of the symbol, beginnings of words, inside of words, one slip."""

LOOSE, BETTER = 4, 32
"""A graded row is its grade times `BETTER`, plus `LOOSE` for each word not typed in full, plus the reading's place."""

NOT_FOUND = 255
_MOST_LOOSE = 7

Grades = NDArray[np.uint8]
"""By row, lower is better; `NOT_FOUND` where the row was not found."""

Rows = NDArray[np.int64]
Value = TypeVar("Value", bound=Hashable)

_BOARD_ORDER = {exchange: position for position, exchange in enumerate(Exchange)}
_GRADE_OF_LEVEL = np.array([WORD, WORD, WITHIN, SLIP, SLIP + 1], dtype=np.uint8) * np.uint8(BETTER)
_LONGEST_SYMBOL = 80
_PORTION = 10_000


class Chain(NamedTuple):
    """The options of one expiry."""

    exchange: Exchange
    base: str
    expiry: date


class _Field(NamedTuple):
    column: WordColumn
    values: Rows
    """For each row, the number of its value."""


class SearchIndex:
    """The index of `instruments`, of which no two have the same key. Making it takes long for long lists.

    Attributes:
        rows: the instruments by row.
        expiries: by row, the day number of the expiry, 0 without one.
        strikes: by row, not a number without one.
        places: by row, its place among rows that are equally good otherwise.
    """

    def __init__(self, instruments: Iterable[Instrument]) -> None:
        unsorted = list(instruments)
        order, symbols = _by_symbol(unsorted)
        self._symbols = symbols
        self._text = symbols.tobytes()
        self.rows = [unsorted[row] for row in order]
        self._read_fields()
        self._late = (0, np.zeros(0, dtype=np.int64))
        self._chains: dict[Chain, NDArray[np.float64]] = {}
        self._futures: dict[tuple[Exchange, str], list[Instrument]] = {}
        self.strikes = np.array([np.nan if each.strike is None else each.strike for each in self.rows], dtype=float)
        lengths = np.char.str_len(symbols)
        boards = np.array([_BOARD_ORDER[exchange] for exchange in self._exchanges], dtype=np.int64)[self._boards]
        by_place = np.lexsort((boards, self._symbol_numbers(), lengths, np.nan_to_num(self.strikes)))
        self.places = np.empty(len(by_place), dtype=np.int64)
        self.places[by_place] = np.arange(len(by_place))

    def __len__(self) -> int:
        return len(self.rows)

    def row_of(self, key: InstrumentKey) -> int:
        """Return the row of `key`, which is in the index."""
        first, end = self._beginning(key.symbol.upper())
        near = range(first, end) if end > first else range(len(self.rows))
        return next(row for row in near if self.rows[row].key == key)

    def match(self, words: Words, *, reading: int = 0, thorough: bool = False, slips: bool = False) -> Grades:
        """Grade the rows in which each of `words` occurs.

        Args:
            words: upper case; several together that begin a symbol count as well.
            reading: 0 to 3, the place of these words among other ways to read the same line.
            thorough: look into symbols across the borders of their parts too, for `26000CE` or `5NOV25`.
            slips: take words of four letters and more for such that are one slip of a key away.
        """
        # The longest word rejects the most, so it looks first, and the others look at what it has left.
        ordered = sorted(set(words), key=lambda word: (-len(word), word))
        first, *others = ordered
        levels = self._levels(first, None, thorough=thorough, slips=slips)
        if not others:
            grades = np.append(_GRADE_OF_LEVEL + reading, np.uint8(NOT_FOUND))[levels]
        else:
            rows = np.flatnonzero(levels < NONE)
            rows, worst, loose = self._narrowed(others, rows, levels[rows], thorough=thorough, slips=slips)
            grades = np.full(len(self.rows), NOT_FOUND, dtype=np.uint8)
            grades[rows] = _GRADE_OF_LEVEL[worst] + np.minimum(loose, _MOST_LOOSE) * LOOSE + reading
        self._grade_whole(words, grades, reading)
        return grades

    def _narrowed(
        self, words: Sequence[str], rows: Rows, worst: Levels, *, thorough: bool, slips: bool
    ) -> tuple[Rows, Levels, Levels]:
        """Those of `rows` in which `words` occur too, the worst level of each, and how many words are not in full."""
        loose = (worst > 0).astype(np.uint8)
        for word in words:
            levels = self._levels(word, rows, thorough=thorough, slips=slips)
            kept = np.flatnonzero(levels < NONE)
            levels = levels[kept]
            rows, worst, loose = rows[kept], np.maximum(worst[kept], levels), loose[kept] + (levels > 0)
        return rows, worst, loose

    def forget_others(self, grades: Grades, exchanges: frozenset[str]) -> None:
        """Take out of `grades` what does not trade on one of `exchanges`."""
        unwanted = np.array([exchange not in exchanges for exchange in self._exchanges], dtype=bool)
        grades[unwanted[self._boards]] = NOT_FOUND

    def late(self, today: int) -> NDArray[np.int64]:
        """By row, below `1 << 32`: the segment, whether the contract has expired by day `today`, days to or from it."""
        day, late = self._late
        if day != today:
            days = np.where(self.expiries > 0, self.expiries - today, 0)
            late = (self._segments << 22) + ((days < 0) << 21) + np.minimum(np.abs(days), (1 << 21) - 1)
            self._late = today, late
        return late

    def chains_of(self, rows: Rows) -> Iterable[tuple[Chain, Rows]]:
        """Yield each chain that has a strike in `rows`, and the places in `rows` of those that belong to it."""
        dated = np.flatnonzero(~np.isnan(self.strikes[rows]))
        if not len(dated):
            return
        numbers = self._chain_numbers(rows[dated])
        # Each chain in one piece: looking for the members of one after the other takes long where there are many.
        order = np.argsort(numbers, kind="stable")
        starts = np.flatnonzero(np.diff(numbers[order], prepend=-1))
        for members in np.split(dated[order], starts[1:]):
            row = rows[members[0]]
            expiry = date.fromordinal(int(self.expiries[row]))
            yield Chain(self.rows[row].key.exchange, self._bases[self._base.values[row]], expiry), members

    def strikes_of(self, chain: Chain) -> NDArray[np.float64]:
        """The strikes of `chain`, ascending, each once; empty where it is not known."""
        known = self._chains.get(chain)
        if known is None:
            # Threads that search at the same time find the same.
            known = self._chains[chain] = self._read_chain(chain)
        return known

    def futures_of(self, chain: Chain) -> list[Instrument]:
        """The futures on what `chain` is written on, on its exchange, the next to expire first."""
        known = self._futures.get(chain[:2])
        if known is None:
            near = self._rows_on(chain)
            near = near[(self.expiries[near] > 0) & np.isnan(self.strikes[near])]
            known = [self.rows[row] for row in near[np.argsort(self.expiries[near], kind="stable")]]
            self._futures[chain[:2]] = known
        return known

    @property
    def exchanges(self) -> frozenset[Exchange]:
        """The exchanges of which there is anything."""
        return frozenset(self._exchanges)

    def exchanges_among(self, grades: Grades) -> frozenset[Exchange]:
        """The exchanges of the rows that were found."""
        return frozenset(self._exchanges[number] for number in np.unique(self._boards[grades < NOT_FOUND]))

    def futures_on(self, exchange: Exchange) -> Rows:
        """The rows of the dated futures of `exchange`."""
        if exchange not in self._exchanges:
            return np.zeros(0, dtype=np.int64)
        here = self._boards == self._exchanges.index(exchange)
        return np.flatnonzero(here & (self.expiries > 0) & np.isnan(self.strikes))

    def contracts_on(self, exchange: Exchange, base: str) -> Rows:
        """The rows of the dated contracts of `exchange` on `base`."""
        near = self._rows_on(Chain(exchange, base, date.min))
        return near[self.expiries[near] > 0]

    def _read_chain(self, chain: Chain) -> NDArray[np.float64]:
        near = self._rows_on(chain)
        near = near[self.expiries[near] == chain.expiry.toordinal()]
        strikes = self.strikes[near]
        return np.unique(strikes[~np.isnan(strikes)])

    def _rows_on(self, chain: Chain) -> Rows:
        """The contracts of the exchange and the base of `chain`."""
        base = self._base_numbers.get(chain.base)
        if base is None or chain.exchange not in self._exchanges:
            return np.zeros(0, dtype=np.int64)
        near = self._by_base[self._base_starts[base] : self._base_starts[base + 1]]
        here: Rows = near[self._boards[near] == self._exchanges.index(chain.exchange)]
        return here

    # Making it

    def _read_fields(self) -> None:
        rows, texts = self.rows, dict[date, str]()
        self._base, self._bases = _field((base_of(each, texts) for each in rows), base_words)
        self._base_numbers = {base: number for number, base in enumerate(self._bases)}
        self._by_base = np.argsort(self._base.values, kind="stable")
        self._base_starts = np.searchsorted(self._base.values[self._by_base], np.arange(len(self._bases) + 1))
        self._name, names = _field((each.name for each in rows), name_words)
        expiry, expiries = _field((each.expiry for each in rows), expiry_words)
        strike, _ = _field((each.strike for each in rows), strike_words)
        contract, contracts = _field(((each.kind, each.right) for each in rows), contract_words)
        exchange, self._exchanges = _field((each.key.exchange for each in rows), exchange_words)
        self._fields = (self._base, self._name, expiry, strike, contract, exchange)
        self._boards = exchange.values
        days = [0 if day is None else day.toordinal() for day in expiries]
        self.expiries = np.array(days, dtype=np.int64)[expiry.values]
        self._plain = np.array(
            [kind in (InstrumentKind.INDEX, InstrumentKind.EQUITY) for kind, _ in contracts], dtype=bool
        )
        self._contracts = contract.values
        ranks = [[segment(board, kind) for kind, _ in contracts] for board in self._exchanges]
        table = np.array(ranks, dtype=np.int64).reshape(len(self._exchanges), len(contracts))
        self._segments = table[self._boards, contract.values]
        self._named: dict[str, list[int]] = {}
        for number, name in enumerate(names):
            self._named.setdefault(compact(name), []).append(number)

    def _symbol_numbers(self) -> Rows:
        """Rows of the same symbol get the same number, so that the exchange decides between them."""
        fresh = np.ones(len(self._symbols), dtype=bool)
        fresh[1:] = self._symbols[1:] != self._symbols[:-1]
        numbers: Rows = np.cumsum(fresh)
        return numbers

    def _chain_numbers(self, rows: Rows) -> Rows:
        bases, boards = len(self._bases) + 1, len(self._exchanges) + 1
        numbers: Rows = (self.expiries[rows] * bases + self._base.values[rows]) * boards + self._boards[rows]
        return numbers

    # Looking

    def _levels(self, word: str, rows: Rows | None, *, thorough: bool, slips: bool) -> Levels:
        """How well each of `rows`, or of all, meets `word` in the field that meets it best."""
        count = len(self.rows) if rows is None else len(rows)
        best: Levels = np.full(count, NONE, dtype=np.uint8)
        for field in self._fields:
            self._take_best(best, field, field.column.match(word), rows)
        if slips:
            self._take_best(best, self._base, self._base.column.match_slipped(word), rows)
            in_name = self._name.column.match_slipped(word)
            if in_name is not None:
                in_name[in_name == SLIPPED] = SLIPPED_NAME
            self._take_best(best, self._name, in_name, rows)
        if thorough:
            inside = np.full(len(self.rows), NONE, dtype=np.uint8)
            inside[self._rows_with_symbol_around(word)] = INSIDE
            np.minimum(best, inside if rows is None else inside[rows], out=best)
        return best

    @staticmethod
    def _take_best(best: Levels, field: _Field, levels: Levels | None, rows: Rows | None) -> None:
        if levels is not None:
            np.minimum(best, levels[field.values if rows is None else field.values[rows]], out=best)

    def _grade_whole(self, words: Words, grades: Grades, reading: int) -> None:
        """Grade what the words mean when they are read as one: a symbol, its beginning, a whole name."""
        joined = "".join(words)
        first, end = self._beginning(joined)
        grades[first:end] = np.minimum(grades[first:end], BEGINS * BETTER + reading)
        numbers = self._named.get(compact(joined) or "-")
        if numbers is not None:
            grades[np.isin(self._name.values, numbers) & self._plain[self._contracts]] = NAME * BETTER + reading
        whole = self._symbols[first:end] == joined.encode()
        grades[first:end][whole] = SYMBOL * BETTER + reading

    def _beginning(self, text: str) -> tuple[int, int]:
        """The rows whose symbols begin with `text`."""
        begin = text.encode()
        if not begin or len(begin) >= self._symbols.itemsize or b"\0" in begin:
            return 0, 0
        # 0xFF is in no UTF-8 text, so that it is behind everything that begins so.
        end = begin.ljust(self._symbols.itemsize, b"\xff")
        bounds = np.searchsorted(self._symbols, np.array([begin, end], dtype=self._symbols.dtype))
        return int(bounds[0]), int(bounds[1])

    def _rows_with_symbol_around(self, word: str) -> list[int]:
        width, sought, rows = self._symbols.itemsize, word.encode(), list[int]()
        at = self._text.find(sought)
        while at >= 0:
            rows.append(at // width)
            at = self._text.find(sought, (at // width + 1) * width)
        return rows


def _field(values: Iterable[Value], words_of: Callable[[Value], list[str]]) -> tuple[_Field, list[Value]]:
    """Number the distinct values of a field."""
    numbers: dict[Value, int] = {}
    column = np.fromiter((numbers.setdefault(value, len(numbers)) for value in values), dtype=np.int64)
    distinct = list(numbers)
    return _Field(WordColumn([words_of(value) for value in distinct]), column), distinct


def _by_symbol(instruments: Sequence[Instrument]) -> tuple[list[int], NDArray[np.bytes_]]:
    """The order of the symbols, and the symbols in it, each with a zero byte behind it at least.

    numpy sorts without holding the interpreter, as sorting a list would for a fifth of a second.
    """
    encoded = [each.key.symbol.upper().encode()[:_LONGEST_SYMBOL] for each in instruments]
    symbols = np.empty(len(encoded), dtype=f"S{max(map(len, encoded), default=0) + 1}")
    for start in range(0, len(encoded), _PORTION):
        symbols[start : start + _PORTION] = encoded[start : start + _PORTION]
    order = np.argsort(symbols, kind="stable")
    return order.tolist(), symbols[order]
