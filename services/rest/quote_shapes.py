"""A tick as the endpoints `quotes`, `depth` and `optionchain` show it. Pure.

Unknown numbers are 0, as OpenAlgo has them, but for the last price.
"""

from __future__ import annotations

from typing import Any

from market.ticks import Level, Tick
from services.rest.instrument_rows import whole

LEVELS = 5


def quote_of(tick: Tick) -> dict[str, Any]:
    """The data of `quotes`. `ltp` must be known: a program would act on a price of 0."""
    return {
        "ask": tick.ask_price or 0.0,
        "bid": tick.bid_price or 0.0,
        "high": tick.high or 0.0,
        "low": tick.low or 0.0,
        "ltp": tick.ltp,
        "oi": whole(tick.oi or 0),
        "open": tick.open or 0.0,
        "prev_close": tick.close or 0.0,
        "volume": int(tick.volume or 0),
    }


def depth_of(tick: Tick) -> dict[str, Any]:
    """The data of `depth`: always five levels a side, those that the book does not have are zero."""
    depth = tick.depth
    return {
        "asks": _side(depth.sell if depth else ()),
        "bids": _side(depth.buy if depth else ()),
        "high": tick.high or 0.0,
        "low": tick.low or 0.0,
        "ltp": tick.ltp,
        "ltq": whole(tick.last_quantity or 0),
        "oi": whole(tick.oi or 0),
        "open": tick.open or 0.0,
        "prev_close": tick.close or 0.0,
        "totalbuyqty": whole(tick.total_buy_quantity or 0),
        "totalsellqty": whole(tick.total_sell_quantity or 0),
        "volume": int(tick.volume or 0),
    }


def leg_of(tick: Tick | None) -> dict[str, Any]:
    """The prices of a leg of an option chain; `ltp` is None where no price is known."""
    tick_or = tick._asdict() if tick is not None else {}

    def known(name: str) -> Any:
        return tick_or.get(name) or 0.0

    return {
        "ltp": tick_or.get("ltp"),
        "bid": known("bid_price"),
        "ask": known("ask_price"),
        "bid_qty": whole(known("bid_size")),
        "ask_qty": whole(known("ask_size")),
        "open": known("open"),
        "high": known("high"),
        "low": known("low"),
        "prev_close": known("close"),
        "volume": int(known("volume")),
        "oi": whole(known("oi")),
    }


def _side(levels: tuple[Level, ...]) -> list[dict[str, Any]]:
    shown = [{"price": level.price, "quantity": whole(level.quantity)} for level in levels[:LEVELS]]
    return shown + [{"price": 0.0, "quantity": 0} for _ in range(LEVELS - len(shown))]
