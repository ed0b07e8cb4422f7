"""The numbers of Fyers's topics as ticks. Pure.

A topic is `sf|segment|token` for all fields of an instrument, `dp|segment|token` for its book of five levels, and
`if|segment|name` for an index: by its name, for by its number Fyers acknowledges it and stays silent. Quantities are
signed on the wire and grow beyond 31 bits for the most active shares. Order of the fields: the vendor's Python client.
"""

from __future__ import annotations

from collections.abc import Sequence

from adapters.fyers.hsm import ABSENT
from market.instruments import InstrumentKey
from market.ticks import Depth, Level, Tick

SOURCE = "fyers"
SCRIP_FIELDS, INDEX_FIELDS, BOOK_FIELDS = 21, 6, 30
LEVELS = 5

_FIELDS = {"sf": SCRIP_FIELDS, "if": INDEX_FIELDS, "dp": BOOK_FIELDS}


class Topic:
    """What is known of a topic on one connection: the newest of each of its numbers. Raises KeyError if not known.

    `heard_ms`: when it was last spoken of, in ms since 1970 UTC.
    """

    def __init__(self, name: str, scale: float) -> None:
        self.name = name
        self.kind, segment, _ = name.split("|", 2)
        self.heard_ms = 0.0
        self._scale = scale
        self._has_oi = not segment.endswith("_cm")
        self._values = [ABSENT] * _FIELDS[self.kind]

    def merge(self, values: Sequence[int]) -> bool:
        """Take in what has changed; whether anything has. Numbers beyond those that are known are passed over."""
        known, changed = self._values, False
        for place, value in enumerate(values[: len(known)]):
            if value != ABSENT and value != known[place]:
                known[place] = value
                changed = True
        return changed

    def tick(self, key: InstrumentKey, received_ms: float) -> Tick:
        """Return everything that is known, as a tick of `key`."""
        if self.kind == "sf":
            return self._scrip(key, received_ms)
        return self._index(key, received_ms) if self.kind == "if" else self._book(key, received_ms)

    # fmt: off
    def _scrip(self, key: InstrumentKey, received_ms: float) -> Tick:
        (ltp, volume, traded_s, at_s, bid_size, ask_size, bid, ask, last, buying, selling, average, oi, low, high,
         _year_high, _year_low, lower, upper, open_, close) = self._values
        unit = self._scale
        bid_price, buyers = _best(bid, bid_size, unit)
        ask_price, sellers = _best(ask, ask_size, unit)
        return Tick(
            key, received_ms, SOURCE, _price(ltp, unit), _time(at_s), _time(traded_s), _quantity(volume),
            _price(open_, unit), _price(high, unit), _price(low, unit), _price(close, unit), _quantity(last),
            _price(average, unit), _quantity(oi) if self._has_oi else None, _quantity(buying), _quantity(selling),
            bid_price, ask_price, buyers, sellers,
            _price(lower, unit), _price(upper, unit),
        )
    # fmt: on

    def _index(self, key: InstrumentKey, received_ms: float) -> Tick:
        ltp, close, at_s, high, low, open_ = self._values
        unit = self._scale
        return Tick(
            key,
            received_ms,
            SOURCE,
            _price(ltp, unit),
            _time(at_s),
            open=_price(open_, unit),
            high=_price(high, unit),
            low=_price(low, unit),
            close=_price(close, unit),
        )

    def _book(self, key: InstrumentKey, received_ms: float) -> Tick:
        values, unit = self._values, self._scale
        buy = _side(values[0:5], values[10:15], values[20:25], unit)
        sell = _side(values[5:10], values[15:20], values[25:30], unit)
        return Tick(key, received_ms, SOURCE, depth=Depth(buy, sell))


def is_known(topic: str) -> bool:
    """Whether `topic` is of a kind that can be read here."""
    return topic[:2] in _FIELDS and topic.count("|") >= 2 and topic[2] == "|"


def _side(prices: Sequence[int], sizes: Sequence[int], orders: Sequence[int], unit: float) -> tuple[Level, ...]:
    return tuple(
        Level(price / unit, _quantity(size) or 0, max(0, count))
        for price, size, count in zip(prices, sizes, orders, strict=True)
        if price not in (0, ABSENT) and size not in (0, ABSENT)
    )


def _price(value: int, unit: float) -> float | None:
    """Zero stands for unknown, as before the open."""
    return value / unit if value and value != ABSENT else None


def _best(price: int, size: int, unit: float) -> tuple[float | None, int | None]:
    """The best price of a side and its quantity, zero where there is nothing."""
    if price == 0 or size == 0:
        return 0.0, 0
    return _price(price, unit), _quantity(size)


def _quantity(value: int) -> int | None:
    if value >= 0:
        return value
    return None if value == ABSENT else value + 2**32


def _time(value: int) -> int | None:
    return value * 1000 if value > 0 else None
