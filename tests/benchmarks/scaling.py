"""What a delivery costs the server as clients are added, and how near a feed in the process comes to mere writing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tests.benchmarks.children import Child, counters, started
from tests.benchmarks.clients import count_deliveries
from tests.benchmarks.local_server import serve_locally
from tests.benchmarks.results import Row

_FROM_PROCESS = 0.5
_FLAT = 1.25
_PER_TURN = 10


def run(*, quick: bool) -> list[Row]:
    """Measure the rate against written bytes at 10 and 50 clients, and the cost from 1 to 1,000."""
    seconds, rounds = (0.1, 1) if quick else (1.0, 4)
    rows = [_against_bytes(count, seconds, rounds) for count in ((50,) if quick else (10, 50))]
    return [*rows, *_costs((1, 20) if quick else (1, 10, 100, 1000), seconds, rounds)]


@contextmanager
def _served_to(count: int) -> Iterator[tuple[Child, list[int]]]:
    progress = counters(2)
    with started(serve_locally, progress, count) as server:
        url = server.answer()
        with started(count_deliveries, progress, url, ("good-key",) * count, count) as clients:
            clients.answer()
            yield server, progress


def _against_bytes(count: int, seconds: float, rounds: int) -> Row:
    best = {"ticks": 0.0, "bytes": 0.0}
    arrived = expected = 0
    with _served_to(count) as (server, progress):
        for how in ("ticks", "bytes") * rounds:
            before = progress[0]
            sent, took, _ = server.ask("feed", how, count, 100, seconds)
            best[how] = max(best[how], sent * count / took)
            arrived, expected = arrived + progress[0] - before, expected + sent * count
    return Row(
        benchmark="scaling",
        what=f"fan-out from a feed in the process, {count} clients (best of {rounds})",
        measured=best["ticks"],
        unit="deliveries/s",
        baseline=best["bytes"],
        baseline_what="frames made beforehand",
        # With few clients encoding, which is done once for all, outweighs writing: no budget.
        budget="≥ 0.5 × writing frames made beforehand" if count >= 50 else "",
        met=best["ticks"] >= _FROM_PROCESS * best["bytes"] if count >= 50 else None,
        facts={"delivered": arrived, "expected": expected},
    )


def _costs(counts: tuple[int, ...], seconds: float, rounds: int) -> list[Row]:
    """Per delivery, of the server and, in the same processes, of mere writing: what the system itself adds."""
    rows: list[Row] = []
    for how, what in (("ticks", "server time per delivery"), ("bytes", "mere writing, per delivery")):
        fewer: float | None = None
        for count in counts:
            cost, arrived, expected = _cost(how, count, seconds, rounds)
            has_budget = how == "ticks" and fewer is not None
            rows.append(
                Row(
                    benchmark="scaling",
                    what=f"{what}, {count} client{'s' if count > 1 else ''} (best of {rounds})",
                    measured=cost,
                    unit="µs",
                    baseline=fewer,
                    baseline_what="with fewer clients" if fewer else "",
                    budget="no more than 1.25 × with fewer clients" if has_budget else "",
                    met=cost <= fewer * _FLAT if has_budget and fewer is not None else None,
                    facts={"delivered": arrived, "expected": expected},
                )
            )
            fewer = cost
    return rows


def _cost(how: str, count: int, seconds: float, rounds: int) -> tuple[float, int, int]:
    """Processor time of the server per delivery in µs, encoding and the system's part of writing included."""
    best, arrived, expected = float("inf"), 0, 0
    with _served_to(count) as (server, progress):
        for _ in range(rounds):
            before = progress[0]
            sent, _took, cpu = server.ask("feed", how, count, _PER_TURN, seconds)
            best = min(best, cpu / (sent * count) * 1e6)
            arrived, expected = arrived + progress[0] - before, expected + sent * count
    return best, arrived, expected
