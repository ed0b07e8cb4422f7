"""Which columns are shown, in which order and how wide, and the sort: one value, kept in a profile as JSON text."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from openalgo_desktop.presentation.column_catalogue import BY_ID, STANDARD
from openalgo_desktop.presentation.column_dress import ALIGNS, Writing, dressed
from openalgo_desktop.presentation.columns import SYMBOL, Column
from openalgo_desktop.presentation.row_order import Sort

NARROWEST, WIDEST = 28, 600


@dataclass(frozen=True)
class ColumnLayout:
    """The shown columns, the first always that of names. `widths` has only those that the user chose.

    The first `frozen` columns do not scroll sideways; `aligns` (`left`, `centre`, `right`) and `writings` (`full`,
    `short`) say how a column is written where that is not as usual.
    """

    ids: tuple[str, ...] = STANDARD
    widths: Mapping[str, int] = field(default_factory=dict)
    sort: Sort | None = None
    frozen: int = 1
    aligns: Mapping[str, str] = field(default_factory=dict)
    writings: Mapping[str, str] = field(default_factory=dict)

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns themselves."""
        return tuple(dressed(BY_ID[each], self.aligns.get(each), self.writings.get(each)) for each in self.ids)

    def with_ids(self, ids: Sequence[str]) -> ColumnLayout:
        """Show these columns; names come first whether or not they are among them, unknown ones are left out."""
        known = [each for each in dict.fromkeys(ids) if each in BY_ID and each != SYMBOL.id]
        sort = self.sort if self.sort is not None and self.sort.column in (SYMBOL.id, *known) else None
        return replace(self, ids=(SYMBOL.id, *known), sort=sort, frozen=min(self.frozen, len(known) + 1))

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

    def frozen_at(self, column: str) -> ColumnLayout:
        """Let the columns up to `column` stand still."""
        return replace(self, frozen=self.ids.index(column) + 1) if column in self.ids else self

    def aligned(self, column: str, align: str) -> ColumnLayout:
        """Let the text of `column` stand at the `left`, in the `centre` or at the `right`."""
        return replace(self, aligns={**self.aligns, column: align})

    def written(self, column: str, writing: str) -> ColumnLayout:
        """Write the numbers of `column` in `full` or `short`."""
        return replace(self, writings={**self.writings, column: writing})

    def to_text(self) -> str:
        """The layout as JSON text, the same for equal layouts."""
        fields: dict[str, object] = {
            "ids": list(self.ids),
            "widths": dict(self.widths),
            "sort": list(self.sort) if self.sort else None,
        }
        if self.frozen > 1:
            fields["frozen"] = self.frozen
        fields |= {name: dict(each) for name, each in (("aligns", self.aligns), ("writings", self.writings)) if each}
        return json.dumps(fields, sort_keys=True, separators=(",", ":"))


def read_layout(text: str) -> ColumnLayout:
    """Return the layout that `to_text` wrote; what cannot be read is as it is by default."""
    try:
        fields = json.loads(text)
    except ValueError:
        return ColumnLayout()
    if not isinstance(fields, dict):
        return ColumnLayout()
    ids, sort = fields.get("ids"), fields.get("sort")
    layout = ColumnLayout()
    if isinstance(ids, list) and all(isinstance(each, str) for each in ids):
        layout = layout.with_ids(ids)
    if isinstance(sort, list) and len(sort) == 2 and sort[0] in layout.ids:
        layout = layout.sorted_by(Sort(sort[0], descending=bool(sort[1])))
    return _read_looks(layout, fields)


def _read_looks(layout: ColumnLayout, fields: Mapping[str, object]) -> ColumnLayout:
    for column, width in _entries(fields, "widths"):
        if isinstance(width, int) and width > 0:
            layout = layout.resized(column, width)
    for column, align in _entries(fields, "aligns"):
        if isinstance(align, str) and align in ALIGNS:
            layout = layout.aligned(column, align)
    for column, writing in _entries(fields, "writings"):
        if isinstance(writing, str) and writing in set(Writing):
            layout = layout.written(column, writing)
    frozen = fields.get("frozen")
    if isinstance(frozen, int) and 1 <= frozen <= len(layout.ids):
        layout = layout.frozen_at(layout.ids[frozen - 1])
    return layout


def _entries(fields: Mapping[str, object], name: str) -> list[tuple[str, object]]:
    """The entries of the mapping `name` that are of known columns."""
    found = fields.get(name)
    return [(column, value) for column, value in found.items() if column in BY_ID] if isinstance(found, dict) else []
