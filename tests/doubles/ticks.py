"""Ticks for tests: whole and plausible, with whatever a test wants to be different."""

from __future__ import annotations

from typing import Any

from market.exchanges import Exchange
from market.instruments import InstrumentKey
from market.ticks import Depth, Level, Tick

SBIN = InstrumentKey(Exchange.NSE, "SBIN")
INFY = InstrumentKey(Exchange.NSE, "INFY")
NIFTY = InstrumentKey(Exchange.NSE_INDEX, "NIFTY")


def book(levels: int = 20, best: float = 812.30) -> Depth:
    """A book of `levels` a side around `best`, tick size 0.05."""
    buy = tuple(Level(round(best - 0.05 * n, 2), 100 + n, 3 + n) for n in range(levels))
    sell = tuple(Level(round(best + 0.05 * (n + 1), 2), 90 + n, 2 + n) for n in range(levels))
    return Depth(buy, sell)


def tick_of(key: InstrumentKey = SBIN, ltp: float | None = 812.35, **fields: Any) -> Tick:
    """A tick of `key`; by default only the last price is known."""
    fields.setdefault("received_ms", 1_767_072_600_200.0)
    fields.setdefault("source", "fake")
    return Tick(key=key, ltp=ltp, **fields)


def full_tick(key: InstrumentKey = SBIN, **fields: Any) -> Tick:
    """A tick of which every field is known."""
    known: dict[str, Any] = {
        "timestamp": 1_767_072_600_123,
        "ltt": 1_767_072_600_083,
        "volume": 4_102_233,
        "open": 805.0,
        "high": 815.6,
        "low": 803.1,
        "close": 804.9,
        "last_quantity": 25,
        "average_price": 809.42,
        "oi": 0,
        "total_buy_quantity": 512_300,
        "total_sell_quantity": 498_120,
        "bid_price": 812.3,
        "ask_price": 812.35,
        "bid_size": 340,
        "ask_size": 120,
        "lower_circuit": 724.4,
        "upper_circuit": 885.4,
        "depth": book(),
    }
    return tick_of(key, **(known | fields))
