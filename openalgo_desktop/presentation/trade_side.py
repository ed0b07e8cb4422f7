"""Trades read from last values, and which side began them, inferred: Indian feeds do not say either.

A trade is a rise of the day's volume, or, where a feed has no volume, a new trade time or price. Its side follows the
quote rule: at the offer or above it somebody bought, at the bid or below it somebody sold, between them the side of the
middle; in the very middle, the direction of the price. The quote is the one before the trade. It is a guess: say so.
"""

from __future__ import annotations

from typing import NamedTuple

from market.ticks import Tick

BOUGHT, SOLD, UNKNOWN_SIDE = 1, -1, 0


class Print(NamedTuple):
    """A trade, or several that a feed gathered in one message. `side` is inferred; `ms` since 1970 UTC."""

    ms: float
    price: float
    quantity: float
    side: int


class TradeReader:
    """Reads the trades of one instrument from its last values, oldest first."""

    def __init__(self) -> None:
        self._before: Tick | None = None
        self._side = UNKNOWN_SIDE

    def read(self, tick: Tick) -> Print | None:
        """The trade that `tick` tells of, or None."""
        before, self._before = self._before, tick
        if before is None or tick.ltp is None:
            return None
        quantity = _traded(before, tick)
        if quantity is None or quantity <= 0:
            return None
        self._side = inferred_side(tick.ltp, best_bid(before), best_ask(before), before.ltp, self._side)
        return Print(tick.ltt or tick.timestamp or tick.received_ms, tick.ltp, quantity, self._side)


def inferred_side(price: float, bid: float | None, ask: float | None, last: float | None, before: int) -> int:
    """Who began a trade at `price` by the quote rule; `last` is the price before it, `before` its side."""
    if bid is not None and ask is not None and bid < ask:
        if price >= ask:
            return BOUGHT
        if price <= bid:
            return SOLD
        middle = bid + ask
        if price * 2 != middle:
            return BOUGHT if price * 2 > middle else SOLD
    if last is None or price == last:
        return before
    return BOUGHT if price > last else SOLD


def best_bid(tick: Tick) -> float | None:
    """The best bid as the feed says it, else that of the book; None where nobody bids."""
    if tick.bid_price is not None:
        return tick.bid_price or None
    return (tick.depth.buy[0].price or None) if tick.depth is not None and tick.depth.buy else None


def best_ask(tick: Tick) -> float | None:
    """The best offer as the feed says it, else that of the book; None where nobody offers."""
    if tick.ask_price is not None:
        return tick.ask_price or None
    return (tick.depth.sell[0].price or None) if tick.depth is not None and tick.depth.sell else None


def _traded(before: Tick, tick: Tick) -> float | None:
    if tick.volume is not None:
        return None if before.volume is None else tick.volume - before.volume
    if tick.ltt == before.ltt and tick.ltp == before.ltp:
        return None
    return tick.last_quantity
