"""Which rows are selected, by instrument, so that a list that is sorted anew keeps its selection."""

from __future__ import annotations

from collections.abc import Sequence

from market.instruments import InstrumentKey


class RowSelection:
    """One row, a run of rows from an anchor, or any rows. `keys` are without order."""

    def __init__(self) -> None:
        self.keys: frozenset[InstrumentKey] = frozenset()
        self._anchor: InstrumentKey | None = None

    def only(self, key: InstrumentKey | None) -> None:
        """Select `key` alone; runs start from it."""
        self._anchor = key
        self.keys = frozenset() if key is None else frozenset((key,))

    def toggle(self, key: InstrumentKey) -> None:
        """Add `key`, or take it out; runs start from it."""
        self._anchor = key
        self.keys = self.keys ^ {key}

    def extend(self, order: Sequence[InstrumentKey], to: InstrumentKey) -> None:
        """Select the run from the anchor to `to`, as the rows stand in `order`."""
        if self._anchor not in order:
            self.only(to)
            return
        first, last = sorted((order.index(self._anchor), order.index(to)))
        self.keys = frozenset(order[first : last + 1])

    def all(self, order: Sequence[InstrumentKey]) -> None:
        """Select every row."""
        self.keys = frozenset(order)

    def retain(self, order: Sequence[InstrumentKey]) -> None:
        """Forget rows that are not there any more."""
        self.keys &= frozenset(order)
