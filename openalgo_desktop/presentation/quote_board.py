"""The rows of the market watch: last values, texts, flashes and freshness. Plain values, no Qt, no clock.

A tick only replaces a row's value and marks it; texts are made in `flush`, for visible rows, at the screen's rate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from market.freshness import Freshness
from market.instruments import Instrument, InstrumentKey
from market.ticks import Tick, Update
from openalgo_desktop.presentation.columns import COLUMNS, Column, RowStyle
from openalgo_desktop.presentation.formats import NumberStyle
from openalgo_desktop.presentation.quote_row import QuoteRow
from openalgo_desktop.presentation.row_order import Sort, arranged
from openalgo_desktop.presentation.row_writer import RowWriter
from openalgo_desktop.presentation.shown_account import ShownAccount

_MARKED = frozenset({Freshness.STALE, Freshness.FROZEN, Freshness.DELAYED, Freshness.SNAPSHOT})
"""States that a row shows by its ink or its edge."""


class QuoteBoard:
    """The rows of one list, and which of their cells must be painted again.

    `listed` are all of them in the order of the list, `rows` those that are shown, in the order in which they are.
    """

    def __init__(
        self,
        columns: Sequence[Column] = COLUMNS,
        *,
        numbers: NumberStyle = NumberStyle.INDIAN,
        flashing: bool = True,
    ) -> None:
        self.listed: list[QuoteRow] = []
        self.rows: list[QuoteRow] = []
        self.sort: Sort | None = None
        self.account = ShownAccount()
        self.columns = tuple(columns)
        self.writer = RowWriter(columns, self.account, flashing=flashing)
        self._numbers = numbers
        self._by_key: dict[InstrumentKey, QuoteRow] = {}
        self._flushes = 0
        self._matches: Callable[[QuoteRow], bool] | None = None

    def __len__(self) -> int:
        return len(self.rows)

    def __contains__(self, key: object) -> bool:
        return key in self._by_key

    def row(self, key: InstrumentKey) -> QuoteRow | None:
        """The row of `key`, or None."""
        return self._by_key.get(key)

    def index(self, key: InstrumentKey) -> int | None:
        """The position of `key` among the rows that are shown, or None."""
        row = self._by_key.get(key)
        return self.rows.index(row) if row in self.rows else None

    def listed_index(self, key: InstrumentKey) -> int:
        """The position of `key` in the list's own order."""
        return self.listed.index(self._by_key[key])

    def set_keys(self, keys: Iterable[InstrumentKey], find: Callable[[InstrumentKey], Instrument | None]) -> None:
        """Show `keys` in this order; rows that stay keep their values. `find` gives contract details, or None."""
        fresh: dict[InstrumentKey, QuoteRow] = {}
        for key in keys:
            fresh[key] = self._by_key.get(key) or QuoteRow(key, self._style(find(key)), self.columns)
        self._by_key = fresh
        self.listed = list(fresh.values())
        self.arrange()

    def set_sort(self, sort: Sort | None) -> None:
        """Sort by a column that is shown; None for the list's own order."""
        self.sort = sort if sort is None or any(column.id == sort.column for column in self.columns) else None

    def set_filter(self, matches: Callable[[QuoteRow], bool] | None) -> None:
        """Show only the rows that match."""
        self._matches = matches

    def arrange(self, *, keep: InstrumentKey | None = None) -> bool:
        """Filter and sort by what is known now; returns whether other rows are shown, or in another order.

        `keep` is shown even if it matches no more: a row does not vanish under the reader's eyes.
        """
        matches, sort, rows = self._matches, self.sort, self.listed
        if matches is not None:
            rows = [row for row in rows if matches(row) or row.key == keep]
        if sort is not None:
            column = next(column for column in self.columns if column.id == sort.column)
            rows = arranged(rows, column, descending=sort.descending)
        changed = rows != self.rows
        self.rows = list(rows)
        return changed

    def set_columns(self, columns: Sequence[Column]) -> None:
        """Show other columns, or in another order."""
        if tuple(columns) == self.columns:
            return
        self.columns = tuple(columns)
        self.writer.take_columns(columns)
        self.set_sort(self.sort)
        for row in self.listed:
            row.write_anew(self.columns)

    def restyle(self, find: Callable[[InstrumentKey], Instrument | None]) -> None:
        """Contract details are known better than before: write prices with the digits that their tick size needs."""
        for row in self.listed:
            style = self._style(find(row.key))
            if style != row.style:
                row.style = style
                row.write_anew(self.columns)

    def set_numbers(self, numbers: NumberStyle) -> None:
        """Write all numbers in another style."""
        self._numbers = numbers
        for row in self.listed:
            row.style = replace(row.style, numbers=numbers)
            row.write_anew(self.columns)

    def apply(self, updates: Iterable[Update]) -> None:
        """Take new last values. Called for every batch of ticks, so it only stores and marks."""
        rows = self._by_key
        for tick, _changed in updates:
            row = rows.get(tick.key)
            if row is not None:
                row.tick = tick
                row.pending += 1
                if not row.dirty:
                    row.dirty = True
                    row.waiting_ms = tick.received_ms

    def set_note(self, key: InstrumentKey, note: str) -> None:
        """Say in the row of `key` why it has no prices; empty takes it back."""
        row = self._by_key.get(key)
        if row is not None and row.note != note:
            row.note = note
            row.dirty = True
            row.flushed_in = -1

    def set_freshness(self, judge: Callable[[Tick], Freshness]) -> None:
        """Judge every row that has a price; meant for once a second."""
        for row in self.listed:
            if row.tick is None:
                continue
            state = judge(row.tick)
            if state is not row.freshness:
                if _MARKED.intersection((state, row.freshness)):
                    row.flushed_in = -1
                    row.dirty = True
                row.freshness = state

    @property
    def doubtful(self) -> int:
        """How many rows of the list show a price that may be old."""
        return sum(row.stale for row in self.listed)

    def flush(self, first: int, last: int, now_ms: float) -> list[int]:
        """Bring the texts of rows `first` to `last` (exclusive) up to date.

        Returns the positions of rows with something to paint; each row says in `changed_cells` which cells.
        Rows that were not on screen at the previous flush are brought up to date without flashing.
        """
        self._flushes += 1
        changed = []
        for position in range(max(first, 0), min(last, len(self.rows))):
            row = self.rows[position]
            row.changed_cells = []
            if row.dirty:
                self.writer.write(row, now_ms, on_screen=row.flushed_in == self._flushes - 1)
            self.writer.fade(row, now_ms)
            if row.changed_cells:
                changed.append(position)
            row.flushed_in = self._flushes
        return changed

    def _style(self, instrument: Instrument | None) -> RowStyle:
        if instrument is None:
            return RowStyle(numbers=self._numbers)
        return RowStyle(instrument.decimals, self._numbers, instrument.lot, instrument.expiry)
