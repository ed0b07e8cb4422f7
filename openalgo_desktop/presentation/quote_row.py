"""One row of the market watch: the last value of an instrument, and what of it is on the screen."""

from __future__ import annotations

from collections.abc import Sequence

from market.freshness import Freshness
from market.instruments import InstrumentKey
from market.ticks import Tick
from openalgo_desktop.presentation import formats, instrument_lines
from openalgo_desktop.presentation.columns import Column, RowStyle, Value
from openalgo_desktop.presentation.row_history import RowHistory

NEVER = float("-inf")


class QuoteRow:
    """One instrument on the board.

    `direction` is the sign of the day's change, `note` why there are no prices, `expired` says that its contract is no
    more (`expired 28 Nov`; empty for all others).
    """

    __slots__ = (
        "changed_cells",
        "direction",
        "dirty",
        "expired",
        "expires_today",
        "flash_digits",
        "flash_signs",
        "flash_starts",
        "flash_steps",
        "flushed_in",
        "freshness",
        "history",
        "key",
        "note",
        "pending",
        "revisions",
        "style",
        "texts",
        "tick",
        "title",
        "values",
        "venue",
        "waiting_ms",
    )

    def __init__(self, key: InstrumentKey, style: RowStyle, columns: Sequence[Column]) -> None:
        self.key = key
        self.title = instrument_lines.title(key)
        self.venue = instrument_lines.venue(key)
        self.style = style
        self.tick: Tick | None = None
        self.note = ""
        self.expired = ""
        self.expires_today = False
        self.freshness = Freshness.LIVE
        self.direction = 0
        self.history = RowHistory()
        # Ticks since the row was last written, and when the first of those came.
        self.pending = 0
        self.waiting_ms = 0.0
        self.changed_cells: list[int] = []
        self.write_anew(columns)

    def write_anew(self, columns: Sequence[Column]) -> None:
        """Forget what is on the screen; all of `columns` are written at the next flush, without flashing."""
        count = len(columns)
        self.values: list[Value] = [None] * count
        self.texts = [formats.UNKNOWN] * count
        self.revisions = [-1] * count
        self.flash_digits = [0] * count
        self.flash_signs = [0] * count
        self.flash_starts = [NEVER] * count
        self.flash_steps = [0] * count
        self.flushed_in = -1
        self.dirty = True
        for number, column in enumerate(columns):
            if column.fact is not None:
                self.values[number] = column.fact(self.style)
                self.texts[number] = column.text(self.values[number], self.style)

    @property
    def says(self) -> str:
        """What stands in the row instead of prices, as long as there are none."""
        return f"{self.expired} · Ctrl+R rolls it to the next expiry" if self.expired else self.note

    @property
    def stale(self) -> bool:
        """Whether the price may be old although its exchange trades: its feed is not there, or it alone is frozen."""
        return self.freshness.is_doubtful


def value_of(column: Column, row: QuoteRow) -> Value:
    """Return what `column` says of `row` now, or None while it is not known; also for columns not on the screen."""
    if column.fact is not None:
        return column.fact(row.style)
    if column.memory is not None:
        return column.memory.value(row.history)
    return None if row.tick is None else column.value(row.tick)
