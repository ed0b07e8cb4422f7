"""Wrong keys: the answer to them is delayed more and more, address by address. Pure: time arrives as an argument.

Only the answer to a wrong key waits, so that somebody who guesses on this machine slows nobody but himself: a good key
from the same address is answered at once.
"""

from __future__ import annotations

from collections import deque

_WINDOW_S = 60.0
_ADDRESSES = 1_000


class WrongKeys:
    """Counts wrong keys by address over the last minute: `free` of them are answered without a delay."""

    def __init__(self, *, free: int = 5, first_delay_s: float = 1.0, longest_s: float = 30.0) -> None:
        self._free = free
        self._first_delay_s = first_delay_s
        self._longest_s = longest_s
        self._times: dict[str, deque[float]] = {}

    def count(self, address: str, now_s: float) -> float:
        """Note a wrong key from `address`; returns for how many seconds the answer waits."""
        times = self._times.pop(address, None) or deque(maxlen=64)
        while times and now_s - times[0] > _WINDOW_S:
            times.popleft()
        times.append(now_s)
        self._times[address] = times
        if len(self._times) > _ADDRESSES:
            del self._times[next(iter(self._times))]
        excess = len(times) - self._free
        return 0.0 if excess <= 0 else min(self._longest_s, self._first_delay_s * 2.0 ** (excess - 1))
