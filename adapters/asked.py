"""What is wanted on a connection, against what was asked for on it: the difference, in batches. Pure.

Every broker's conversation needs this: subscriptions change while others are being asked for, and after a reconnect
everything is asked for again.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from enum import Enum
from typing import Generic, NamedTuple, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V", bound=Hashable)


class Change(Enum):
    """How what is wanted differs from what was asked for."""

    GONE = "gone"
    NEW = "new"
    CHANGED = "changed"


class Batch(NamedTuple, Generic[K, V]):
    """Things that differ in the same way. `value` is the one wanted; for `GONE` the one that had been asked for.

    `before` is what had been asked for where it has `CHANGED`, else None.
    """

    change: Change
    value: V
    items: list[K]
    before: V | None = None


class Asked(Generic[K, V]):
    """Keys with a value each, such as tokens with a mode."""

    def __init__(self) -> None:
        self._wanted: dict[K, V] = {}
        self._said: dict[K, V] = {}
        self._dirty: dict[K, None] = {}

    def want(self, key: K, value: V) -> None:
        """`key` is wanted with `value`."""
        self._wanted[key] = value
        self._note(key)

    def let_go(self, key: K) -> None:
        """`key` is wanted no more."""
        self._wanted.pop(key, None)
        self._note(key)

    def restart(self) -> None:
        """The connection is new: nothing has been asked for on it."""
        self._said.clear()
        self._dirty = dict.fromkeys(self._wanted)

    def again(self, key: K) -> None:
        """Ask for `key` once more, if it is wanted: what was said did not take."""
        self._said.pop(key, None)
        self._note(key)

    def wanted(self, key: K) -> V | None:
        """The value that `key` is wanted with, or None."""
        return self._wanted.get(key)

    def said(self, key: K) -> V | None:
        """The value that `key` was asked for with on this connection, or None."""
        return self._said.get(key)

    def next_batch(self, most: int) -> Batch[K, V] | None:
        """Return up to `most` keys that differ in the same way, and count them as asked for; None if nothing differs.

        What is gone comes first: it makes room.
        """
        first: tuple[int, Change, V, V | None] | None = None
        items: list[K] = []
        for key in self._dirty:
            change, value, before = self._difference(key)
            place = 0 if change is Change.GONE else 1
            if first is None or place < first[0]:
                first, items = (place, change, value, before), []
            if (change, value, before) == first[1:] and len(items) < most:
                items.append(key)
        if first is None:
            return None
        _, change, value, before = first
        for key in items:
            del self._dirty[key]
            if change is Change.GONE:
                del self._said[key]
            else:
                self._said[key] = value
        return Batch(change, value, items, before)

    def __iter__(self) -> Iterator[K]:
        return iter(self._wanted)

    def __len__(self) -> int:
        return len(self._wanted)

    def __contains__(self, key: object) -> bool:
        return key in self._wanted

    def _note(self, key: K) -> None:
        if self._wanted.get(key) == self._said.get(key):
            self._dirty.pop(key, None)
        else:
            self._dirty[key] = None

    def _difference(self, key: K) -> tuple[Change, V, V | None]:
        wanted, said = self._wanted.get(key), self._said.get(key)
        if wanted is None:
            assert said is not None, "a key that is neither wanted nor said is not dirty"
            return Change.GONE, said, None
        return (Change.NEW, wanted, None) if said is None else (Change.CHANGED, wanted, said)
