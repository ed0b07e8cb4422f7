"""A sink that remembers what a feed tells it, and folds the ticks as the hub does."""

from __future__ import annotations

from collections.abc import Sequence

from market.feeds import Confirmed, FeedEvent, FeedState, FeedStatus, Rejected
from market.instruments import InstrumentKey
from market.subscriptions import Subscription
from market.ticks import Tick, fold


class RecordingSink:
    """Takes everything and judges nothing."""

    def __init__(self) -> None:
        self.ticks: list[Tick] = []
        self.last: dict[InstrumentKey, Tick] = {}
        self.events: list[FeedEvent] = []

    def publish(self, ticks: Sequence[Tick]) -> None:
        for tick in ticks:
            self.ticks.append(tick)
            before = self.last.get(tick.key)
            self.last[tick.key] = tick if before is None else fold(before, tick)

    def report(self, event: FeedEvent) -> None:
        self.events.append(event)

    @property
    def statuses(self) -> list[FeedStatus]:
        """The statuses reported, in order."""
        return [event for event in self.events if isinstance(event, FeedStatus)]

    @property
    def states(self) -> list[FeedState]:
        """The states reported, in order."""
        return [status.state for status in self.statuses]

    @property
    def confirmed(self) -> list[Subscription]:
        """Every subscription confirmed, in order, as often as it was."""
        return [wish for event in self.events if isinstance(event, Confirmed) for wish in event.subscriptions]

    @property
    def rejected(self) -> list[Rejected]:
        """The rejections, in order."""
        return [event for event in self.events if isinstance(event, Rejected)]
