"""The one counter at which everybody subscribes: clients of the port and subscribers inside the process.

It joins the registries with the router, so that a feed is asked once however many want the same, and is told to stop
only when the last one leaves. It fits `services.ports.MarketDesk` without knowing it. Pure: no sockets, no clock.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

from market.errors import FeedRejectedError, OpenAlgoError
from market.feeds import Capabilities, FeedState, FeedStatus
from market.instruments import InstrumentKey
from market.notices import Notice
from market.subscriptions import Outcome, Subscription
from market.symbols import split_depth_suffix
from market.ticks import Tick
from proxy.hub import Hub
from proxy.registry import Registry
from proxy.router import FeedRouter

H = TypeVar("H", bound=Hashable)

DEFAULT_DEPTH = 5


class Desk:
    """Subscribe, unsubscribe and look up, for clients (`Registry` of connections) and for holders inside (by name)."""

    def __init__(self, hub: Hub, router: FeedRouter, *, notices: Sequence[Notice] = ()) -> None:
        self.hub = hub
        self.router = router
        self.clients: Registry[Hashable] = Registry()
        self.holders: Registry[str] = Registry()
        self.edge_counters: Counter[str] = Counter()
        self._notices = tuple(notices)

    # --- inside the process: services.ports.MarketDesk

    def subscribe(self, holder: str, wishes: Sequence[Subscription]) -> list[Outcome]:
        """Hold `wishes` for `holder`; one outcome per wish, in order."""
        return self._subscribe(self.holders, holder, wishes)

    def unsubscribe(self, holder: str, wishes: Sequence[Subscription]) -> list[Outcome]:
        """Let go of `wishes`; one that was not held is accepted all the same."""
        return self._unsubscribe(self.holders, holder, wishes)

    def subscriptions(self, holder: str) -> list[Subscription]:
        """What `holder` holds, in the order it was asked for."""
        return self.holders.held_by(holder)

    def last(self, key: InstrumentKey) -> Tick | None:
        """The last known value of `key`, or None."""
        return self.hub.last(key)

    def rejection(self, wish: Subscription) -> str | None:
        """Why the source refused `wish` after it was accepted here, or None."""
        return self.router.rejection(wish)

    def feeds(self) -> list[tuple[FeedStatus, Capabilities]]:
        """The feeds, in order of preference, with their latest status."""
        statuses = self.router.statuses
        return [
            (statuses.get(feed.name, FeedStatus(feed.name, FeedState.STOPPED)), feed.capabilities)
            for feed in self.router.feeds
        ]

    def notices(self) -> tuple[Notice, ...]:
        """What the user must know for as long as the application runs."""
        return self._notices

    def counters(self) -> Mapping[str, int]:
        """Running totals of the hub, the router and the edges."""
        total = self.hub.counters + self.router.counters + self.edge_counters
        total["subscriptions"] = len(self.clients) + len(self.holders)
        return total

    # --- clients of the port

    def subscribe_client(
        self, client: Hashable, wishes: Sequence[Subscription], levels: int, *, is_packed: bool = False
    ) -> list[Outcome]:
        """Hold `wishes` for a connection, Depth with up to `levels` levels, sent as msgpack if `is_packed`."""
        return self._subscribe(self.clients, client, wishes, levels, is_packed=is_packed)

    def unsubscribe_client(self, client: Hashable, wishes: Sequence[Subscription]) -> list[Outcome]:
        """Let go of `wishes` of a connection."""
        return self._unsubscribe(self.clients, client, wishes)

    def release_client(self, client: Hashable, limit: int | None = None) -> list[Subscription]:
        """Let go of everything a connection holds, or of its first `limit`; returns what it let go of."""
        held = self.clients.held_by(client, limit)
        self._unsubscribe(self.clients, client, held)
        return held

    def _subscribe(
        self,
        registry: Registry[H],
        holder: H,
        wishes: Sequence[Subscription],
        levels: int | None = None,
        *,
        is_packed: bool = False,
    ) -> list[Outcome]:
        outcomes: list[Outcome] = []
        fresh: list[Subscription] = []
        for wish in wishes:
            try:
                feed = self.router.choose(wish.key)
            except OpenAlgoError as error:
                outcomes.append(Outcome(wish, str(error), error.code))
                continue
            granted = _granted(feed.capabilities, wish.key, levels)
            if not self.is_wanted(wish):
                fresh.append(wish)
            registry.hold(holder, wish, granted, is_packed=is_packed)
            outcomes.append(Outcome(wish, feed=feed.name, depth_levels=granted))
        self.router.want(fresh)
        return [self._unless_refused(registry, holder, outcome) for outcome in outcomes]

    def _unless_refused(self, registry: Registry[H], holder: H, outcome: Outcome) -> Outcome:
        """A feed may refuse at once: then nothing is held, and the reason is the outcome."""
        wish = outcome.subscription
        reason = self.router.rejection(wish) if outcome.accepted else None
        if reason is None:
            return outcome
        self._unsubscribe(registry, holder, [wish])
        return Outcome(wish, reason, FeedRejectedError.code, outcome.feed)

    def _unsubscribe(self, registry: Registry[H], holder: H, wishes: Sequence[Subscription]) -> list[Outcome]:
        released = [wish for wish in wishes if registry.release(holder, wish)]
        self.router.unwant([wish for wish in released if not self.is_wanted(wish)])
        return [Outcome(wish) for wish in wishes]

    def is_wanted(self, wish: Subscription) -> bool:
        """Whether anybody, client or holder, wants `wish`."""
        return self.clients.is_held(wish) or self.holders.is_held(wish)


def _granted(capabilities: Capabilities, key: InstrumentKey, asked: int | None) -> int:
    """The number of levels given to one who asked for `asked`: the most offered that is not more, else the least.

    A name that says a number (`TCS:50`) is what was asked for, whatever else was said.
    """
    offered = capabilities.depths(key.exchange)
    if not offered:
        return DEFAULT_DEPTH
    named = split_depth_suffix(key.symbol)[1]
    if named is not None:
        return min(named, max(offered))
    if capabilities.deep_by_name:
        return min(offered)
    if asked is None:
        return max(offered)
    return max((levels for levels in offered if levels <= asked), default=min(offered))
