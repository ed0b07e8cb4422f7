"""A broker's instrument list of every morning to instruments, against reading the same file and keeping it as it is."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping

from adapters.angel import instruments as angel
from adapters.masters import Master
from tests.benchmarks.results import Row

_BUDGET_S = 3.0


def run(*, quick: bool) -> list[Row]:
    """Measure one list of each kind of file."""
    return [_angel(1_000 if quick else 130_000)]


def _angel(count: int) -> Row:
    same = {
        "expiry": "28OCT2025",
        "lotsize": "75",
        "instrumenttype": "OPTSTK",
        "exch_seg": "NFO",
        "tick_size": "5.0000",
    }
    rows = []
    for number in range(count):
        name, strike = f"SHARE{number // 100}", 100 + number % 100
        own = {"token": str(number), "symbol": f"{name}28OCT25{strike}CE", "name": name, "strike": f"{strike}00.000000"}
        rows.append(own | same)
    body = json.dumps(rows).encode()
    return imported("Angel One (JSON)", count, {"list": body}, angel.parse, lambda: json.loads(body))


def imported(
    whose: str,
    count: int,
    files: Mapping[str, bytes],
    parse: Callable[[Mapping[str, bytes]], Master],
    plain: Callable[[], object],
) -> Row:
    """The best of three imports of `count` rows."""
    found = [_took(lambda: parse(files)) for _ in range(3)]
    measured = min(found)
    return Row(
        benchmark="masters",
        what=f"list of {whose}, {count:,} rows",
        measured=measured,
        unit="s",
        baseline=min(_took(plain) for _ in range(3)),
        baseline_what="reading it",
        budget=f"≤ {_BUDGET_S:g} s",
        met=measured <= _BUDGET_S,
        facts={"delivered": len(parse(files).instruments), "expected": count},
    )


def _took(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
