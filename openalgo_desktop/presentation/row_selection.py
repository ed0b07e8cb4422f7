"""Which rows are selected, by their keys, so that a list that is sorted anew keeps its selection."""

from __future__ import annotations

from collections.abc import Sequence

from openalgo_desktop.presentation.list_lines import RowKey


class RowSelection:
    """One row, a run of rows from an anchor, or any rows. `keys` are without order."""

    def __init__(self) -> None:
        self.keys: frozenset[RowKey] = frozenset()
        self._anchor: RowKey | None = None

    def only(self, key: RowKey | None) -> None:
        """Select `key` alone; runs start from it."""
        self._anchor = key
        self.keys = frozenset() if key is None else frozenset((key,))

    def toggle(self, key: RowKey) -> None:
        """Add `key`, or take it out; runs start from it."""
        self._anchor = key
        self.keys = self.keys ^ {key}

    def extend(self, order: Sequence[RowKey], to: RowKey) -> None:
        """Select the run from the anchor to `to`, as the rows stand in `order`."""
        if self._anchor not in order:
            self.only(to)
            return
        first, last = sorted((order.index(self._anchor), order.index(to)))
        self.keys = frozenset(order[first : last + 1])

    def all(self, order: Sequence[RowKey]) -> None:
        """Select every row."""
        self.keys = frozenset(order)

    def retain(self, order: Sequence[RowKey]) -> None:
        """Forget rows that are not there any more."""
        self.keys &= frozenset(order)
