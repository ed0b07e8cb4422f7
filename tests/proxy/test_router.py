from __future__ import annotations

import pytest

from market.errors import CapacityError, UnknownInstrumentError
from market.feeds import Confirmed, FeedEvent, FeedState, FeedStatus, Rejected
from market.modes import Mode
from market.subscriptions import Subscription
from market.ticks import Tick
from proxy.router import FeedRouter
from tests.doubles.fake_feed import FakeFeed
from tests.doubles.ticks import INFY, SBIN, tick_of

QUOTE = Subscription(SBIN, Mode.QUOTE)
LTP = Subscription(SBIN, Mode.LTP)


def router_of(*feeds: FakeFeed) -> tuple[FeedRouter, list[Tick]]:
    published: list[Tick] = []
    return FeedRouter(feeds, published.extend), published


def test_choose_takes_the_first_feed_that_can() -> None:
    first, second = FakeFeed("first", symbols=["INFY"]), FakeFeed("second")
    router, _ = router_of(first, second)
    assert router.choose(SBIN) is second
    assert router.choose(INFY) is first


def test_choose_nobody_can_says_why() -> None:
    router, _ = router_of(FakeFeed(symbols=[]))
    with pytest.raises(UnknownInstrumentError, match="Unknown instrument NSE:SBIN"):
        router.choose(SBIN)
    with pytest.raises(UnknownInstrumentError, match="There is no feed"):
        router_of()[0].choose(SBIN)


def test_choose_a_full_feed_says_both_numbers_and_a_second_feed_helps_out() -> None:
    small, big = FakeFeed("small", max_instruments=1), FakeFeed("big")
    alone, _ = router_of(small)
    alone.want([QUOTE])
    with pytest.raises(CapacityError, match="1 of 1"):
        alone.choose(INFY)
    both, _ = router_of(small, big)
    both.want([QUOTE])
    assert both.choose(INFY) is big


def test_want_asks_each_feed_once_with_its_batch() -> None:
    feed = FakeFeed()
    router, _ = router_of(feed)
    router.want([QUOTE, LTP, Subscription(INFY, Mode.LTP)])
    assert feed.calls == [("subscribe", [QUOTE, LTP, Subscription(INFY, Mode.LTP)])]
    assert router.load("fake") == 2


def test_unwant_frees_the_instrument_with_its_last_mode() -> None:
    feed = FakeFeed()
    router, _ = router_of(feed)
    router.want([QUOTE, LTP])
    router.unwant([QUOTE])
    assert router.serving(SBIN) is feed
    router.unwant([LTP])
    assert router.serving(SBIN) is None
    assert router.load("fake") == 0
    assert feed.wished == []


async def test_ticks_of_an_instrument_served_by_another_feed_are_counted_not_mixed() -> None:
    first, second = FakeFeed("first"), FakeFeed("second")
    router, published = router_of(first, second)
    for feed in (first, second):
        await feed.start(router.sink_for(feed))
    router.want([QUOTE])
    second.publish(tick_of(SBIN, source="second"), tick_of(INFY, source="second"))
    assert [tick.key for tick in published] == [INFY]
    assert router.counters["ticks_not_served"] == 1


def test_reports_are_kept_and_passed_on() -> None:
    router, _ = router_of(FakeFeed())
    heard: list[FeedEvent] = []
    router.add_listener(heard.append)
    status = FeedStatus("fake", FeedState.RECONNECTING, "in 2 s", attempt=1)
    router.report_from(status)
    router.report_from(Rejected("fake", QUOTE, "no such token"))
    assert router.statuses["fake"] is status
    assert router.rejection(QUOTE) == "no such token"
    router.report_from(Confirmed("fake", (QUOTE,)))
    assert router.rejection(QUOTE) is None
    assert len(heard) == 3


@pytest.mark.expected_log("The fake feed failed")
def test_a_feed_that_raises_leaves_a_rejection_and_nothing_half_done() -> None:
    feed = FakeFeed()
    router, _ = router_of(feed)

    def fail(_wishes: object) -> None:
        raise RuntimeError("the secret inside")

    feed.subscribe = feed.unsubscribe = fail  # type: ignore[method-assign,assignment]
    router.want([QUOTE])
    assert router.rejection(QUOTE) == "The fake feed failed to take it"
    router.unwant([QUOTE])
    assert router.serving(SBIN) is None
    assert router.rejection(QUOTE) is None
