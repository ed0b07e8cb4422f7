"""A candle: the OHLC and volume of one interval."""

from __future__ import annotations

from typing import NamedTuple

from market.ticks import Quantity


class Candle(NamedTuple):
    """One interval. `start_ms` is its beginning in ms since 1970 UTC; `volume` is what traded within it."""

    start_ms: int
    open: float
    high: float
    low: float
    close: float
    volume: Quantity = 0
