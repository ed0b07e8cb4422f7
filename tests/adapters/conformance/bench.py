"""What the conformance suite needs to know of a feed: its toy peer, its feed, and what its broker can and cannot do."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from adapters.broker_feed import BrokerFeed
from adapters.broker_table import Endpoints
from adapters.catalogue import Catalogue
from adapters.fleet import Patience
from adapters.transport import Limits
from adapters.venue import Lane, Venue
from market.instruments import Instrument
from market.modes import Mode
from market.subscriptions import Subscription
from tests.doubles.recording_sink import RecordingSink
from tests.doubles.toy_broker import ToyBroker
from tests.doubles.toy_sessions import ToySessions
from tests.doubles.waiting import until

QUICK_LIMITS = Limits(open_timeout_s=2.0, close_timeout_s=0.05, request_timeout_s=5.0)


@dataclass(kw_only=True)
class Dialect:
    """One feed as the suite sees it. A family's tests have it in `tests/adapters/<family>/bench.py`.

    Args:
        name: of the broker.
        toy: makes its toy peer.
        venue: makes its venue from endpoints.
        instruments: at least eight of different kinds, the first a share or its like, with a book.
        tokens: what a session holds whose access token is the argument.
        tells_refusals: whether the broker says that it refuses an instrument.
        tells_modes: the broker's word for each of our modes, as `ToyBroker.holds` returns it.
        garbage: frames that mean nothing, each of which must be counted as undecodable.
        fields: of QUOTE mode, those that a tick must have filled from a `ToyQuote`.
    """

    name: str
    toy: Callable[[], ToyBroker]
    venue: Callable[[Endpoints], Venue]
    instruments: Sequence[Instrument]
    tokens: Callable[[str], Mapping[str, str]]
    tells_modes: Mapping[Mode, str]
    tells_refusals: bool = False
    garbage: Sequence[str | bytes] = (b"\x00", b"\xff\xfe\xfd\xfc", "not json")
    fields: Sequence[str] = ("open", "high", "low", "close", "volume", "average_price")
    depth_levels: int = 5


class QuickVenue:
    """A venue with little patience: everything else is as it is."""

    def __init__(self, venue: Venue, lanes: Sequence[Lane]) -> None:
        self._venue = venue
        self.lanes = lanes

    def __getattr__(self, name: str) -> object:
        return getattr(self._venue, name)


def quick(lane: Lane, *, dead_after_s: float = 20.0, per_connection: int | None = None) -> Lane:
    """`lane` as tests want it: no waiting, and perhaps smaller limits."""
    policy = dataclasses.replace(
        lane.policy,
        mute_after_s=min(lane.policy.mute_after_s, dead_after_s / 2.0),
        dead_after_s=dead_after_s,
        message_rate_per_s=1_000.0,
        message_burst=1_000.0,
        limits=QUICK_LIMITS,
    )
    limit = lane.per_connection if per_connection is None else per_connection
    return dataclasses.replace(lane, policy=policy, per_connection=limit, connect_gap_s=0.0)


@dataclass(kw_only=True)
class Bench:
    """A dialect at work: toy, feed, sink, login."""

    dialect: Dialect
    toy: ToyBroker
    sink: RecordingSink = field(default_factory=RecordingSink)
    sessions: ToySessions = field(default_factory=ToySessions)
    catalogue: Catalogue = field(default_factory=Catalogue)
    feed: BrokerFeed = field(init=False)

    def make_feed(
        self,
        *,
        dead_after_s: float = 20.0,
        per_connection: int | None = None,
        instruments: Sequence[Instrument] | None = None,
    ) -> None:
        """Make the feed, not started yet. The login is there, and so are the instruments, unless there are none."""
        venue = self.dialect.venue(self.toy.endpoints())
        lanes = [quick(lane, dead_after_s=dead_after_s, per_connection=per_connection) for lane in venue.lanes]
        self.feed = BrokerFeed(
            QuickVenue(venue, lanes),  # type: ignore[arg-type]  # it is one by delegation
            self.catalogue,
            self.sessions,
            patience=Patience(first_s=0.01, cap_s=0.05, draw=lambda: 1.0),
        )
        listed = self.dialect.instruments if instruments is None else instruments
        if listed:
            self.catalogue.replace(list(listed))
        self.log_in("good-token")

    async def start(self, *wishes: Subscription, **limits: float) -> None:
        """Make the feed and start it; with `wishes`, return when the toy holds all of them."""
        self.make_feed(**limits)  # type: ignore[arg-type]
        await self.feed.start(self.sink)
        self.feed.subscribe(wishes)
        await self.held(*wishes)

    async def held(self, *wishes: Subscription) -> None:
        """Return when the toy holds the instruments of `wishes`."""
        wanted = [self.instrument(wish) for wish in wishes]
        await until(lambda: all(self.toy.holds(each) is not None for each in wanted))

    def log_in(self, token: str) -> None:
        """There is a login with the access token `token`."""
        self.sessions.log_in(self.dialect.name, self.dialect.tokens(token))

    def instrument(self, wish: Subscription) -> Instrument:
        """The instrument of a wish."""
        return next(each for each in self.dialect.instruments if each.key == wish.key)

    def wish(self, number: int, mode: Mode = Mode.LTP) -> Subscription:
        """A wish for instrument `number` of the dialect."""
        return Subscription(self.dialect.instruments[number].key, mode)

    def wishes(self, mode: Mode = Mode.LTP, count: int | None = None) -> list[Subscription]:
        """Wishes for the first `count` instruments, all by default."""
        return [Subscription(each.key, mode) for each in self.dialect.instruments[:count]]
