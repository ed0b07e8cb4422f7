"""Which feed serves which instrument, and the wishes that each feed is given.

The first feed in order of preference that can serve an instrument serves it, for as long as anybody wants it: prices of
two sources are never mixed in one row. Pure: feeds are called, never awaited.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from market.errors import CapacityError, OpenAlgoError, UnknownInstrumentError
from market.feeds import Confirmed, Feed, FeedEvent, FeedStatus, Rejected
from market.instruments import InstrumentKey
from market.modes import Mode
from market.subscriptions import Subscription
from market.ticks import Tick

logger = logging.getLogger(__name__)


class FeedRouter:
    """Feeds in order of preference, and what is wanted of each."""

    def __init__(self, feeds: Sequence[Feed], publish: Callable[[Sequence[Tick]], None]) -> None:
        self._feeds = list(feeds)
        self._publish = publish
        self._serving: dict[InstrumentKey, Feed] = {}
        self._modes: dict[InstrumentKey, set[Mode]] = {}
        self._load: Counter[str] = Counter()
        self._listeners: list[Callable[[FeedEvent], None]] = []
        self._rejections: dict[Subscription, str] = {}
        self.statuses: dict[str, FeedStatus] = {}
        self.counters: Counter[str] = Counter()

    @property
    def feeds(self) -> list[Feed]:
        """The feeds, most preferred first."""
        return self._feeds

    def add_listener(self, listener: Callable[[FeedEvent], None]) -> None:
        """Call `listener` with everything feeds report."""
        self._listeners.append(listener)

    def sink_for(self, feed: Feed) -> FeedPort:
        """The sink that `feed` is started with."""
        return FeedPort(self, feed)

    def serving(self, key: InstrumentKey) -> Feed | None:
        """The feed that serves `key` now, or None if nobody wants it."""
        return self._serving.get(key)

    def choose(self, key: InstrumentKey) -> Feed:
        """Return the feed that serves `key`, or would.

        Raises:
            UnknownInstrumentError: no feed can; the sentence has every feed's reason.
            CapacityError: the one that could is full; the sentence has both numbers.
        """
        serving = self._serving.get(key)
        if serving is not None:
            return serving
        reasons: dict[str, None] = {}
        full: OpenAlgoError | None = None
        for feed in self._feeds:
            reason = feed.why_not(key)
            limit = feed.capabilities.max_instruments
            if reason is not None:
                reasons[reason] = None
            elif limit is not None and self._load[feed.name] >= limit:
                full = CapacityError(f"The {feed.name} feed is full: {self._load[feed.name]} of {limit} instruments")
            else:
                return feed
        raise full or UnknownInstrumentError("; ".join(reasons) or "There is no feed")

    def want(self, wishes: Iterable[Subscription]) -> None:
        """Pass `wishes`, each of which `choose` accepted, to their feeds; one call per feed."""
        batches: dict[str, tuple[Feed, list[Subscription]]] = {}
        for wish in wishes:
            feed = self.choose(wish.key)
            if wish.key not in self._serving:
                self._serving[wish.key] = feed
                self._load[feed.name] += 1
            self._modes.setdefault(wish.key, set()).add(wish.mode)
            batches.setdefault(feed.name, (feed, []))[1].append(wish)
        for feed, batch in batches.values():
            try:
                feed.subscribe(batch)
            except Exception:
                logger.exception("The %s feed failed to take subscriptions", feed.name)
                for wish in batch:
                    self.report_from(Rejected(feed.name, wish, f"The {feed.name} feed failed to take it"))

    def unwant(self, wishes: Iterable[Subscription]) -> None:
        """Withdraw `wishes` from their feeds; one call per feed."""
        batches: dict[str, tuple[Feed, list[Subscription]]] = {}
        for wish in wishes:
            feed, modes = self._serving.get(wish.key), self._modes.get(wish.key)
            if feed is None or modes is None:
                continue
            batches.setdefault(feed.name, (feed, []))[1].append(wish)
            self._rejections.pop(wish, None)
            modes.discard(wish.mode)
            if not modes:
                del self._serving[wish.key], self._modes[wish.key]
                self._load[feed.name] -= 1
        for feed, batch in batches.values():
            try:
                feed.unsubscribe(batch)
            except Exception:
                logger.exception("The %s feed failed to let go of subscriptions", feed.name)

    def rejection(self, wish: Subscription) -> str | None:
        """Why the source refused `wish`, or None."""
        return self._rejections.get(wish)

    def load(self, feed: str) -> int:
        """How many instruments `feed` serves."""
        return self._load[feed]

    def publish_from(self, feed: Feed, ticks: Sequence[Tick]) -> None:
        """Pass on the ticks of instruments that `feed` serves, or that nobody wants yet."""
        if len(self._feeds) > 1:
            serving = self._serving
            mine = [tick for tick in ticks if serving.get(tick.key, feed) is feed]
            self.counters["ticks_not_served"] += len(ticks) - len(mine)
            ticks = mine
        if ticks:
            self._publish(ticks)

    def report_from(self, event: FeedEvent) -> None:
        """Keep and pass on what a feed reports."""
        if isinstance(event, FeedStatus):
            self.statuses[event.feed] = event
            logger.info("Feed %s is %s. %s", event.feed, event.state, event.detail)
        elif isinstance(event, Rejected):
            self._rejections[event.subscription] = event.reason
            self.counters["rejections"] += 1
            logger.info("Feed %s refused %s: %s", event.feed, event.subscription.key, event.reason)
        elif isinstance(event, Confirmed):
            for wish in event.subscriptions:
                self._rejections.pop(wish, None)
        for listener in self._listeners:
            listener(event)


class FeedPort:
    """The sink of one feed: what it publishes is attributed to it."""

    def __init__(self, router: FeedRouter, feed: Feed) -> None:
        self._router = router
        self._feed = feed

    def publish(self, ticks: Sequence[Tick]) -> None:
        """See `market.feeds.FeedSink`."""
        self._router.publish_from(self._feed, ticks)

    def report(self, event: FeedEvent) -> None:
        """See `market.feeds.FeedSink`."""
        self._router.report_from(event)
