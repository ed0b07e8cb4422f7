"""Whatever happens in whatever order: each feed holds just what it serves, stands in for, or is compared with."""

from __future__ import annotations

from collections.abc import Collection

from hypothesis import given, settings
from hypothesis import strategies as st

from market.feeds import FeedState, FeedStatus
from market.instruments import InstrumentKey
from market.modes import Mode
from market.subscriptions import Subscription
from market.ticks import Tick
from proxy.router import GRACE_MS, FeedRouter
from tests.doubles.fake_feed import FakeFeed
from tests.doubles.ticks import INFY

NAMES = ("a", "b")
KEYS = (INFY,)
KEY, NAME = st.sampled_from(KEYS), st.sampled_from(NAMES)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("want"), KEY, st.sampled_from(list(Mode))),
        st.tuples(st.just("unwant"), KEY, st.sampled_from(list(Mode))),
        st.tuples(st.just("compare"), KEY, st.one_of(NAME, st.none())),
        st.tuples(st.just("prefer"), KEY, st.one_of(NAME, st.none())),
        st.tuples(st.just("tick"), KEY, NAME),
        st.tuples(st.just("lose"), NAME, st.none()),
        st.tuples(st.just("return"), NAME, st.none()),
        st.tuples(st.just("stall"), NAME, st.none()),
    ),
    min_size=20,
    max_size=60,
)


class HoldingFeed(FakeFeed):
    """Holds a wish once, as feeds do."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.held: set[Subscription] = set()

    def subscribe(self, wishes: Collection[Subscription]) -> None:
        self.held.update(wishes)

    def unsubscribe(self, wishes: Collection[Subscription]) -> None:
        self.held.difference_update(wishes)


class Walk:
    """Two feeds that know everything, and what is wanted."""

    def __init__(self) -> None:
        self.feeds = {name: HoldingFeed(name) for name in NAMES}
        self.router = FeedRouter(list(self.feeds.values()), lambda _: None)
        self.wanted: dict[InstrumentKey, set[Mode]] = {key: set() for key in KEYS}
        self.now_ms = 0.0
        for name in NAMES:
            self._tell(name, FeedState.LIVE)

    def step(self, what: str, on: InstrumentKey | str, more: Mode | str | None) -> None:
        """Do one thing; a second passes, or as long as a feed may be lost before others stand in for it."""
        self.now_ms += 2 * GRACE_MS if what in ("lose", "stall") else 1_000.0
        if isinstance(on, str):
            if what != "stall":
                self._tell(on, FeedState.RECONNECTING if what == "lose" else FeedState.LIVE)
            self.router.attend(self.now_ms - 1.0)
            self.router.attend(self.now_ms + 2 * GRACE_MS, [on] if what == "stall" else ())
        elif isinstance(more, Mode):
            self._wish(what, Subscription(on, more))
        elif what == "compare":
            self.router.compare(on, more)
        elif what == "prefer":
            self.router.prefer(on, more)
        elif more is not None:
            self.router.sink_for(self.feeds[more]).publish([Tick(on, self.now_ms, more, ltp=1.0)])

    def check(self) -> None:
        """Every feed holds what it should, and counts what it carries."""
        for name, feed in self.feeds.items():
            expected: set[Subscription] = set()
            load = 0
            for key, modes in self.wanted.items():
                carriers = self.router._carriers(key)
                load += carriers.count(feed)
                if feed in carriers:
                    expected.update(Subscription(key, mode) for mode in modes)
                if modes and self.router.opinions.asked(key) == name:
                    expected.add(Subscription(key, Mode.LTP))
            assert feed.held == expected
            assert self.router.load(name) == load

    def _wish(self, what: str, wish: Subscription) -> None:
        modes = self.wanted[wish.key]
        if what == "want":
            modes.add(wish.mode)
            self.router.want([wish])
        elif wish.mode in modes:
            modes.discard(wish.mode)
            self.router.unwant([wish])

    def _tell(self, name: str, state: FeedState) -> None:
        self.router.report_from(FeedStatus(name, state, since_ms=self.now_ms))


@settings(max_examples=300, deadline=None)
@given(STEPS)
def test_every_feed_holds_exactly_what_it_is_for(
    steps: list[tuple[str, InstrumentKey | str, Mode | str | None]],
) -> None:
    walk = Walk()
    for step in steps:
        walk.step(*step)
        walk.check()
    for key, modes in walk.wanted.items():
        for mode in list(modes):
            walk.step("unwant", key, mode)
    walk.check()
    assert not any(feed.held for feed in walk.feeds.values())
