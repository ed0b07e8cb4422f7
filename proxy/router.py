"""Which feed serves which instrument, and the wishes that each feed is given.

The first feed in order of preference that can serve an instrument is its own, for as long as anybody wants it: prices
of two sources are never mixed in one row. While its own feed is lost, another one that knows the instrument stands in,
and steps back at the first tick of the own one. Pure: feeds are called, never awaited; time is an argument.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from market.errors import CapacityError, OpenAlgoError, UnknownInstrumentError
from market.exchanges import Exchange
from market.feeds import Confirmed, Feed, FeedEvent, FeedState, FeedStatus, Rejected
from market.instruments import InstrumentKey
from market.modes import Mode
from market.subscriptions import Subscription
from market.ticks import Tick
from proxy.opinions import Opinion, Opinions

logger = logging.getLogger(__name__)

GRACE_MS = 10_000.0
"""How long a feed may be lost before others stand in for it: a reconnect mostly takes less."""
_NEVER = float("-inf")

_LOST = frozenset({FeedState.MUTE, FeedState.RECONNECTING, FeedState.FAILED})


class FeedRouter:
    """Feeds in order of preference, and what is wanted of each."""

    def __init__(self, feeds: Sequence[Feed], publish: Callable[[Sequence[Tick]], None]) -> None:
        self._feeds = list(feeds)
        self._publish = publish
        self._own: dict[InstrumentKey, Feed] = {}
        self._stand_ins: dict[InstrumentKey, Feed] = {}
        self._heard: set[InstrumentKey] = set()
        self._unfit: set[tuple[InstrumentKey, str]] = set()
        self._modes: dict[InstrumentKey, set[Mode]] = {}
        self._load: Counter[str] = Counter()
        self._listeners: list[Callable[[FeedEvent], None]] = []
        self._rejections: dict[Subscription, str] = {}
        self._lost_since: dict[str, float] = {}
        # When their own feed last brought something, of instruments while any feed is lost.
        self._spoke_ms: dict[InstrumentKey, float] = {}
        self._stalled: Collection[str] = ()
        self._preferences: dict[InstrumentKey, str] = {}
        self._comparisons: dict[InstrumentKey, str] = {}
        self.opinions = Opinions()
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
        """The feed whose prices of `key` are shown now, or None if nobody wants it."""
        return self.standing_in(key) or self._own.get(key)

    def is_wanted(self, key: InstrumentKey) -> bool:
        """Whether anybody wants `key`."""
        return key in self._own

    def standing_in(self, key: InstrumentKey) -> Feed | None:
        """The feed that serves `key` in place of its own one, once it has said anything about it, or None."""
        return self._stand_ins.get(key) if key in self._heard else None

    def replaced(self) -> Mapping[str, Collection[Exchange]]:
        """The feeds that others stand in for now, by name, with the exchanges of the instruments concerned."""
        found: dict[str, set[Exchange]] = {}
        for key in self._stand_ins:
            own = self._own.get(key)
            if own is not None:
                found.setdefault(own.name, set()).add(key.exchange)
        return found

    def choose(self, key: InstrumentKey) -> Feed:
        """Return the feed that serves `key`, or would.

        Raises:
            UnknownInstrumentError: no feed can; the sentence has every feed's reason.
            CapacityError: the one that could is full; the sentence has both numbers.
        """
        own = self._own.get(key)
        if own is not None:
            return own
        reasons: dict[str, None] = {}
        full: OpenAlgoError | None = None
        for feed in self._in_order(key):
            reason = feed.why_not(key)
            if reason is not None:
                reasons[reason] = None
            elif self._is_full(feed):
                limit = feed.capabilities.max_instruments
                full = CapacityError(f"The {feed.name} feed is full: {self._load[feed.name]} of {limit} instruments")
            else:
                return feed
        raise full or UnknownInstrumentError("; ".join(reasons) or "There is no feed")

    def want(self, wishes: Iterable[Subscription]) -> None:
        """Pass `wishes`, each of which `choose` accepted, to their feeds; one call per feed."""
        batches: dict[str, list[Subscription]] = {}
        for wish in wishes:
            feed = self.choose(wish.key)
            if wish.key not in self._own:
                self._own[wish.key] = feed
                self._load[feed.name] += 1
                self._begin_comparison(wish.key)
            self._modes.setdefault(wish.key, set()).add(wish.mode)
            for each in self._carriers(wish.key):
                batches.setdefault(each.name, []).append(wish)
        self._subscribe(batches)

    def unwant(self, wishes: Iterable[Subscription]) -> None:
        """Withdraw `wishes` from their feeds; one call per feed."""
        batches: dict[str, list[Subscription]] = {}
        for wish in wishes:
            modes = self._modes.get(wish.key)
            if modes is None:
                continue
            for feed in self._carriers(wish.key):
                if not self._is_compared(feed, wish):
                    batches.setdefault(feed.name, []).append(wish)
            self._rejections.pop(wish, None)
            modes.discard(wish.mode)
            if not modes:
                self._forget(wish.key)
        self._unsubscribe(batches)

    def rejection(self, wish: Subscription) -> str | None:
        """Why the source refused `wish`, or None."""
        return self._rejections.get(wish)

    def load(self, feed: str) -> int:
        """How many instruments `feed` carries."""
        return self._load[feed]

    # which feed, by the user's choice or by need

    def prefer(self, key: InstrumentKey, feed: str | None) -> None:
        """Serve `key` by `feed` from now on where it can, None: by the first that can. Moves what is wanted already."""
        if feed is None:
            self._preferences.pop(key, None)
        else:
            self._preferences[key] = feed
        own = self._own.get(key)
        if own is None:
            return
        better = next((each for each in self._in_order(key) if each is own or self._could(each, key)), own)
        if better is not own:
            self._end_stand_in(key)
            self._move(key, own, better)

    def compare(self, key: InstrumentKey, feed: str | None) -> None:
        """Ask `feed` too for its price of `key` while it is wanted (see `opinion`); None: ask nobody any more."""
        self._end_comparison(key)
        if feed is None:
            self._comparisons.pop(key, None)
        else:
            self._comparisons[key] = feed
        if key in self._own:
            self._begin_comparison(key)

    def opinion(self, key: InstrumentKey) -> Opinion | None:
        """What another feed says of `key`, where it was asked and has said something."""
        return self.opinions.of(key)

    def attend(self, now_ms: float, stalled: Collection[str] = ()) -> None:
        """Let others stand in for feeds that are lost; meant for once a second.

        `stalled` are the names of feeds that are connected and bring nothing, which is as good as lost.
        """
        self._stalled = stalled
        if len(self._feeds) < 2 or not any(self._is_lost(feed, now_ms) for feed in self._feeds):
            self._spoke_ms.clear()
            return
        begun: dict[str, list[Subscription]] = {}
        for key, own in self._own.items():
            stand_in = self._stand_ins.get(key)
            if not self._is_lost(stand_in or own, now_ms):
                continue
            # A feed with one broken connection of several is lost as a whole, and serves the others' instruments still.
            if stand_in is None and now_ms - self._spoke_ms.get(key, _NEVER) < GRACE_MS:
                continue
            self._end_stand_in(key)
            other = self._substitute(key, own) if self._is_lost(own, now_ms) else None
            if other is not None:
                self._stand_ins[key] = other
                self._load[other.name] += 1
                begun.setdefault(other.name, []).extend(Subscription(key, mode) for mode in self._modes[key])
        self._subscribe(begun)
        for name, wishes in begun.items():
            count = len({wish.key for wish in wishes})
            self.counters["stand_ins"] += count
            logger.info("The %s feed stands in for %d instruments", name, count)

    def publish_from(self, feed: Feed, ticks: Sequence[Tick]) -> None:
        """Pass on the ticks of instruments that `feed` serves, or that nobody wants yet."""
        if len(self._feeds) > 1:
            mine = [tick for tick in ticks if self._is_shown(feed, tick)]
            self.counters["ticks_not_served"] += len(ticks) - len(mine)
            ticks = mine
        if ticks:
            self._publish(ticks)

    def report_from(self, event: FeedEvent) -> None:
        """Keep and pass on what a feed reports."""
        if isinstance(event, FeedStatus):
            self._note_status(event)
        elif isinstance(event, Rejected):
            if not self._is_own(event):
                return
            self._rejections[event.subscription] = event.reason
            self.counters["rejections"] += 1
            logger.info("Feed %s refused %s: %s", event.feed, event.subscription.key, event.reason)
        elif isinstance(event, Confirmed):
            for wish in event.subscriptions:
                self._rejections.pop(wish, None)
        for listener in self._listeners:
            listener(event)

    # inside

    def _is_shown(self, feed: Feed, tick: Tick) -> bool:
        key = tick.key
        own, stand_in = self._own.get(key, feed), self._stand_ins.get(key)
        if own is feed:
            if stand_in is not None:
                self._end_stand_in(key)
            if self._lost_since or self._stalled:
                self._spoke_ms[key] = tick.received_ms
            return True
        if stand_in is feed:
            self._heard.add(key)
            return True
        self.opinions.take(feed.name, tick)
        return False

    def _note_status(self, status: FeedStatus) -> None:
        self.statuses[status.feed] = status
        if status.state in _LOST:
            self._lost_since.setdefault(status.feed, status.since_ms)
        elif status.state is FeedState.LIVE:
            self._lost_since.pop(status.feed, None)
        logger.info("Feed %s is %s. %s", status.feed, status.state, status.detail)

    def _is_own(self, event: Rejected) -> bool:
        """Whether a refusal is that of the instrument's own feed; another one is only unfit to help out."""
        key = event.subscription.key
        own, stand_in = self._own.get(key), self._stand_ins.get(key)
        if own is None or own.name == event.feed:
            return True
        self._unfit.add((key, event.feed))
        if stand_in is not None and stand_in.name == event.feed:
            self._end_stand_in(key)
        return False

    def _in_order(self, key: InstrumentKey) -> list[Feed]:
        preferred = self._preferences.get(key)
        return sorted(self._feeds, key=lambda feed: feed.name != preferred) if preferred else self._feeds

    def _is_full(self, feed: Feed) -> bool:
        limit = feed.capabilities.max_instruments
        return limit is not None and self._load[feed.name] >= limit

    def _could(self, feed: Feed, key: InstrumentKey) -> bool:
        return feed.why_not(key) is None and not self._is_full(feed)

    def _substitute(self, key: InstrumentKey, own: Feed) -> Feed | None:
        """A feed that is live and of the same nature: invented prices never stand in for real ones."""
        for feed in self._feeds:
            status = self.statuses.get(feed.name)
            if feed is own or status is None or status.state is not FeedState.LIVE or (key, feed.name) in self._unfit:
                continue
            if feed.name in self._stalled:
                continue
            if feed.capabilities.nature is own.capabilities.nature and self._could(feed, key):
                return feed
        return None

    def _is_lost(self, feed: Feed, now_ms: float) -> bool:
        if feed.name in self._stalled:
            return True
        since = self._lost_since.get(feed.name)
        return since is not None and now_ms - since >= GRACE_MS

    def _carriers(self, key: InstrumentKey) -> list[Feed]:
        """Who holds wishes for `key`: its own feed, and the one that stands in."""
        return [feed for feed in (self._own.get(key), self._stand_ins.get(key)) if feed is not None]

    def _end_stand_in(self, key: InstrumentKey) -> None:
        feed = self._stand_ins.pop(key, None)
        self._heard.discard(key)
        if feed is None:
            return
        self._load[feed.name] -= 1
        gone = [Subscription(key, mode) for mode in self._modes.get(key, ())]
        self._unsubscribe({feed.name: [wish for wish in gone if not self._is_compared(feed, wish)]})

    def _is_compared(self, feed: Feed, wish: Subscription) -> bool:
        """Whether `feed` has `wish` for a comparison, whoever else wants it."""
        return wish.mode is Mode.LTP and self.opinions.asked(wish.key) == feed.name

    def _begin_comparison(self, key: InstrumentKey) -> None:
        name = self._comparisons.get(key)
        other = next((feed for feed in self._feeds if feed.name == name), None)
        if other is not None and other is not self._own[key] and other.why_not(key) is None:
            self.opinions.ask(key, other.name)
            self._subscribe({other.name: [Subscription(key, Mode.LTP)]})

    def _end_comparison(self, key: InstrumentKey) -> None:
        name = self.opinions.asked(key)
        if name is None:
            return
        self.opinions.forget(key)
        stand_in = self._stand_ins.get(key)
        if stand_in is None or stand_in.name != name or Mode.LTP not in self._modes.get(key, ()):
            self._unsubscribe({name: [Subscription(key, Mode.LTP)]})

    def _move(self, key: InstrumentKey, own: Feed, other: Feed) -> None:
        wishes = [Subscription(key, mode) for mode in self._modes[key]]
        self._end_comparison(key)
        self._own[key] = other
        self._load[own.name] -= 1
        self._load[other.name] += 1
        for wish in wishes:
            self._rejections.pop(wish, None)
        self._unsubscribe({own.name: wishes})
        self._subscribe({other.name: wishes})
        self._begin_comparison(key)

    def _forget(self, key: InstrumentKey) -> None:
        for feed in self._carriers(key):
            self._load[feed.name] -= 1
        self._stand_ins.pop(key, None)
        self._heard.discard(key)
        self._end_comparison(key)
        del self._own[key], self._modes[key]
        self._unfit -= {each for each in self._unfit if each[0] == key}

    def _subscribe(self, batches: Mapping[str, Sequence[Subscription]]) -> None:
        for feed in self._feeds:
            batch = batches.get(feed.name)
            if not batch:
                continue
            try:
                feed.subscribe(batch)
            except Exception:
                logger.exception("The %s feed failed to take subscriptions", feed.name)
                for wish in batch:
                    self.report_from(Rejected(feed.name, wish, f"The {feed.name} feed failed to take it"))

    def _unsubscribe(self, batches: Mapping[str, Sequence[Subscription]]) -> None:
        for feed in self._feeds:
            batch = batches.get(feed.name)
            if not batch:
                continue
            try:
                feed.unsubscribe(batch)
            except Exception:
                logger.exception("The %s feed failed to let go of subscriptions", feed.name)


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
