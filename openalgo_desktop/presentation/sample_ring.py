"""The latest measurements of one thing, in a fixed piece of memory: adding one allocates nothing."""

from __future__ import annotations

import math
from array import array


class SampleRing:
    """Keeps the last `size` samples."""

    def __init__(self, size: int = 512) -> None:
        self._samples = array("d", bytes(8 * size))
        self._next = 0
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, value: float) -> None:
        """Take a sample; the oldest makes room."""
        samples, at = self._samples, self._next
        samples[at] = value
        at += 1
        self._next = 0 if at == len(samples) else at
        if self._count < len(samples):
            self._count += 1

    def clear(self) -> None:
        """Forget all of them."""
        self._next = self._count = 0

    def percentiles(self, *percents: float) -> tuple[float, ...] | None:
        """The samples below or at which so many percent are, or None while there is none."""
        if not self._count:
            return None
        ordered = sorted(self._samples[: self._count])
        return tuple(ordered[max(math.ceil(percent / 100.0 * len(ordered)) - 1, 0)] for percent in percents)

    @property
    def largest(self) -> float:
        """The largest sample, or 0 while there is none."""
        return max(self._samples[: self._count], default=0.0)
