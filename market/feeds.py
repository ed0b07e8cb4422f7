"""The ports between feeds and the rest: what a feed offers, what it reports, and whom it reports to.

Plain protocols, so that `adapters` and `proxy` meet here without knowing each other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from market.candles import Candle
from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey
from market.modes import Mode
from market.subscriptions import Subscription
from market.ticks import Tick


class FeedState(StrEnum):
    """What a feed's connection is doing.

    `mute` is the trap: the socket is open and nothing arrives, not even a heartbeat. `polling` asks for prices now
    and then, because no stream is to be had.
    """

    CONNECTING = "connecting"
    LIVE = "live"
    POLLING = "polling"
    MUTE = "mute"
    RECONNECTING = "reconnecting"
    STOPPED = "stopped"
    FAILED = "failed"


class FeedNature(StrEnum):
    """Where a feed's prices come from. Anything but `live` is said on every screen and in every message."""

    LIVE = "live"
    SIMULATED = "simulated"
    REPLAY = "replay"


@dataclass(frozen=True, slots=True)
class FeedStatus:
    """A change in the state of a feed's connection.

    `detail` is a sentence for the user, `since_ms` is in ms since 1970 UTC, `attempt` counts reconnects. With
    `needs_login` nothing is tried until the user has logged in.
    """

    feed: str
    state: FeedState
    detail: str = ""
    since_ms: float = 0.0
    attempt: int = 0
    needs_login: bool = False


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The source acknowledged these subscriptions."""

    feed: str
    subscriptions: tuple[Subscription, ...]


@dataclass(frozen=True, slots=True)
class Rejected:
    """The source refused this subscription, and why."""

    feed: str
    subscription: Subscription
    reason: str


@dataclass(frozen=True, slots=True)
class NatureKnown:
    """The source says where the prices of one instrument come from; it holds until it says otherwise.

    For feeds that carry what others publish: the nature of the feed itself is in its `Capabilities`.
    """

    feed: str
    key: InstrumentKey
    nature: FeedNature


FeedEvent = FeedStatus | Confirmed | Rejected | NatureKnown


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a feed can do and how much of it, as data.

    `depth_levels` are the depths it can send, smallest first; `max_instruments` is over all its connections,
    None where the source sets no limit. `history_s` are the intervals of its candles in seconds, empty where it has
    none or does not say. Without a heartbeat, silence of the source is all that tells that it is gone.
    """

    exchanges: frozenset[Exchange]
    modes: frozenset[Mode] = frozenset(Mode)
    depth_levels: tuple[int, ...] = (5,)
    max_instruments: int | None = None
    nature: FeedNature = FeedNature.LIVE
    history_s: tuple[int, ...] = ()
    has_heartbeat: bool = True
    deep_by_name: bool = False
    """Whether books deeper than the first of `depth_levels` are instruments of their own: `TCS:50` beside `TCS`."""
    depth_of_exchange: Mapping[Exchange, tuple[int, ...]] = field(default_factory=dict, hash=False)
    """The depths of exchanges that have others than `depth_levels`, which are all that any has."""

    def depths(self, exchange: Exchange) -> tuple[int, ...]:
        """The depths that instruments of `exchange` have, smallest first."""
        return self.depth_of_exchange.get(exchange, self.depth_levels)


class FeedSink(Protocol):
    """Whom a feed reports to. Both calls are made on the loop that the feed was started on, and return at once."""

    def publish(self, ticks: Sequence[Tick]) -> None:
        """Take a batch of ticks, oldest first."""

    def report(self, event: FeedEvent) -> None:
        """Take news about the connection or about a subscription."""


class FeedPart(Protocol):
    """One of the connections of a feed that has several."""

    @property
    def title(self) -> str:
        """Which one, for people: `connection 2`."""

    @property
    def keys(self) -> Collection[InstrumentKey]:
        """The instruments that it carries."""

    @property
    def follows_ms(self) -> float | None:
        """When it last brought anything (ms since 1970 UTC), if something must come whenever a price moves elsewhere.

        So it is with books beside which another connection brings the prices; None where nothing can be expected.
        """

    def renew(self, reason: str) -> None:
        """Replace it now; `reason` is a sentence. No I/O in the call."""


class Feed(Protocol):
    """A source of prices. Construction opens nothing; `start` returns as soon as the work is under way."""

    @property
    def name(self) -> str:
        """Short lower-case name, unique within the application: `simulated`, `binance`, …"""

    @property
    def capabilities(self) -> Capabilities:
        """What this feed can do."""

    async def start(self, sink: FeedSink) -> None:
        """Begin: connect in the background, report through `sink`, keep every wish alive until `stop`."""

    async def stop(self) -> None:
        """End: close every socket, task and thread. Safe to call twice."""

    def reconnect(self, reason: str) -> bool:
        """Replace every connection now; False where there is none. `reason` is a sentence. No I/O in the call."""

    def parts(self) -> Sequence[FeedPart]:
        """Its connections, each with what it carries; none where it does not know which brings what."""

    def why_not(self, key: InstrumentKey) -> str | None:
        """None if this feed could serve `key`, else a sentence that says why it cannot. No I/O."""

    def subscribe(self, wishes: Collection[Subscription]) -> None:
        """Add wishes, before `start` too; the outcome of each is reported. No I/O in the call."""

    def unsubscribe(self, wishes: Collection[Subscription]) -> None:
        """Withdraw wishes."""

    def instruments(self) -> Iterable[Instrument]:
        """The instruments this feed knows of by now; may grow after `start`."""

    @property
    def instruments_version(self) -> int:
        """A number that changes with `instruments`; 0 while there are none."""

    def listing(self, key: InstrumentKey) -> Instrument | None:
        """What this feed knows of `key`, with its own token and name, or None."""

    async def history(
        self,
        key: InstrumentKey,
        interval_s: int,
        limit: int,
        *,
        start_ms: int | None = None,
        end_ms: int | None = None,
    ) -> Sequence[Candle]:
        """Up to `limit` latest candles of `interval_s` seconds, oldest first.

        Only those that begin at `start_ms` or later and before `end_ms`, both in ms since 1970 UTC. Without
        `start_ms` they go as far back as `limit` says; without `end_ms` the running candle is the last. Where nothing
        traded in the range the answer is empty.

        Raises:
            FeedRejectedError: this feed has no history for `key` or for the interval, or the whole range lies before
                what it keeps.
            FeedUnavailableError: the source did not answer.
        """
