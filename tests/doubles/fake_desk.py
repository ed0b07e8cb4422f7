"""A market desk in memory: fits `services.ports.MarketDesk`, refuses what it is told to refuse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from market.exchanges import Exchange
from market.feeds import Capabilities, FeedNature, FeedState, FeedStatus
from market.instruments import InstrumentKey
from market.notices import Notice
from market.subscriptions import Outcome, Subscription
from market.ticks import Tick


class FakeDesk:
    """Holds subscriptions by holder. `unknown` symbols and a full `capacity` are refused."""

    def __init__(self, *, feed: str = "simulated", capacity: int | None = None) -> None:
        self.feed = feed
        self.capacity = capacity
        self.unknown: set[str] = set()
        self.values: dict[InstrumentKey, Tick] = {}
        self.held: dict[str, list[Subscription]] = {}
        self.status = FeedStatus(feed, FeedState.LIVE)
        self.capabilities = Capabilities(exchanges=frozenset(Exchange), nature=FeedNature.SIMULATED)
        self.totals: dict[str, int] = {}
        self.standing: tuple[Notice, ...] = ()
        self.rejections: dict[Subscription, str] = {}

    def subscribe(self, holder: str, wishes: Sequence[Subscription]) -> list[Outcome]:
        return [self._subscribe(holder, wish) for wish in wishes]

    def unsubscribe(self, holder: str, wishes: Sequence[Subscription]) -> list[Outcome]:
        held = self.held.get(holder, [])
        for wish in wishes:
            if wish in held:
                held.remove(wish)
        return [Outcome(wish, feed=self.feed) for wish in wishes]

    def subscriptions(self, holder: str) -> list[Subscription]:
        return list(self.held.get(holder, []))

    def last(self, key: InstrumentKey) -> Tick | None:
        return self.values.get(key)

    def rejection(self, wish: Subscription) -> str | None:
        return self.rejections.get(wish)

    def feeds(self) -> list[tuple[FeedStatus, Capabilities]]:
        return [(self.status, self.capabilities)] if self.feed else []

    def notices(self) -> Sequence[Notice]:
        return self.standing

    def counters(self) -> Mapping[str, int]:
        return self.totals | {"subscriptions": sum(map(len, self.held.values()))}

    def _subscribe(self, holder: str, wish: Subscription) -> Outcome:
        held = self.held.setdefault(holder, [])
        if wish.key.symbol in self.unknown:
            return Outcome(wish, f"{wish.key} is not known to {self.feed}", "INVALID_SYMBOLS")
        if self.capacity is not None and wish not in held and len(held) >= self.capacity:
            return Outcome(wish, f"{len(held)} of {self.capacity} subscriptions are in use", "CAPACITY_EXCEEDED")
        if wish not in held:
            held.append(wish)
        return Outcome(wish, feed=self.feed)
