"""Which columns are shown, in which order and how wide, and the sort: one value, kept in a profile as JSON text."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from openalgo_desktop.presentation.column_catalogue import BY_ID, STANDARD
from openalgo_desktop.presentation.columns import SYMBOL, Column
from openalgo_desktop.presentation.row_order import Sort

NARROWEST, WIDEST = 28, 600


@dataclass(frozen=True)
class ColumnLayout:
    """The shown columns, the first always that of names. `widths` has only those that the user chose."""

    ids: tuple[str, ...] = STANDARD
    widths: Mapping[str, int] = field(default_factory=dict)
    sort: Sort | None = None

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns themselves."""
        return tuple(BY_ID[each] for each in self.ids)

    def with_ids(self, ids: Sequence[str]) -> ColumnLayout:
        """Show these columns; names come first whether or not they are among them, unknown ones are left out."""
        known = [each for each in dict.fromkeys(ids) if each in BY_ID and each != SYMBOL.id]
        sort = self.sort if self.sort is not None and self.sort.column in (SYMBOL.id, *known) else None
        return replace(self, ids=(SYMBOL.id, *known), sort=sort)

    def toggled(self, column: str) -> ColumnLayout:
        """Hide `column`, or show it at the end."""
        if column in self.ids:
            return self.with_ids([each for each in self.ids if each != column])
        return self.with_ids([*self.ids, column])

    def moved(self, column: str, position: int) -> ColumnLayout:
        """Put `column` before the one at `position`, counted before the move; names stay first."""
        before = [each for each in self.ids[:position] if each != column]
        return self.with_ids([*before, column, *(each for each in self.ids[position:] if each != column)])

    def resized(self, column: str, width: int) -> ColumnLayout:
        """Make `column` so wide, in logical pixels; 0 gives it its natural width again."""
        widths = {each: wide for each, wide in self.widths.items() if each != column}
        if width:
            widths[column] = min(max(width, NARROWEST), WIDEST)
        return replace(self, widths=widths)

    def sorted_by(self, sort: Sort | None) -> ColumnLayout:
        """Sort rows by another column."""
        return replace(self, sort=sort)

    def to_text(self) -> str:
        """The layout as JSON text, the same for equal layouts."""
        fields = {"ids": list(self.ids), "widths": dict(self.widths), "sort": list(self.sort) if self.sort else None}
        return json.dumps(fields, sort_keys=True, separators=(",", ":"))


def read_layout(text: str) -> ColumnLayout:
    """Return the layout that `to_text` wrote; what cannot be read is as it is by default."""
    try:
        fields = json.loads(text)
    except ValueError:
        return ColumnLayout()
    if not isinstance(fields, dict):
        return ColumnLayout()
    ids, widths, sort = fields.get("ids"), fields.get("widths"), fields.get("sort")
    layout = ColumnLayout()
    if isinstance(ids, list) and all(isinstance(each, str) for each in ids):
        layout = layout.with_ids(ids)
    if isinstance(widths, dict):
        for column, width in widths.items():
            if column in BY_ID and isinstance(width, int) and width > 0:
                layout = layout.resized(column, width)
    if isinstance(sort, list) and len(sort) == 2 and sort[0] in layout.ids:
        layout = layout.sorted_by(Sort(sort[0], descending=bool(sort[1])))
    return layout
