"""Keeps requests under a source's rate limits: a token bucket. Pure: time is an argument."""

from __future__ import annotations


class TokenBucket:
    """Hands out `rate_per_s` tokens a second, and up to `burst` at once after a pause.

    Within any second at most `burst + rate_per_s` are spent: choose the two so that the sum is within the limit.
    """

    def __init__(self, rate_per_s: float, burst: float) -> None:
        self._rate = rate_per_s
        self._burst = burst
        self._tokens = burst
        self._at_s: float | None = None

    def delay(self, now_s: float, *, cost: float = 1.0) -> float:
        """Spend `cost` tokens and return how many seconds to wait before doing what they pay for.

        Callers that ask meanwhile are queued behind: what is spent may be owed.
        """
        if self._at_s is not None:
            self._tokens = min(self._burst, self._tokens + (now_s - self._at_s) * self._rate)
        self._at_s = now_s
        self._tokens -= cost
        return max(0.0, -self._tokens / self._rate)
