"""A token bucket: how many messages a client may send, on average and in a burst. Pure: time arrives as an argument."""

from __future__ import annotations


class TokenBucket:
    """Allows `rate` a second on average and `burst` at once."""

    __slots__ = ("_at_s", "_burst", "_rate", "_tokens")

    def __init__(self, rate: float, burst: float, now_s: float) -> None:
        self._rate = rate
        self._burst = burst
        self._tokens = burst
        self._at_s = now_s

    def take(self, now_s: float) -> bool:
        """Take one token; False if there is none. A clock that runs backwards gives none back."""
        elapsed = max(0.0, now_s - self._at_s)
        self._at_s = now_s
        self._tokens = min(self._burst, self._tokens + elapsed * self._rate)
        if self._tokens < 1.0:
            return False
        self._tokens -= 1.0
        return True
