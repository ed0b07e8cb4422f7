"""Fan-out at saturation over the bus: deliveries a second of the application and of the peer."""

from __future__ import annotations

from tests.benchmarks.clients import count_deliveries
from tests.benchmarks.results import Row
from tests.benchmarks.worlds import Traffic, application, peer, traffic

BUDGETS = {10: 12.0, 50: 30.0}


def run(*, quick: bool) -> list[Row]:
    """Measure 10 and 50 clients, one after the other with the peer, and keep the best round of each."""
    budgets = {10: BUDGETS[10]} if quick else BUDGETS
    seconds, rounds = (0.25, 1) if quick else (2.0, 4)
    with application(max(budgets)) as ours, peer() as theirs:
        rows = []
        for count, times in budgets.items():
            with traffic(ours, count_deliveries, count) as mine, traffic(theirs, count_deliveries, count) as base:
                rows.append(_row(count, times, [_measure((mine, base), count, seconds) for _ in range(rounds)]))
    return rows


_Round = list[tuple[float, int, int]]


def _measure(flows: tuple[Traffic, ...], count: int, seconds: float) -> _Round:
    """One round of each, one after the other: rate, deliveries that arrived, deliveries that should have."""
    found = []
    for flow in flows:
        before = flow.progress[0]
        sent, took = flow.publisher.ask("saturate", seconds)
        found.append((sent * count / took, flow.progress[0] - before, sent * count))
    return found


def _row(count: int, times: float, rounds: list[_Round]) -> Row:
    ours, theirs = (max(each[side][0] for each in rounds) for side in (0, 1))
    return Row(
        benchmark="fanout",
        what=f"fan-out over the bus, {count} clients (best of {len(rounds)})",
        measured=ours,
        unit="deliveries/s",
        baseline=theirs,
        baseline_what="peer",
        budget=f"≥ {times:g} × the peer",
        met=ours >= times * theirs,
        facts={
            "delivered": sum(each[0][1] for each in rounds),
            "expected": sum(each[0][2] for each in rounds),
            "peer_delivered": sum(each[1][1] for each in rounds),
            "peer_expected": sum(each[1][2] for each in rounds),
        },
    )
