"""How brokers of stock exchanges are asked for candles: how far back for so many, and in portions they give."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterable

from adapters.venue import CandleRange
from market.candles import Candle, latest_within

DAY_S = 86_400
MOST_REQUESTS = 40
# Of the shortest session, that of stocks: 9:15 to 15:30.
_SESSION_S = 22_500.0


def reach_days(asked: CandleRange) -> float:
    """Days that hold `asked.limit` candles: weekends, holidays and short sessions of a stock exchange allowed for."""
    days = asked.limit if asked.interval_s >= DAY_S else asked.limit * asked.interval_s / _SESSION_S
    return days * 1.6 + 7.0


async def in_portions(
    asked: CandleRange,
    ask: Callable[[float, float], Awaitable[Iterable[Candle]]],
    *,
    span_s: float,
    margin_s: float = 0.0,
) -> list[Candle]:
    """Return the candles that are `asked` for, oldest first.

    Args:
        asked: which.
        ask: asks for those between two times (s since 1970 UTC); more than these do no harm. Called from the latest
            portion back, until there are enough; one that is empty ends nothing.
        span_s: the longest portion.
        margin_s: how much more than the end is asked for, where the broker's times are coarse.
    """
    end = (int(time.time()) + 1 if asked.end_ms is None else asked.end_ms / 1000.0) + margin_s
    first = end - reach_days(asked) * DAY_S if asked.start_ms is None else asked.start_ms / 1000.0
    found: dict[int, Candle] = {}
    for _ in range(MOST_REQUESTS):
        start = max(first, end - span_s)
        for candle in await ask(start, end):
            found.setdefault(candle.start_ms, candle)
        end = start
        if start <= first or len(found) >= asked.limit:
            break
    ordered = [found[at] for at in sorted(found)]
    return latest_within(ordered, asked.limit, start_ms=asked.start_ms, end_ms=asked.end_ms)
