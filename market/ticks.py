"""What a feed says of an instrument, and how what it says adds up.

A feed's `Tick` carries what the message carried; a field it did not mention is `None` and means "as before".
The hub folds ticks into the last known value, which is a `Tick` too. A NamedTuple, because one is made for
every message of every feed: folding two takes about a microsecond, and a frozen dataclass costs ten times more.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from market.instruments import InstrumentKey
from market.modes import Mode

Quantity = float
"""A quantity: whole on stock and commodity exchanges, fractional on crypto exchanges. An `int` is one too."""


class Level(NamedTuple):
    """One price level of the order book. `orders` is 0 where the exchange does not say how many orders it has."""

    price: float
    quantity: Quantity
    orders: int = 0


class Depth(NamedTuple):
    """Both sides of the order book, best level first. `timestamp` in ms since 1970 UTC, if the feed gives it."""

    buy: tuple[Level, ...]
    sell: tuple[Level, ...]
    timestamp: int | None = None


class Tick(NamedTuple):
    """One message about one instrument, or the sum of all so far.

    Prices are in the instrument's currency, times in ms since 1970 UTC. `close` is the previous close; where
    there is none (crypto) it is the price of 24 hours ago and `rolling_24h` is true. The order of the fields is
    used: the LTP block, then the Quote block, then the Depth block (`changed_modes`).
    """

    key: InstrumentKey
    received_ms: float
    source: str
    # LTP
    ltp: float | None = None
    timestamp: int | None = None
    ltt: int | None = None
    volume: Quantity | None = None
    # Quote
    open: float | None = None
    high: float | None = None
    low: float | None = None
    close: float | None = None
    last_quantity: Quantity | None = None
    average_price: float | None = None
    oi: Quantity | None = None
    total_buy_quantity: Quantity | None = None
    total_sell_quantity: Quantity | None = None
    bid_price: float | None = None
    ask_price: float | None = None
    bid_size: Quantity | None = None
    ask_size: Quantity | None = None
    lower_circuit: float | None = None
    upper_circuit: float | None = None
    rolling_24h: bool | None = None
    # Depth
    depth: Depth | None = None
    # Fields that a publisher in another process added and we do not know; they reach the clients as they came.
    extra: Mapping[str, object] | None = None

    @property
    def change(self) -> float | None:
        """LTP less previous close, or None while either is unknown."""
        if self.ltp is None or not self.close:
            return None
        return self.ltp - self.close

    @property
    def change_percent(self) -> float | None:
        """Change in percent of the previous close, or None while either is unknown."""
        if self.ltp is None or not self.close:
            return None
        return (self.ltp - self.close) / self.close * 100.0


class Update(NamedTuple):
    """The last known value of an instrument after a message, and the modes (bits, see `Mode.bit`) it changed.

    `changed` may be 0: the message repeated what was known, which still proves that the feed is alive.
    """

    tick: Tick
    changed: int


_LTP_BLOCK = slice(3, 7)
_QUOTE_BLOCK = slice(7, 23)
_DEPTH_INDEX = 23
_EXTRA_INDEX = 24
_ALL_MODES = Mode.LTP.bit | Mode.QUOTE.bit | Mode.DEPTH.bit
_QUOTE_AND_DEPTH = Mode.QUOTE.bit | Mode.DEPTH.bit


def fold(last: Tick, new: Tick) -> Tick:
    """Return `last` with everything that `new` says.

    Day high and low follow the last price where the feed does not send them with it, so that a conflated
    reader never misses an extreme.
    """
    ltp, high, low = new.ltp, None, None
    if ltp is not None:
        if new.high is None and last.high is not None and ltp > last.high:
            high = ltp
        if new.low is None and last.low is not None and ltp < last.low:
            low = ltp
    folded = Tick._make([n if n is not None else o for n, o in zip(new, last, strict=True)])
    if high is not None or low is not None:
        folded = folded._replace(high=high or folded.high, low=low or folded.low)
    return folded


def changed_modes(last: Tick, folded: Tick) -> int:
    """Return the set of modes (bits, see `Mode.bit`) in which `folded` differs from `last`.

    A field of a lower mode belongs to the modes above it too. Times of receipt do not count.
    """
    if folded[_LTP_BLOCK] != last[_LTP_BLOCK]:
        return _ALL_MODES
    if folded[_QUOTE_BLOCK] != last[_QUOTE_BLOCK]:
        return _QUOTE_AND_DEPTH
    if folded[_EXTRA_INDEX] != last[_EXTRA_INDEX]:
        return _QUOTE_AND_DEPTH
    if folded[_DEPTH_INDEX] != last[_DEPTH_INDEX]:
        return Mode.DEPTH.bit
    return 0


def known_modes(tick: Tick) -> int:
    """Return the set of modes of which `tick` knows anything at all: what a snapshot can be sent for."""
    bits = 0
    if tick.ltp is not None:
        bits = _ALL_MODES
    elif tick.bid_price is not None or tick.ask_price is not None or tick.close is not None or tick.extra is not None:
        bits = _QUOTE_AND_DEPTH
    elif tick.depth is not None:
        bits = Mode.DEPTH.bit
    return bits
