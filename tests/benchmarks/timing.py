"""Timing on a machine that others use too: repeat, and take the best, which is the time without the others."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Sequence


def best_us(work: Callable[[], object], operations: int, *, seconds: float) -> float:
    """Return the µs of one operation in the best call of `work`, each of which does `operations`, within `seconds`.

    Calls of about a millisecond find the gaps between the others; longer ones are interrupted every time.
    """
    gc.collect()
    found = float("inf")
    deadline = time.perf_counter() + seconds
    while (began := time.perf_counter()) < deadline:
        work()
        found = min(found, time.perf_counter() - began)
    return found / operations * 1e6


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the value below which `percent` of `values` lie; nan if there are none."""
    if not values:
        return float("nan")
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * percent / 100), len(ordered) - 1)]


def now_us() -> int:
    """The wall clock in µs: the one clock that all processes of a machine share on every system."""
    return time.time_ns() // 1000
