"""More than a calm day: 8,000 ticks a second to 10 clients, and one more client that never reads."""

from __future__ import annotations

import time
from dataclasses import dataclass

import psutil

from tests.benchmarks.clients import measure_ages
from tests.benchmarks.results import Row
from tests.benchmarks.timing import percentile
from tests.benchmarks.workload import SYMBOLS
from tests.benchmarks.worlds import Edges, Traffic, application, peer, traffic

_PER_SECOND, _CLIENTS = 8000, 10
_AGE_MS, _GROWTH_MB = 50.0, 32.0
_PATIENCE_S = 40.0


@dataclass
class _Found:
    """`finals` is the least number of final values that any client has, `stuck` that of the one that did not read."""

    p99_ms: float
    growth_mb: float
    finals: int
    stuck: int


def run(*, quick: bool) -> list[Row]:
    """Measure once each: what counts is that nothing is lost for good and nobody waits for the stuck one."""
    seconds = 0.5 if quick else 10.0
    with application(_CLIENTS + 1) as edges, traffic(edges, measure_ages, _CLIENTS, True) as flow:
        ours = _overload(edges, flow, seconds)
    theirs = None
    if not quick:
        with peer() as edges, traffic(edges, measure_ages, _CLIENTS, True) as flow:
            theirs = _overload(edges, flow, 4.0)
    facts = {"finals": ours.finals, "finals_of_stuck": ours.stuck, "expected_finals": len(SYMBOLS)}
    return [
        Row(
            benchmark="overload",
            what="age of a value on arrival, 8,000 ticks/s, 10 clients and one stuck, p99",
            measured=ours.p99_ms,
            unit="ms",
            baseline=theirs and theirs.p99_ms,
            baseline_what="peer",
            budget=f"≤ {_AGE_MS:g} ms",
            met=ours.p99_ms <= _AGE_MS,
            facts=facts,
        ),
        Row(
            benchmark="overload",
            what="final values that every client got, the stuck one too once it read",
            measured=min(ours.finals, ours.stuck),
            unit=f"of {len(SYMBOLS)}",
            baseline=theirs and min(theirs.finals, theirs.stuck),
            baseline_what="peer",
            budget="all",
            met=min(ours.finals, ours.stuck) == len(SYMBOLS),
            facts=facts,
        ),
        Row(
            benchmark="overload",
            what=f"memory of the application, growth over {seconds:g} s of it",
            measured=ours.growth_mb,
            unit="MB",
            budget=f"bounded: ≤ {_GROWTH_MB:g} MB",
            met=ours.growth_mb <= _GROWTH_MB,
        ),
    ]


def _overload(edges: Edges, flow: Traffic, seconds: float) -> _Found:
    flow.publisher.ask("pace", _PER_SECOND, seconds / 5)
    flow.publisher.ask("settle")
    flow.clients.ask("ages")
    memory = psutil.Process(edges.pid).memory_info()
    flow.publisher.ask("pace", _PER_SECOND, seconds)
    growth = psutil.Process(edges.pid).memory_info().rss - memory.rss
    flow.publisher.ask("finish")
    ages, finals = _all_finals(flow, slice(_CLIENTS))
    flow.clients.tell("unstick")
    _, with_stuck = _all_finals(flow, slice(_CLIENTS, None))
    return _Found(
        percentile(ages, 99),
        growth / 1e6,
        min(finals[:_CLIENTS]),
        with_stuck[_CLIENTS],
    )


def _all_finals(flow: Traffic, clients: slice) -> tuple[list[float], list[int]]:
    """The ages so far, and the final values of each client once `clients` have all of them, or after some patience.

    That deliveries pause is no sign of that: on a busy machine they do.
    """
    ages: list[float] = []
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        flow.publisher.ask("settle")
        more, finals = flow.clients.ask("ages")
        ages += more
        if min(finals[clients]) >= len(SYMBOLS) or time.monotonic() > deadline:
            return ages, finals
