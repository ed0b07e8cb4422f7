"""The rows of the market watch: last values, texts, flashes and freshness. Plain values, no Qt, no clock.

A tick only replaces a row's value and marks it; texts are made in `flush`, for visible rows, at the screen's rate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date

from market.freshness import Freshness
from market.instruments import Instrument, InstrumentKey
from market.ticks import Tick, Update
from openalgo_desktop.presentation import instrument_lines
from openalgo_desktop.presentation.columns import COLUMNS, Column, RowStyle
from openalgo_desktop.presentation.formats import NumberStyle
from openalgo_desktop.presentation.list_lines import Line, QuoteLine, RowKey, SectionKey, SectionLine
from openalgo_desktop.presentation.quote_row import NEVER, QuoteRow
from openalgo_desktop.presentation.row_expiry import expired
from openalgo_desktop.presentation.row_history import POINT_MS
from openalgo_desktop.presentation.row_order import Sort, arranged
from openalgo_desktop.presentation.row_writer import RowWriter
from openalgo_desktop.presentation.section_row import Row, SectionRow, arranged_rows
from openalgo_desktop.presentation.shown_account import ShownAccount
from openalgo_desktop.presentation.source_columns import Sourced

_MARKED = frozenset({Freshness.STALE, Freshness.FROZEN, Freshness.DELAYED, Freshness.SNAPSHOT})
"""States that a row shows by its ink or its edge."""


class QuoteBoard:
    """The rows of one list, and which of their cells must be painted again.

    `listed` are all instruments in the order of the list; `rows` are those that are shown, in the order in which they
    are, with the titles of sections.
    """

    def __init__(
        self,
        columns: Sequence[Column] = COLUMNS,
        *,
        numbers: NumberStyle = NumberStyle.INDIAN,
        flashing: bool = True,
    ) -> None:
        self.listed: list[QuoteRow] = []
        self.rows: list[Row] = []
        self._lines: list[Row] = []
        self._titles: dict[int, SectionRow] = {}
        self.sort: Sort | None = None
        self.account = ShownAccount()
        self._sampled_ms = NEVER
        self.columns = tuple(columns)
        self.writer = RowWriter(columns, self.account, flashing=flashing)
        self._numbers = numbers
        self._by_key: dict[InstrumentKey, QuoteRow] = {}
        self._flushes = 0
        self._matches: Callable[[QuoteRow], bool] | None = None
        self._today: date | None = None

    def __len__(self) -> int:
        return len(self.rows)

    def __contains__(self, key: object) -> bool:
        return key in self._by_key

    def row(self, key: InstrumentKey) -> QuoteRow | None:
        """The row of `key`, or None."""
        return self._by_key.get(key)

    def index(self, key: RowKey) -> int | None:
        """The position of an instrument or of a title among the rows that are shown, or None."""
        return next((at for at, row in enumerate(self.rows) if row.key == key), None)

    @property
    def quotes(self) -> list[QuoteRow]:
        """The instruments that are shown, in the order in which they are."""
        return [row for row in self.rows if isinstance(row, QuoteRow)]

    @property
    def row_keys(self) -> list[RowKey]:
        """The keys of all lines, shown or not, in the list's own order."""
        return [row.key for row in self._lines]

    def line_before(self, position: int) -> int:
        """The place in the list's own lines of what is dropped before the shown row at `position`, or behind all."""
        if position < len(self.rows):
            return self._lines.index(self.rows[position])
        last = self.rows[-1] if self.rows else None
        if last is None or isinstance(last, SectionRow):
            return len(self._lines)
        return self._lines.index(last) + 1

    def set_keys(self, keys: Iterable[InstrumentKey], find: Callable[[InstrumentKey], Instrument | None]) -> None:
        """Show `keys` in this order, without sections; see `set_lines`."""
        self.set_lines([QuoteLine(key) for key in keys], find)

    def set_lines(self, lines: Iterable[Line], find: Callable[[InstrumentKey], Instrument | None]) -> None:
        """Show these lines in this order; rows that stay keep their values. `find` gives contract details, or None."""
        quotes: dict[InstrumentKey, QuoteRow] = {}
        titles: dict[int, SectionRow] = {}
        self._lines = []
        for line in lines:
            if isinstance(line, SectionLine):
                title = self._titles.get(line.id) or SectionRow(SectionKey(line.id))
                title.name, title.collapsed = line.name, line.collapsed
                titles[line.id] = title
                self._lines.append(title)
            else:
                quotes[line.key] = row = self._row(line, find)
                self._lines.append(row)
        self._by_key, self._titles = quotes, titles
        self.listed = list(quotes.values())
        self.arrange()

    def _row(self, line: QuoteLine, find: Callable[[InstrumentKey], Instrument | None]) -> QuoteRow:
        row = self._by_key.get(line.key)
        if row is None:
            row = QuoteRow(line.key, self._style(line, find(line.key)), self.columns)
            self._judge_expiry(row)
        elif (row.style.flag, row.style.note) != line[1:]:
            row.style = replace(row.style, flag=line.flag, note=line.note)
            row.write_anew(self.columns)
        return row

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
        matches = self._matches
        kept = None if matches is None else lambda row: matches(row) or row.key == keep
        rows = arranged_rows(self._lines, matches=kept, order=self._ordered)
        changed = rows != self.rows
        self.rows = rows
        return changed

    def unfolded(self) -> list[Row]:
        """What is shown, with the rows of folded sections."""
        return arranged_rows(self._lines, matches=self._matches or (lambda _row: True), order=self._ordered)

    def _ordered(self, rows: Sequence[QuoteRow]) -> Sequence[QuoteRow]:
        sort = self.sort
        if sort is None:
            return rows
        column = next(each for each in self.columns if each.id == sort.column)
        return arranged(rows, column, descending=sort.descending)

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
            style = self._style(QuoteLine(row.key, row.style.flag, row.style.note), find(row.key))
            if style != row.style:
                row.style = style
                self._judge_expiry(row)
                row.write_anew(self.columns)

    def set_today(self, today: date) -> None:
        """Mark the contracts that expired before `today`, and those that expire on it."""
        self._today = today
        for row in self.listed:
            if self._judge_expiry(row):
                row.write_anew(self.columns)

    def _judge_expiry(self, row: QuoteRow) -> bool:
        """Write into `row` whether its contract is no more, or ends today; returns whether that is news."""
        before, expiry = (row.expired, row.expires_today), row.style.expiry
        row.expired = expired(expiry, self._today)
        row.expires_today = expiry is not None and expiry == self._today
        return before != (row.expired, row.expires_today)

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
                row.dirty = True
                if not row.pending:
                    row.waiting_ms = tick.received_ms
                row.pending += 1
                if tick.ltp != row.history.last:
                    row.history.move(tick.ltp)

    def sample(self, now_ms: float) -> None:
        """Let every row remember its price; called every second, it takes what is due."""
        if 0.0 <= now_ms - self._sampled_ms < POINT_MS:
            return
        self._sampled_ms = now_ms
        for row in self.listed:
            row.history.sample(now_ms)
            row.dirty = True

    def note_sources(self, view: Callable[[InstrumentKey], Sourced]) -> None:
        """Look at whose prices the rows show; meant for once a second."""
        for row in self.listed:
            source, second, is_stand_in = view(row.key)
            if row.history.note_source(source, second, is_stand_in=is_stand_in):
                row.dirty = True

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
            if isinstance(row, SectionRow):
                if row.refresh(now_ms):
                    row.changed_cells = list(range(len(self.columns)))
                    changed.append(position)
                continue
            if row.dirty:
                self.writer.write(row, now_ms, on_screen=row.flushed_in == self._flushes - 1)
            self.writer.fade(row, now_ms)
            if row.changed_cells:
                changed.append(position)
            row.flushed_in = self._flushes
        return changed

    def _style(self, line: QuoteLine, instrument: Instrument | None) -> RowStyle:
        if instrument is None:
            expiry = instrument_lines.expiry(line.key)
            return RowStyle(numbers=self._numbers, expiry=expiry, flag=line.flag, note=line.note)
        return RowStyle(
            instrument.decimals, self._numbers, instrument.lot, instrument.expiry, flag=line.flag, note=line.note
        )
