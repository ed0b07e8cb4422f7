"""A sink that remembers what a feed told it."""

from __future__ import annotations

from collections.abc import Sequence

from market.feeds import Confirmed, FeedEvent, FeedState, FeedStatus, Rejected
from market.subscriptions import Subscription
from market.ticks import Tick


class FakeSink:
    """Fits `market.feeds.FeedSink`."""

    def __init__(self) -> None:
        self.ticks: list[Tick] = []
        self.events: list[FeedEvent] = []

    def publish(self, ticks: Sequence[Tick]) -> None:
        self.ticks += ticks

    def report(self, event: FeedEvent) -> None:
        self.events.append(event)

    def states(self) -> list[FeedState]:
        """The states reported, in order."""
        return [event.state for event in self.events if isinstance(event, FeedStatus)]

    def confirmed(self) -> list[Subscription]:
        """The subscriptions confirmed, in order."""
        return [wish for event in self.events if isinstance(event, Confirmed) for wish in event.subscriptions]

    def rejected(self) -> dict[Subscription, str]:
        """The subscriptions refused, with the reasons."""
        return {event.subscription: event.reason for event in self.events if isinstance(event, Rejected)}
