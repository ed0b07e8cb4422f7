"""From the publisher's process to the clients' process on a calm day: 1,000 ticks a second, 10 clients, no window."""

from __future__ import annotations

from tests.benchmarks.clients import measure_ages
from tests.benchmarks.results import Row
from tests.benchmarks.timing import percentile
from tests.benchmarks.worlds import Traffic, application, peer, traffic

_PER_SECOND, _CLIENTS = 1000, 10
_BUDGETS_MS = {50: 0.5, 99: 1.0}


def run(*, quick: bool) -> list[Row]:
    """Measure in rounds and keep, for each side, the round with the least p99: the one least disturbed."""
    seconds, rounds = (0.3, 1) if quick else (2.0, 5)
    with (
        application(_CLIENTS) as ours,
        peer() as theirs,
        traffic(ours, measure_ages, _CLIENTS) as mine,
        traffic(theirs, measure_ages, _CLIENTS) as base,
    ):
        found = [(ages_of(mine, seconds), ages_of(base, seconds)) for _ in range(rounds)]
    best = [min((each[side] for each in found), key=lambda ages: percentile(ages, 99)) for side in (0, 1)]
    facts = {
        "delivered": sum(len(each[0]) for each in found),
        "expected": rounds * round(seconds * _PER_SECOND) * _CLIENTS,
    }
    return [
        Row(
            benchmark="latency",
            what=f"publisher → client, 1,000 ticks/s, 10 clients, p{percent} (best of {rounds} rounds)",
            measured=percentile(best[0], percent),
            unit="ms",
            baseline=percentile(best[1], percent),
            baseline_what="peer",
            budget=f"≤ {limit:g} ms",
            met=percentile(best[0], percent) <= limit,
            facts=facts,
        )
        for percent, limit in _BUDGETS_MS.items()
    ]


def ages_of(flow: Traffic, seconds: float) -> list[float]:
    """The age in ms of each delivery on arrival, over `seconds` at 1,000 ticks a second."""
    flow.clients.ask("ages")
    before = flow.progress[0]
    sent = flow.publisher.ask("pace", _PER_SECOND, seconds)
    flow.publisher.ask("wait", before + sent * _CLIENTS)
    ages: list[float] = flow.clients.ask("ages")[0]
    return ages
