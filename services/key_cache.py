"""Answers about keys for five minutes, by keyed digest, so that Argon2 runs once per key and not once per client."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple

from services.storage.api_key_rows import ApiKeyRow

TTL_SECONDS = 300.0
REFUSED_TTL_SECONDS = 30.0
MOST_KNOWN = 1_000
MOST_REFUSED = 10_000


class Known(NamedTuple):
    """The answer for a digest: its row, or None for a key that is refused."""

    row: ApiKeyRow | None
    until: float


class KeyCache:
    """Two bounded tables, oldest out first, so that a flood of wrong keys pushes no right one out. Thread-safe."""

    def __init__(self, timer: Callable[[], float]) -> None:
        self._timer = timer
        self._known: OrderedDict[str, Known] = OrderedDict()
        self._refused: OrderedDict[str, Known] = OrderedDict()
        self._lock = threading.Lock()
        self.generation = 0
        """Grows with every change to the keys; an answer found before it is not kept."""

    def get(self, digest: str) -> Known | None:
        """The answer for `digest`, if it is still good."""
        with self._lock:
            found = self._known.get(digest) or self._refused.get(digest)
        return found if found is not None and self._timer() < found.until else None

    def put(self, digest: str, row: ApiKeyRow | None, generation: int) -> None:
        """Keep an answer that was found when `generation` was current."""
        table, most, ttl = (
            (self._refused, MOST_REFUSED, REFUSED_TTL_SECONDS)
            if row is None
            else (self._known, MOST_KNOWN, TTL_SECONDS)
        )
        with self._lock:
            if generation != self.generation:
                return
            table.pop(digest, None)
            table[digest] = Known(row, self._timer() + ttl)
            while len(table) > most:
                table.popitem(last=False)

    def drop_key(self, digest: str) -> None:
        """Forget `digest`, and every answer that is being found at this moment."""
        with self._lock:
            self.generation += 1
            self._known.pop(digest, None)
            self._refused.pop(digest, None)

    def __len__(self) -> int:
        return len(self._known) + len(self._refused)
