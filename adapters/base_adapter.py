"""The contract of a feed, and the bookkeeping every feed shares: wishes, status, counters.

An adapter implements `start`, `stop`, `why_not` and the two `_send_…` hooks; it never keeps its own list of what is
wanted. The port it fulfils is `market.feeds.Feed`.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Protocol

from market.candles import Candle
from market.errors import FeedRejectedError
from market.feeds import (
    Capabilities,
    Confirmed,
    FeedNature,
    FeedPart,
    FeedSink,
    FeedState,
    FeedStatus,
    NatureKnown,
    Rejected,
)
from market.instruments import Instrument, InstrumentKey
from market.subscriptions import Subscription, Wishes
from market.ticks import Tick


class Renewable(Protocol):
    """A connection that can be replaced: `adapters.kept_connection.KeptConnection`, or one that has such."""

    def renew(self, reason: str) -> None:
        """Replace the connection now; `reason` is a sentence."""


class BaseAdapter(ABC):
    """A feed that keeps its wishes through every reconnect."""

    def __init__(self, name: str, capabilities: Capabilities) -> None:
        self._name = name
        self._capabilities = capabilities
        self._sink: FeedSink | None = None
        self._status = FeedStatus(name, FeedState.STOPPED)
        self.wishes = Wishes()
        self.counters: Counter[str] = Counter()

    @property
    def name(self) -> str:
        return self._name

    @property
    def capabilities(self) -> Capabilities:
        return self._capabilities

    @property
    def status(self) -> FeedStatus:
        """The last status reported."""
        return self._status

    @abstractmethod
    async def start(self, sink: FeedSink) -> None:
        """Begin; implementations call `_attach(sink)` first."""

    @abstractmethod
    async def stop(self) -> None:
        """End; implementations close everything, then call `_detach()`."""

    @abstractmethod
    def why_not(self, key: InstrumentKey) -> str | None:
        """None if `key` could be served, else a sentence."""

    def reconnect(self, reason: str) -> bool:
        connections = list(self._connections())
        for connection in connections:
            connection.renew(reason)
        return bool(connections)

    def parts(self) -> Sequence[FeedPart]:
        return ()

    def _connections(self) -> Iterable[Renewable]:
        """The connections that this feed keeps; one that has none cannot be told to reconnect."""
        return ()

    def instruments(self) -> Iterable[Instrument]:
        return ()

    @property
    def instruments_version(self) -> int:
        return sum(1 for _ in self.instruments())

    def listing(self, key: InstrumentKey) -> Instrument | None:
        return next((each for each in self.instruments() if each.key == key), None)

    async def history(
        self,
        key: InstrumentKey,
        interval_s: int,
        limit: int,
        *,
        start_ms: int | None = None,
        end_ms: int | None = None,
    ) -> Sequence[Candle]:
        raise FeedRejectedError(f"The {self._name} feed has no history")

    def subscribe(self, wishes: Collection[Subscription]) -> None:
        fresh = self.wishes.add(wishes)
        if fresh and self._sink is not None:
            self._send_subscribe(fresh)

    def unsubscribe(self, wishes: Collection[Subscription]) -> None:
        gone = self.wishes.remove(wishes)
        if gone and self._sink is not None:
            self._send_unsubscribe(gone)

    @abstractmethod
    def _send_subscribe(self, wishes: Sequence[Subscription]) -> None:
        """Ask the source for `wishes`, or do nothing while it is not connected: they are sent on connecting."""

    @abstractmethod
    def _send_unsubscribe(self, wishes: Sequence[Subscription]) -> None:
        """Tell the source that `wishes` are no longer wanted."""

    def _attach(self, sink: FeedSink) -> None:
        self._sink = sink

    def _detach(self) -> None:
        if self._sink is not None:
            self._report_state(FeedState.STOPPED)
        self._sink = None

    def _publish(self, ticks: Sequence[Tick]) -> None:
        self.counters["ticks"] += len(ticks)
        if self._sink is not None:
            self._sink.publish(ticks)

    def _tell_natures(self, changes: Mapping[InstrumentKey, FeedNature]) -> None:
        """Report what sort of prices those of some instruments are, before the prices themselves."""
        if self._sink is not None:
            for key, nature in changes.items():
                self._sink.report(NatureKnown(self._name, key, nature))

    def _report_state(self, state: FeedState, detail: str = "", *, attempt: int = 0, needs_login: bool = False) -> None:
        if (state, detail, attempt) == (self._status.state, self._status.detail, self._status.attempt):
            return
        self._status = FeedStatus(self._name, state, detail, time.time() * 1000.0, attempt, needs_login)
        if self._sink is not None:
            self._sink.report(self._status)

    def _confirm(self, wishes: Sequence[Subscription]) -> None:
        self.wishes.confirm(wishes)
        if self._sink is not None:
            self._sink.report(Confirmed(self._name, tuple(wishes)))

    def _reject(self, wish: Subscription, reason: str) -> None:
        self.wishes.reject(wish, reason)
        if self._sink is not None:
            self._sink.report(Rejected(self._name, wish, reason))
