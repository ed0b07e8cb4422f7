"""Finding one of 200,000 instruments while its name is typed, against looking at each of them at every key."""

from __future__ import annotations

import gc
import time
import tracemalloc
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from market.instruments import Instrument
from services.instruments import InstrumentDirectory
from tests.benchmarks.results import Row
from tests.benchmarks.timing import percentile
from tests.doubles.listed_market import FIRST_EXPIRY, listed_market

_LINES = (
    "bnf 21000 ce",
    "nifty fut",
    "rel",
    "reliance 1400 pe",
    "24nov infy",
    "infy 24 nov",
    "nfo:banknifty fut",
    "nifty call",
    "hdfc bank",
    "relianec",
    "nifty21000pe",
    "bharat steel",
    "exch:bse tcs",
    "zzzzz",
)
_FOUND = 50
_OTHER_WORK = np.ones(4_000_000)
_KEY_MS, _IMPORT_S, _INDEX_MB = 15.0, 3.0, 150.0


def run(*, quick: bool) -> list[Row]:
    """Measure every key of some typed lines, the import of the list, and the memory that the index takes."""
    market = listed_market(10_000, strikes=21) if quick else listed_market(200_000)
    directory, import_s = _imported(market)
    keys = [line[:size] for line in _LINES for size in range(1, len(line) + 1)]
    # The best of a few rounds is the time of a key without what else the machine does.
    rounds = [[_ms(partial(directory.search, key, _FOUND)) for key in keys] for _ in range(1 if quick else 5)]
    took = [min(times) for times in zip(*rounds, strict=True)]
    # And once each, as a user types them, after other work has taken the processor's caches.
    unrepeated = [_ms(partial(directory.search, key, _FOUND)) for key in keys if _forget()]
    words = [f"{each.key.symbol} {each.name.upper()} {each.key.exchange}" for each in market]
    plain = [_ms(partial(_plain_search, market, words, key)) for key in keys[:: 1 if quick else 7]]
    found = sum(bool(directory.search(line, 1)) for line in _LINES)
    facts = {"delivered": float(found), "expected": len(_LINES) - 1.0, "instruments": float(len(directory))}
    worst, middle = percentile(took, 99), percentile(took, 50)
    index_mb = _memory_mb(market)
    each_row = "looking at each"
    count = f"{len(market):,} instruments"
    return [
        _row(f"a key, {count}, p99", worst, "ms", _KEY_MS, percentile(plain, 99), each_row, facts),
        _row(
            f"a key once, cold, {count}, p99",
            percentile(unrepeated, 99),
            "ms",
            None,
            percentile(plain, 99),
            each_row,
            facts,
        ),
        _row(f"a key, {count}, p50", middle, "ms", None, percentile(plain, 50), each_row, facts),
        _row(f"import of {count}", import_s, "s", _IMPORT_S, None, "", facts),
        _row(f"index of {count}", index_mb, "MB", _INDEX_MB, None, "", facts),
    ]


def _row(
    what: str,
    measured: float,
    unit: str,
    budget: float | None,
    baseline: float | None,
    baseline_what: str,
    facts: dict[str, float],
) -> Row:
    return Row(
        benchmark="search",
        what=what,
        measured=measured,
        unit=unit,
        baseline=baseline,
        baseline_what=baseline_what,
        budget="" if budget is None else f"≤ {budget:g} {unit}",
        met=None if budget is None else measured <= budget,
        facts=facts,
    )


def _forget() -> bool:
    """Put other things into the processor's caches."""
    return bool(_OTHER_WORK.sum() >= 0)


def _imported(market: Sequence[Instrument]) -> tuple[InstrumentDirectory, float]:
    gc.collect()
    directory = InstrumentDirectory(today=lambda: FIRST_EXPIRY)
    began = time.perf_counter()
    directory.add(market)
    return directory, time.perf_counter() - began


def _memory_mb(market: Sequence[Instrument]) -> float:
    """What the index takes beside the instruments themselves, which their feed keeps as well."""
    gc.collect()
    tracemalloc.start()
    try:
        directory, _ = _imported(market)
        gc.collect()
        return tracemalloc.get_traced_memory()[0] / 1e6 if len(directory) else 0.0
    finally:
        tracemalloc.stop()


def _ms(search: Callable[[], object]) -> float:
    began = time.perf_counter()
    search()
    return (time.perf_counter() - began) * 1e3


def _plain_search(market: Sequence[Instrument], words: Sequence[str], key: str) -> list[Instrument]:
    parts = key.upper().split()
    found = [row for row, text in enumerate(words) if all(part in text for part in parts)]
    return [market[row] for row in sorted(found, key=lambda row: market[row].key.symbol)[:_FOUND]]
