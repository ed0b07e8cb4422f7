"""What the demonstration feed costs per tick, so that nobody blames the rest for it."""

from __future__ import annotations

from datetime import date

from adapters.simulated.feed import SimulatedFeed
from adapters.simulated.simulation import MOST_TICKS_PER_CALL
from market.modes import Mode
from market.sessions import SessionCalendar
from tests.benchmarks.results import Row
from tests.benchmarks.timing import best_us, now_us

_INSTRUMENTS = 100


def run(*, quick: bool) -> list[Row]:
    """Measure Quote and Depth, against making one random number and one dict per tick."""
    seconds = 0.02 if quick else 1.0
    return [_row(mode, seconds) for mode in (Mode.QUOTE, Mode.DEPTH)]


def _row(mode: Mode, seconds: float) -> Row:
    feed = SimulatedFeed(calendar=SessionCalendar(forced_open=True), today=date(2025, 12, 1), ticks_per_second=50_000)
    simulation = feed._simulation
    now_ms = now_us() / 1000
    for instrument in list(feed.instruments())[:_INSTRUMENTS]:
        simulation.follow(instrument.key, mode, now_ms)
    simulation.due(now_ms)
    clock = now_ms
    made = calls = 0

    def make() -> None:
        nonlocal clock, made, calls
        clock += 20
        made += len(simulation.due(clock))
        calls += 1

    ticks = MOST_TICKS_PER_CALL
    tick_us = best_us(make, ticks, seconds=seconds)
    return Row(
        benchmark="simulated",
        what=f"simulated feed, a {mode.label} tick",
        measured=tick_us,
        unit="µs",
        baseline=best_us(lambda: _plain(ticks), ticks, seconds=seconds),
        baseline_what="a random step in a dict",
        facts={"delivered": made, "expected": ticks * calls},
    )


def _plain(count: int) -> None:
    from random import Random

    dice = Random(1)
    prices = dict.fromkeys(range(_INSTRUMENTS), 100.0)
    for number in range(count):
        prices[number % _INSTRUMENTS] += dice.choice((-0.05, 0.0, 0.05))
