"""What a tick costs before anybody looks: the hub and the service of last prices, against a dict of last messages."""

from __future__ import annotations

from market.instruments import InstrumentKey
from market.ticks import Tick
from proxy.hub import Hub
from services.market_data_service import MarketDataService
from tests.benchmarks.results import Row
from tests.benchmarks.timing import best_us
from tests.benchmarks.workload import quote_tick

_BATCH = 20
_BUDGET_US = 3.0


def run(*, quick: bool) -> list[Row]:
    """Measure batches of the size that a busy feed hands over."""
    count, seconds = 400, 0.02 if quick else 1.0
    ticks = [quote_tick(number, 1_767_072_600_200.0) for number in range(count)]
    batches = [ticks[start : start + _BATCH] for start in range(0, count, _BATCH)]
    hub, service = Hub(), MarketDataService()
    hub.add_sink(service.on_updates)
    last: dict[InstrumentKey, Tick] = {}

    def publish() -> None:
        for batch in batches:
            hub.publish(batch)

    def store() -> None:
        for batch in batches:
            for tick in batch:
                last[tick.key] = tick

    tick_us = best_us(publish, count, seconds=seconds)
    assert service.last(ticks[-1].key) == ticks[-1]
    return [
        Row(
            benchmark="core",
            what="hub and MarketDataService, a Quote tick, no clients",
            measured=tick_us,
            unit="µs",
            baseline=best_us(store, count, seconds=seconds),
            baseline_what="a dict of last ticks",
            budget=f"≤ {_BUDGET_US:g} µs",
            met=tick_us <= _BUDGET_US,
            facts={"delivered": service.get_cache_metrics()["total_updates"], "expected": hub.counters["ticks_in"]},
        )
    ]
