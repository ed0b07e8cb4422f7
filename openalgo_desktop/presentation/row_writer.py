"""Brings the texts and flashes of one row up to date: the work that is done for rows in view only, once per frame."""

from __future__ import annotations

from collections.abc import Sequence

from market.ticks import Tick
from openalgo_desktop.presentation import flash
from openalgo_desktop.presentation.columns import Column
from openalgo_desktop.presentation.flash import FlashStyle
from openalgo_desktop.presentation.quote_row import NEVER, QuoteRow
from openalgo_desktop.presentation.shown_account import ShownAccount


class RowWriter:
    """Writes what ticks say into `QuoteRow`s, and notes in `changed_cells` what must be painted."""

    def __init__(self, columns: Sequence[Column], account: ShownAccount, *, flashing: bool) -> None:
        self.flashing = flashing
        self.style = FlashStyle.BACKGROUND
        self.least_move = 0.0
        """How large a move must be to flash, in usual moves of the instrument; 0 for all of them."""
        self._account = account
        self.take_columns(columns)

    def take_columns(self, columns: Sequence[Column]) -> None:
        """Write these columns from now on."""
        self._all = range(len(columns))
        # What contracts say of themselves is written once, with the row.
        self._moving = tuple(
            (number, column) for number, column in enumerate(columns) if column.fact is None and column.memory is None
        )
        self._remembering = tuple(
            (number, column, column.memory) for number, column in enumerate(columns) if column.memory is not None
        )

    def write(self, row: QuoteRow, now_ms: float, *, on_screen: bool) -> None:
        """Take over the row's last value; a row that was not `on_screen` before does not flash."""
        row.dirty = False
        if row.flushed_in < 0:
            row.changed_cells = list(self._all)
        tick = row.tick
        if tick is None:
            return
        if row.pending and on_screen:
            self._account.write(row.pending, row.waiting_ms)
        direction = _sign(tick.change, row.style.decimals)
        turned, row.direction = direction != row.direction, direction
        self._write_cells(row, tick, now_ms, flashing=on_screen and self.flashing)
        if self._remembering:
            self._remember(row)
        row.pending = 0
        if turned:
            row.changed_cells = list(self._all)

    def _write_cells(self, row: QuoteRow, tick: Tick, now_ms: float, *, flashing: bool) -> None:
        values, texts, changed = row.values, row.texts, row.changed_cells
        for number, column in self._moving:
            value, before = column.value(tick), values[number]
            if value != before:
                values[number] = value
                text, shown = column.text(value, row.style), texts[number]
                if text != shown:
                    texts[number] = text
                    changed.append(number)
                if flashing and column.flashes and before is not None and value is not None:
                    self._flash(row, number, value - before, now_ms)
                    row.flash_digits[number] = flash.changed_digits(shown, text)

    def _remember(self, row: QuoteRow) -> None:
        for number, column, memory in self._remembering:
            revision = memory.revision(row.history)
            if revision != row.revisions[number]:
                row.revisions[number] = revision
                row.values[number] = value = memory.value(row.history)
                row.texts[number] = column.text(value, row.style)
                row.changed_cells.append(number)

    def _flash(self, row: QuoteRow, number: int, move: float, now_ms: float) -> None:
        if not flash.may_start(now_ms - row.flash_starts[number]):
            return
        if self.least_move and not flash.stands_out(move, row.pending, row.history.usual_move, self.least_move):
            return
        row.flash_signs[number] = 1 if move > 0.0 else -1
        row.flash_starts[number] = now_ms

    def fade(self, row: QuoteRow, now_ms: float) -> None:
        """Let the row's flashes grow weaker."""
        strength = flash.strength if self.style is FlashStyle.BACKGROUND else flash.steadiness
        for number, start in enumerate(row.flash_starts):
            if start == NEVER:
                continue
            step = strength(now_ms - start)
            if step != row.flash_steps[number]:
                row.flash_steps[number] = step
                if number not in row.changed_cells:
                    row.changed_cells.append(number)
            if step == 0:
                row.flash_starts[number] = NEVER


def _sign(value: float | None, decimals: int) -> int:
    """The sign of `value` as it reads: what rounds to zero has none."""
    rounded = round(value, decimals) if value is not None else 0.0
    return (rounded > 0) - (rounded < 0)
