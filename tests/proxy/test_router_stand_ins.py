"""Another feed stands in for one that is lost, and steps back; a second opinion is compared and never mixed in."""

from __future__ import annotations

import pytest

from market.feeds import FeedNature, FeedState, FeedStatus, Rejected
from market.instruments import InstrumentKey
from market.modes import Mode
from market.subscriptions import Subscription
from market.ticks import Tick
from proxy.router import GRACE_MS, FeedRouter
from tests.doubles.fake_feed import FakeFeed
from tests.doubles.ticks import INFY, SBIN

QUOTE = Subscription(SBIN, Mode.QUOTE)
LTP = Subscription(SBIN, Mode.LTP)
OTHER = Subscription(INFY, Mode.QUOTE)


class Bench:
    """Two feeds that know everything, both live, and what was published."""

    def __init__(self, *feeds: FakeFeed) -> None:
        self.first, self.second = feeds or (FakeFeed("first"), FakeFeed("second"))
        self.published: list[Tick] = []
        self.router = FeedRouter((self.first, self.second), self.published.extend)
        for feed in (self.first, self.second):
            self.tell(feed, FeedState.LIVE, 0.0)

    def tell(self, feed: FakeFeed, state: FeedState, at_ms: float) -> None:
        """The feed reports its state."""
        self.router.report_from(FeedStatus(feed.name, state, since_ms=at_ms))

    def tick(self, feed: FakeFeed, ltp: float, key: InstrumentKey = SBIN) -> None:
        """The feed says a price."""
        self.router.sink_for(feed).publish([Tick(key, 1.0, feed.name, ltp)])

    def lose(self, feed: FakeFeed, state: FeedState = FeedState.RECONNECTING) -> None:
        """The feed is lost at 0 and looked at when its grace is over."""
        self.tell(feed, state, 0.0)
        self.router.attend(GRACE_MS)

    def prices(self) -> list[tuple[str, float | None]]:
        return [(tick.source, tick.ltp) for tick in self.published]


@pytest.mark.parametrize("state", [FeedState.RECONNECTING, FeedState.MUTE, FeedState.FAILED])
def test_another_feed_stands_in_for_a_lost_one(state: FeedState) -> None:
    bench = Bench()
    bench.router.want([QUOTE, LTP])
    bench.lose(bench.first, state)
    assert set(bench.second.wished) == {QUOTE, LTP}
    assert set(bench.first.wished) == {QUOTE, LTP}  # it is still wanted there, so it can come back
    bench.tick(bench.second, 101.0)
    assert bench.prices() == [("second", 101.0)]
    assert bench.router.serving(SBIN) is bench.router.standing_in(SBIN) is bench.second
    assert bench.router.counters["stand_ins"] == 1


def test_another_feed_stands_in_for_one_that_is_connected_and_brings_nothing() -> None:
    bench = Bench()
    bench.router.want([QUOTE])
    bench.router.attend(1.0, {"first"})
    assert bench.second.wished == [QUOTE]
    bench.tick(bench.second, 101.0)
    bench.router.attend(2.0, {"first"})
    bench.tick(bench.first, 102.0)
    bench.router.attend(3.0)
    assert bench.prices() == [("second", 101.0), ("first", 102.0)]
    assert bench.second.wished == []


def test_no_feed_that_brings_nothing_stands_in() -> None:
    bench = Bench()
    bench.router.want([QUOTE])
    bench.tell(bench.first, FeedState.RECONNECTING, 0.0)
    bench.router.attend(GRACE_MS, {"second"})
    assert bench.second.wished == []


def test_a_short_interruption_changes_nothing() -> None:
    bench = Bench()
    bench.router.want([QUOTE])
    bench.tell(bench.first, FeedState.RECONNECTING, 0.0)
    bench.router.attend(GRACE_MS - 1.0)
    bench.tell(bench.first, FeedState.LIVE, 9_000.0)
    bench.router.attend(GRACE_MS + 5_000.0)
    assert bench.second.wished == []


