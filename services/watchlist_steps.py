"""The steps that were taken with the lists, to be taken back and done again."""

from __future__ import annotations

from collections import deque

from market.errors import InvalidRequestError
from services.watchlist_values import Watchlist

UNDO_STEPS = 50

State = tuple[Watchlist, ...]


class Steps:
    """What the lists were before each of the last steps, and a phrase for each step."""

    def __init__(self) -> None:
        self._undo: deque[tuple[str, State]] = deque(maxlen=UNDO_STEPS)
        self._redo: list[tuple[str, State]] = []

    @property
    def undoable(self) -> str | None:
        """What would be taken back, or None."""
        return self._undo[-1][0] if self._undo else None

    @property
    def redoable(self) -> str | None:
        """What would be done again, or None."""
        return self._redo[-1][0] if self._redo else None

    def take(self, phrase: str, before: State) -> None:
        """A step was taken from `before`; what was taken back earlier cannot be done again."""
        self._undo.append((phrase, before))
        self._redo.clear()

    def undo(self, now: State) -> tuple[str, State]:
        """Return the step that is taken back, and the lists before it.

        Raises:
            InvalidRequestError: there is none.
        """
        if not self._undo:
            raise InvalidRequestError("There is nothing to be undone")
        phrase, state = self._undo.pop()
        self._redo.append((phrase, now))
        return phrase, state

    def redo(self, now: State) -> tuple[str, State]:
        """Return the step that is done again, and the lists after it.

        Raises:
            InvalidRequestError: there is none.
        """
        if not self._redo:
            raise InvalidRequestError("There is nothing to be done again")
        phrase, state = self._redo.pop()
        self._undo.append((phrase, now))
        return phrase, state
