"""A candle: the OHLC, volume and open interest of one interval."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from market.ticks import Quantity


class Candle(NamedTuple):
    """One interval. `start_ms` is its beginning in ms since 1970 UTC; `volume` is what traded within it.

    `oi` is the open interest at its end, None where the source does not say.
    """

    start_ms: int
    open: float
    high: float
    low: float
    close: float
    volume: Quantity = 0
    oi: Quantity | None = None


def latest_within(
    candles: Sequence[Candle], limit: int, *, start_ms: int | None = None, end_ms: int | None = None
) -> list[Candle]:
    """Up to `limit` latest of `candles` that begin at `start_ms` or later and before `end_ms`; None sets no bound.

    For feeds whose source hands out more than what was asked for.
    """
    first = float("-inf") if start_ms is None else start_ms
    end = float("inf") if end_ms is None else end_ms
    within = [candle for candle in candles if first <= candle.start_ms < end]
    return within[-limit:] if limit > 0 else []
