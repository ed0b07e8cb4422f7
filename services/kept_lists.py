"""The lists as they are now, each change of them written behind the caller, and the steps that led there."""

from __future__ import annotations

from collections.abc import Callable

from services.storage.database import Storage
from services.storage.watchlist_rows import SectionRow
from services.watchlist_steps import State, Steps
from services.watchlist_values import from_row, to_row


class KeptLists:
    """The lists of one profile. Reading the stored ones blocks for a moment, in the constructor only.

    Attributes:
        state: every list in order.
        collapsed: the ids of the sections that are folded.
        steps: what can be taken back and done again.
        highest_list, highest_section: the highest id that is stored, 0 for none.
    """

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        storage.pending.recover(storage.watchlists.save)
        rows = storage.watchlists.load()
        titles = [line for row in rows for line in row.lines if isinstance(line, SectionRow)]
        self.state: State = tuple(from_row(row) for row in rows)
        self.collapsed = frozenset(title.id for title in titles if title.collapsed)
        self.steps = Steps()
        self.highest_list = max((row.id for row in rows), default=0)
        self.highest_section = max((title.id for title in titles), default=0)
        self._listeners: list[Callable[[], None]] = []
        self._unsaved = False
        storage.on_failure(self._write_failed)

    def on_change(self, callback: Callable[[], None]) -> None:
        """Have `callback` called after every change."""
        self._listeners.append(callback)

    def step(self, what: str, state: State) -> None:
        """Take a step to `state`, unless that is what is there already."""
        if state != self.state:
            self.steps.take(what, self.state)
            self.become(state)

    def become(self, state: State) -> None:
        """Have other lists from now on, and store those that are other values than before."""
        before = self.state
        self.state = state
        self._save(state, before)
        for callback in tuple(self._listeners):
            callback()

    def save_again(self) -> bool:
        """Try once more to store what could not be stored; whether there was something."""
        if not self._unsaved:
            return False
        self._save(self.state, ())
        return True

    def _save(self, state: State, stored: State) -> None:
        """Store the order of all lists, and those that are not among the `stored` ones."""
        order = [known.id for known in state]
        kept = {} if self._unsaved else {known.id: known for known in stored}
        changed = [to_row(known, self.collapsed) for known in state if kept.get(known.id) is not known]
        self._unsaved = False
        pending, rows = self._storage.pending, self._storage.watchlists
        number = pending.begin(order, changed)

        def save() -> None:
            rows.save(order, changed)
            pending.done(number)

        self._storage.later(save)

    def _write_failed(self, _sentence: str) -> None:
        self._unsaved = True