def test_a_grace_counts_from_the_first_loss_not_from_each_attempt() -> None:
    bench = Bench()
    bench.router.want([QUOTE])
    bench.tell(bench.first, FeedState.MUTE, 0.0)
    bench.tell(bench.first, FeedState.RECONNECTING, GRACE_MS - 1.0)
    bench.router.attend(GRACE_MS)
    assert bench.second.wished == [QUOTE]


def test_the_first_tick_of_the_own_feed_ends_it() -> None:
    bench = Bench()
    bench.router.want([QUOTE])
    bench.lose(bench.first)
    bench.tick(bench.second, 101.0)
    bench.tell(bench.first, FeedState.LIVE, 20_000.0)
    bench.tick(bench.second, 102.0)
    bench.tick(bench.first, 103.0)
    bench.tick(bench.second, 104.0)
    assert bench.prices() == [("second", 101.0), ("second", 102.0), ("first", 103.0)]
    assert bench.second.wished == []
    assert bench.router.load("second") == 0
    assert bench.router.serving(SBIN) is bench.first


def test_what_a_lost_feed_serves_still_is_left_to_it_until_that_is_silent_too() -> None:
    bench = Bench()
    bench.router.want([QUOTE, OTHER])
    bench.lose(bench.first)  # one connection of several: the other one goes on
    assert set(bench.second.wished) == {QUOTE, OTHER}
    for second in range(1, 30):
        now_ms = GRACE_MS + second * 1_000.0
        bench.router.sink_for(bench.first).publish([Tick(SBIN, now_ms, "first", 100.0)])
        bench.router.attend(now_ms + 500.0)
        assert set(bench.second.wished) == {OTHER}
    bench.router.attend(now_ms + GRACE_MS)
    assert set(bench.second.wished) == {QUOTE, OTHER}
    assert bench.router.counters["stand_ins"] == 3


def test_until_it_has_spoken_the_stand_in_does_not_make_a_row_look_alive() -> None:
    bench = Bench()
    bench.router.want([QUOTE])
    bench.lose(bench.first)
    assert bench.router.serving(SBIN) is bench.first
    assert bench.router.standing_in(SBIN) is None


def test_invented_prices_never_stand_in_for_real_ones() -> None:
    bench = Bench(FakeFeed("first"), FakeFeed("second", nature=FeedNature.SIMULATED))
    bench.router.want([QUOTE])
    bench.lose(bench.first)
    assert bench.second.wished == []


def test_a_feed_that_is_lost_or_full_or_ignorant_does_not_stand_in() -> None:
    lost = Bench()
    lost.router.want([QUOTE])
    lost.tell(lost.second, FeedState.MUTE, 0.0)
    lost.lose(lost.first)
    full = Bench(FakeFeed("first"), FakeFeed("second", max_instruments=0))
    full.router.want([QUOTE])
    full.lose(full.first)
    ignorant = Bench(FakeFeed("first"), FakeFeed("second", symbols=["INFY"]))
    ignorant.router.want([QUOTE])
    ignorant.lose(ignorant.first)
    assert lost.second.wished == full.second.wished == ignorant.second.wished == []


def test_wishes_that_come_and_go_meanwhile_reach_both() -> None:
    bench = Bench()
    bench.router.want([QUOTE])
    bench.lose(bench.first)
    bench.router.want([LTP])
    assert set(bench.first.wished) == set(bench.second.wished) == {QUOTE, LTP}
    bench.router.unwant([QUOTE, LTP])
    assert bench.first.wished == bench.second.wished == []
    assert bench.router.load("first") == bench.router.load("second") == 0
    assert bench.router.serving(SBIN) is None


def test_a_stand_in_that_is_lost_too_is_let_go_of() -> None:
    bench = Bench()
    bench.router.want([QUOTE])
    bench.lose(bench.first)
    bench.tick(bench.second, 101.0)
    bench.lose(bench.second)
    assert bench.second.wished == []
    assert bench.router.serving(SBIN) is bench.first


