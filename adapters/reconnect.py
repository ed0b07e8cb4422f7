"""When to try again: exponential backoff with full jitter, so that a thousand clients do not return at once.

Pure: time and randomness are arguments.
"""

from __future__ import annotations

import random
from collections.abc import Callable


class Backoff:
    """Delays drawn evenly between nothing and a ceiling that doubles with each failed attempt, up to a cap.

    A connection that held for `stable_s` seconds starts the count anew; one that broke sooner does not, or a peer
    that accepts and drops at once would be hammered.
    """

    def __init__(
        self,
        *,
        first_s: float = 1.0,
        cap_s: float = 30.0,
        stable_s: float = 60.0,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self._first_s = first_s
        self._cap_s = cap_s
        self._stable_s = stable_s
        self._draw = draw
        self._attempt = 0
        self._connected_at: float | None = None

    @property
    def attempt(self) -> int:
        """How many delays were handed out since the last stable connection."""
        return self._attempt

    def connected(self, now_s: float) -> None:
        """A connection was made at `now_s` (any steady clock)."""
        self._connected_at = now_s

    def reset(self) -> None:
        """What was tried has succeeded for good: the next failure is a first one."""
        self._attempt = 0

    def is_stable(self, now_s: float) -> bool:
        """Whether the connection, if there is one, has held long enough to be trusted."""
        return self._connected_at is not None and now_s - self._connected_at >= self._stable_s

    def next_delay(self, now_s: float) -> float:
        """The attempt or the connection has failed at `now_s`; return the seconds to wait before the next one."""
        if self.is_stable(now_s):
            self._attempt = 0
        self._connected_at = None
        ceiling = min(self._cap_s, self._first_s * 2.0 ** min(self._attempt, 32))
        self._attempt += 1
        return ceiling * self._draw()
