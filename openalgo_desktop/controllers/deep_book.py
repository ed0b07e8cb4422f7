"""A deeper book beside the usual one, where a feed has it under a name of its own: `TCS:50` beside `TCS`."""

from __future__ import annotations

from market.instruments import InstrumentKey
from market.modes import Mode
from market.subscriptions import Subscription
from market.symbols import split_depth_suffix
from market.ticks import Tick
from services.ports import MarketDesk

# A deep book comes on a connection of its own, which may fail alone: one that is this much older is not shown.
LATEST_MS = 10_000.0


class DeepBook:
    """The deep book of one instrument, held for `holder` at the desk; none to begin with."""

    def __init__(self, desk: MarketDesk, holder: str) -> None:
        self._desk = desk
        self._holder = holder
        self._tick: Tick | None = None
        self.key: InstrumentKey | None = None
        self.most = 0
        """The most levels that are to be had under any name; 0 where the usual book is all there is."""

    def ask(self, key: InstrumentKey, feed: str, most: int) -> None:
        """Hold the deepest book of `key` that `feed` has, with no more than `most` levels."""
        offered = _levels(self._desk, feed, key)
        self.most = max(offered, default=0)
        levels = max((each for each in offered if each <= most), default=0)
        wanted = InstrumentKey(key.exchange, f"{key.symbol}:{levels}") if levels else None
        if wanted == self.key:
            return
        self.let_go()
        if wanted is None:
            return
        (outcome,) = self._desk.subscribe(self._holder, [Subscription(wanted, Mode.DEPTH)])
        if outcome.accepted:
            self.key, self._tick = wanted, self._desk.last(wanted)
        else:
            self.most = 0

    def let_go(self) -> None:
        """Hold nothing."""
        if self.key is not None:
            self._desk.unsubscribe(self._holder, [Subscription(self.key, Mode.DEPTH)])
        self.key = self._tick = None

    def take(self, tick: Tick) -> None:
        """A new last value of `key`."""
        self._tick = tick

    def within(self, tick: Tick) -> Tick:
        """`tick` of the usual name with the deep book, if that is as recent."""
        deep = self._tick
        if deep is None or not deep.depth or deep.received_ms < tick.received_ms - LATEST_MS:
            return tick
        return tick._replace(depth=deep.depth)


def _levels(desk: MarketDesk, feed: str, key: InstrumentKey) -> tuple[int, ...]:
    """How many levels the books have that `feed` keeps under names of their own."""
    if split_depth_suffix(key.symbol)[1] is not None:
        return ()
    for status, capabilities in desk.feeds():
        if status.feed == feed and capabilities.deep_by_name:
            return capabilities.depth_levels[1:]
    return ()