def test_a_stand_in_that_refuses_is_not_asked_again_and_its_refusal_is_not_the_answer() -> None:
    bench = Bench()
    bench.router.want([QUOTE])
    bench.lose(bench.first)
    bench.router.report_from(Rejected("second", QUOTE, "not subscribed to data"))
    bench.router.attend(GRACE_MS + 1_000.0)
    assert bench.second.wished == []
    assert bench.router.rejection(QUOTE) is None
    assert bench.router.counters["rejections"] == 0


def test_a_preferred_feed_serves_where_it_can() -> None:
    bench = Bench(FakeFeed("first"), FakeFeed("second", symbols=["SBIN"]))
    bench.router.prefer(SBIN, "second")
    bench.router.prefer(INFY, "second")
    assert bench.router.choose(SBIN) is bench.second
    assert bench.router.choose(INFY) is bench.first


def test_a_preference_moves_what_is_wanted_already() -> None:
    bench = Bench()
    bench.router.want([QUOTE, LTP])
    bench.router.prefer(SBIN, "second")
    assert bench.first.wished == []
    assert set(bench.second.wished) == {QUOTE, LTP}
    assert (bench.router.load("first"), bench.router.load("second")) == (0, 1)
    bench.tick(bench.first, 1.0)
    bench.tick(bench.second, 2.0)
    assert bench.prices() == [("second", 2.0)]
    bench.router.prefer(SBIN, None)
    assert bench.router.serving(SBIN) is bench.first


def test_a_second_opinion_is_kept_apart() -> None:
    bench = Bench()
    bench.router.compare(SBIN, "second")
    bench.router.want([QUOTE])
    assert bench.second.wished == [LTP]
    bench.tick(bench.first, 100.0)
    bench.tick(bench.second, 100.5)
    assert bench.prices() == [("first", 100.0)]
    opinion = bench.router.opinion(SBIN)
    assert opinion is not None
    assert (opinion.feed, opinion.ltp) == ("second", 100.5)
    bench.router.unwant([QUOTE])
    assert bench.second.wished == []
    bench.router.want([QUOTE])
    assert bench.second.wished == [LTP]
    bench.router.compare(SBIN, None)
    assert bench.second.wished == []
    assert bench.router.opinion(SBIN) is None


def test_a_feed_is_not_compared_with_itself_nor_with_one_that_does_not_know() -> None:
    bench = Bench(FakeFeed("first"), FakeFeed("second", symbols=["INFY"]))
    bench.router.want([QUOTE])
    for name in ("first", "second", "third"):
        bench.router.compare(SBIN, name)
    assert bench.first.wished == [QUOTE]
    assert bench.second.wished == []


def test_a_comparison_survives_that_its_feed_stood_in() -> None:
    bench = Bench()
    bench.router.compare(SBIN, "second")
    bench.router.want([QUOTE])
    bench.lose(bench.first)
    bench.tick(bench.second, 101.0)
    bench.tick(bench.first, 102.0)
    assert bench.second.wished == [LTP]
    assert bench.prices() == [("second", 101.0), ("first", 102.0)]
    bench.router.unwant([QUOTE])
    assert bench.second.wished == bench.first.wished == []


def test_a_comparison_survives_that_the_price_alone_is_wanted_no_more() -> None:
    bench = Bench()
    bench.router.compare(SBIN, "second")
    bench.router.want([LTP, QUOTE])
    bench.second.wished.remove(LTP)  # a feed holds a wish once, whoever has it
    bench.lose(bench.first)
    bench.router.unwant([LTP])
    bench.tick(bench.first, 102.0)
    assert bench.second.wished == [LTP]
    assert bench.router.opinions.asked(SBIN) == "second"
    bench.lose(bench.first)
    bench.router.unwant([QUOTE])
    assert bench.second.wished == bench.first.wished == []
