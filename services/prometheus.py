"""How the application is doing, as text that Prometheus reads. Nothing in it is secret."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import psutil

from market.feeds import Capabilities, FeedState, FeedStatus
from services.market_data_service import MarketDataService
from services.ports import MarketDesk
from services.rest.answers import Answer, Endpoint, Values

MEDIA = "text/plain; version=0.0.4"
PREFIX = "openalgo_"

# Those of the desk's counters that go down too.
_GAUGES = {"clients": "Connected WebSocket clients", "subscriptions": "Subscriptions held by clients and inside"}


class Metrics:
    """The endpoint `/metrics`."""

    def __init__(self, desk: MarketDesk, market_data: MarketDataService) -> None:
        self._desk = desk
        self._market_data = market_data

    def endpoints(self) -> list[Endpoint]:
        """The one endpoint; it needs no key."""
        return [Endpoint("GET", "/metrics", {}, self._metrics, access="open")]

    async def _metrics(self, _: str, values: Values) -> Answer:
        memory = psutil.Process().memory_info().rss
        cache = self._market_data.get_cache_metrics()
        counters, feeds = self._desk.counters(), self._desk.feeds()
        return Answer(200, metrics_text(counters, feeds, cache, memory, len(self._desk.notices())), media=MEDIA)


def metrics_text(
    counters: Mapping[str, int],
    feeds: Iterable[tuple[FeedStatus, Capabilities]],
    cache: Mapping[str, float],
    memory_bytes: int,
    notices: int = 0,
) -> str:
    """Everything in the text format, version 0.0.4, in a fixed order."""
    blocks = [_counter_block(name, value) for name, value in sorted(counters.items())]
    known = list(feeds)
    blocks.append(
        _block(
            "feed_up",
            "gauge",
            "Whether a feed is live",
            [
                (
                    {"feed": status.feed, "state": str(status.state), "nature": str(capabilities.nature)},
                    int(status.state is FeedState.LIVE),
                )
                for status, capabilities in known
            ],
        )
    )
    blocks += [
        _block("cached_instruments", "gauge", "Instruments with a last value", [({}, cache["total_symbols"])]),
        _block("cache_updates_total", "counter", "Updates of last values", [({}, cache["total_updates"])]),
        _block("cache_hits_total", "counter", "Values asked for and known", [({}, cache["cache_hits"])]),
        _block("cache_misses_total", "counter", "Values asked for and not known", [({}, cache["cache_misses"])]),
        _block("notices", "gauge", "Things that must not be overlooked, as in the status", [({}, notices)]),
        _block("resident_memory_bytes", "gauge", "Resident memory of the process", [({}, memory_bytes)]),
    ]
    return "".join(blocks)


def _counter_block(name: str, value: int) -> str:
    if name in _GAUGES:
        return _block(name, "gauge", _GAUGES[name], [({}, value)])
    stem = name.removesuffix("_total")
    return _block(f"{stem}_total", "counter", f"Running total of {stem.replace('_', ' ')}", [({}, value)])


def _block(name: str, kind: str, text: str, samples: Iterable[tuple[Mapping[str, str], float]]) -> str:
    name = PREFIX + name
    lines = [f"# HELP {name} {text}", f"# TYPE {name} {kind}"]
    for labels, value in samples:
        shown = ",".join(f'{label}="{_escaped(content)}"' for label, content in labels.items())
        lines.append(f"{name}{{{shown}}} {value:g}" if shown else f"{name} {value}")
    return "\n".join(lines) + "\n"


def _escaped(content: str) -> str:
    return content.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
