"""How the application is doing, in the shape of the service document: connections, subscriptions, cache."""

from __future__ import annotations

import psutil

from services.market_data_service import MarketDataService
from services.ports import MarketDesk


def get_metrics(desk: MarketDesk, market_data: MarketDataService) -> dict[str, dict[str, object]]:
    """Return `{"connections", "subscriptions", "cache"}` with running totals, and `notices`.

    `notices` are sentences about what must not be overlooked as long as the application runs, such as an address that
    other computers can reach without encryption.

    `memory_usage` is the resident memory of the whole process: what a user can compare with the system's own figure.
    """
    counters = desk.counters()
    cache = market_data.get_cache_metrics()
    return {
        "connections": {
            "active": counters.get("clients", 0),
            "total": counters.get("clients_total", 0),
            "failed": counters.get("clients_failed", 0),
        },
        "subscriptions": {
            "active": counters.get("subscriptions", 0),
            "total": counters.get("subscriptions_total", 0),
            "errors": counters.get("subscriptions_failed", 0),
        },
        "notices": {"active": [notice.sentence for notice in desk.notices()]},
        "cache": {
            "hit_rate": cache["hit_rate"],
            "total_requests": cache["cache_hits"] + cache["cache_misses"],
            "memory_usage": f"{psutil.Process().memory_info().rss / 2**20:.0f}MB",
        },
    }
