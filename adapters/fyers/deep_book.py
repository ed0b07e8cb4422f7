"""Books of 50 levels, as Fyers's tick-by-tick feed sends them: a snapshot, then what has changed of each level. Pure.

Prices are in paise. Numbers come in wrapper messages: one that is not there is as before, an empty one is zero. Field
numbers: the vendor's Python client.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from adapters.protobuf_schema import message_classes, parse
from market.ticks import Depth, Level

LEVELS = 50
_PAISE = 100.0

_NUMBERS = {"Int64Value": "int64", "UInt32Value": "uint32", "UInt64Value": "uint64"}
_LEVEL = {
    "price": (1, "Int64Value"),
    "qty": (2, "UInt32Value"),
    "nord": (3, "UInt32Value"),
    "num": (4, "UInt32Value"),
}
_DEPTH = {
    "tbq": (1, "UInt64Value"),
    "tsq": (2, "UInt64Value"),
    "asks": (3, "repeated MarketLevel"),
    "bids": (4, "repeated MarketLevel"),
}
_FEED = {
    "depth": (5, "Depth"),
    "feed_time": (6, "UInt64Value"),
    "token": (8, "string"),
    "snapshot": (10, "bool"),
    "ticker": (11, "string"),
}
_MESSAGE = {
    "type": (1, "int32"),
    "feeds": (2, "by text MarketFeed"),
    "snapshot": (3, "bool"),
    "msg": (4, "string"),
    "error": (5, "bool"),
}
MESSAGES = message_classes(
    "openalgo_desktop.fyers",
    {
        **{name: {"value": (1, kind)} for name, kind in _NUMBERS.items()},
        "MarketLevel": _LEVEL,
        "Depth": _DEPTH,
        "MarketFeed": _FEED,
        "SocketMessage": _MESSAGE,
    },
)


def decode(frame: bytes) -> Any:
    """Return `frame` as a `SocketMessage`.

    Raises:
        DecodeError: it is none.
    """
    return parse(MESSAGES["SocketMessage"], frame)


class DeepBook:
    """The book of one instrument, level by level. `buying` and `selling` are the total quantities, None if unknown."""

    def __init__(self) -> None:
        self.buying: int | None = None
        self.selling: int | None = None
        self._bids = _empty_side()
        self._asks = _empty_side()

    def merge(self, depth: Any) -> None:
        """Take in what a `Depth` message says."""
        if depth.HasField("tbq"):
            self.buying = depth.tbq.value
        if depth.HasField("tsq"):
            self.selling = depth.tsq.value
        _merge(self._bids, depth.bids)
        _merge(self._asks, depth.asks)

    def depth(self, timestamp: int | None) -> Depth:
        """Return the book as it stands; levels that are empty are left out. `timestamp` in ms since 1970 UTC."""
        return Depth(_levels(self._bids), _levels(self._asks), timestamp)


_Side = list[list[int]]


def _empty_side() -> _Side:
    return [[0, 0, 0] for _ in range(LEVELS)]


def _merge(side: _Side, changes: Iterable[Any]) -> None:
    for change in changes:
        place = change.num.value
        if not change.HasField("num") or place >= LEVELS:
            continue
        level = side[place]
        if change.HasField("price"):
            level[0] = change.price.value
        if change.HasField("qty"):
            level[1] = change.qty.value
        if change.HasField("nord"):
            level[2] = change.nord.value


def _levels(side: _Side) -> tuple[Level, ...]:
    return tuple(Level(price / _PAISE, quantity, orders) for price, quantity, orders in side if price and quantity)
