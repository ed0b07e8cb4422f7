"""The books of one connection to Delta Exchange India, and which of them have to be subscribed anew. Pure.

A book that does not fit any more, whose snapshot does not come, or whose snapshot the exchange could not load, gets a
new one by being unsubscribed and subscribed again.
"""

from __future__ import annotations

from collections.abc import Container

from adapters.delta.book import DeltaBook
from adapters.delta.wire import Book as Message
from market.ticks import Depth

# A book whose checksum never fits is the exchange's own doing: it is not asked for anew more often than this.
AGAIN_MS = 10_000.0
# "Resubscribe after a few seconds", the exchange says of a snapshot that it could not load.
FAILED_MS = 5_000.0

_NEVER = float("inf")


class Books:
    """They are kept by Delta's names. Times in ms since 1970 UTC."""

    def __init__(self) -> None:
        self._kept: dict[str, DeltaBook] = {}
        self._asked_ms: dict[str, float] = {}
        self._due_ms: dict[str, float] = {}
        self._again: dict[str, None] = {}
        self._next_ms = _NEVER

    def hold(self, name: str, unit: float) -> None:
        """Keep the book of `name`, `unit` coins a contract. One that is kept already stays, if its unit is the same."""
        book = self._kept.get(name)
        if book is not None and book.unit != unit:
            self._again[name] = None
        if book is None or book.unit != unit:
            self._kept[name] = DeltaBook(unit)

    def drop(self, name: str) -> None:
        """Nothing comes of `name` any more."""
        for kept in (self._kept, self._asked_ms, self._again):
            kept.pop(name, None)
        self._in_order(name)

    def restart(self, wanted: Container[str]) -> None:
        """The connection is new: the books of `wanted` wait for their snapshots, the others are over."""
        for kept in (self._asked_ms, self._due_ms, self._again):
            kept.clear()
        self._next_ms = _NEVER
        self._kept = {name: book for name, book in self._kept.items() if name in wanted}
        for book in self._kept.values():
            book.drop()

    def take(self, name: str, message: Message, received_ms: float) -> Depth | str:
        """Return the book of `name` after `message`, or the name of the counter of what is wrong with it.

        Raises:
            DecodeError: a level is no number.
        """
        book = self._kept.get(name)
        if book is None:
            return "books_not_wanted"
        if message.action == "error":
            book.drop()
            self._ask_again(name, received_ms + FAILED_MS)
            return "book_errors"
        was_in_sync = book.in_sync
        if book.take(message):
            self._in_order(name)
            return book.depth()
        if was_in_sync or message.action == "snapshot":
            self._ask_again(name, received_ms)
            return "book_gaps"
        if name not in self._due_ms and name not in self._again:
            self._ask_again(name, received_ms + AGAIN_MS)  # the snapshot may be on its way
        return "changes_before_a_snapshot"

    def are_due(self, now_ms: float) -> bool:
        """Whether books have to be subscribed anew that did not before."""
        if now_ms < self._next_ms:
            return False
        found = [name for name, due_ms in self._due_ms.items() if due_ms <= now_ms]
        for name in found:
            del self._due_ms[name]
            self._again[name] = None
            self._asked_ms[name] = now_ms
        self._next_ms = min(self._due_ms.values(), default=_NEVER)
        return bool(found)

    def next_again(self) -> str | None:
        """Return the name of the next book that has to be subscribed anew; it counts as done."""
        name = next(iter(self._again), None)
        if name is not None:
            del self._again[name]
        return name

    def _ask_again(self, name: str, due_ms: float) -> None:
        if name in self._again:
            return
        due_ms = max(due_ms, self._asked_ms.get(name, -_NEVER) + AGAIN_MS)
        self._due_ms[name] = due_ms
        self._next_ms = min(self._next_ms, due_ms)

    def _in_order(self, name: str) -> None:
        if self._due_ms.pop(name, None) is not None:
            self._next_ms = min(self._due_ms.values(), default=_NEVER)
