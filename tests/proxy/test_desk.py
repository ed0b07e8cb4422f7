from __future__ import annotations

from collections.abc import Collection

from hypothesis import given
from hypothesis import strategies as st

from market.exchanges import Exchange
from market.feeds import Rejected
from market.instruments import InstrumentKey
from market.modes import Mode
from market.subscriptions import Subscription
from proxy.desk import Desk
from proxy.hub import Hub
from proxy.registry import Channel
from proxy.router import FeedRouter
from tests.doubles.fake_feed import FakeFeed
from tests.doubles.ticks import INFY, SBIN

WISHES = st.builds(Subscription, st.sampled_from([SBIN, INFY]), st.sampled_from(list(Mode)))
ACTS = st.lists(st.tuples(st.booleans(), st.sampled_from(["client-1", "client-2", "window", "script"]), WISHES))


def desk_of(*feeds: FakeFeed) -> Desk:
    hub = Hub()
    return Desk(hub, FeedRouter(feeds, hub.publish))


@given(ACTS)
def test_the_feed_is_asked_for_exactly_what_somebody_wants(acts: list[tuple[bool, str, Subscription]]) -> None:
    feed = FakeFeed()
    desk = desk_of(feed)
    wanted: set[tuple[str, Subscription]] = set()
    for subscribing, who, wish in acts:
        is_client = who.startswith("client")
        if subscribing:
            outcomes = desk.subscribe_client(who, [wish], 5) if is_client else desk.subscribe(who, [wish])
            wanted.add((who, wish))
        else:
            outcomes = desk.unsubscribe_client(who, [wish]) if is_client else desk.unsubscribe(who, [wish])
            wanted.discard((who, wish))
        assert [outcome.accepted for outcome in outcomes] == [True]
        assert sorted(feed.wished) == sorted({w for _, w in wanted})


def test_subscribe_reports_each_failure_and_keeps_the_rest() -> None:
    desk = desk_of(FakeFeed(symbols=["SBIN"]))
    good, bad = Subscription(SBIN, Mode.LTP), Subscription(INFY, Mode.LTP)
    outcomes = desk.subscribe("window", [bad, good])
    assert [outcome.accepted for outcome in outcomes] == [False, True]
    assert outcomes[0].error == "Unknown instrument NSE:INFY"
    assert outcomes[0].code == "INVALID_SYMBOLS"
    assert desk.subscriptions("window") == [good]


def test_depth_is_what_the_feed_has_nearest_to_what_was_asked() -> None:
    desk = desk_of(FakeFeed(depth_levels=(5, 20)))
    wish = Subscription(SBIN, Mode.DEPTH)
    granted = {asked: desk.subscribe_client("c", [wish], asked)[0].depth_levels for asked in (1, 5, 10, 20, 50)}
    assert granted == {1: 5, 5: 5, 10: 5, 20: 20, 50: 20}
    assert desk.subscribe("window", [wish])[0].depth_levels == 20
    assert list(desk.clients.channels(SBIN)) == [Channel(Mode.DEPTH, 20)]


def test_an_exchange_with_fewer_levels_than_the_feed_is_not_promised_more() -> None:
    desk = desk_of(FakeFeed(depth_levels=(5, 20, 50), depth_of_exchange={Exchange.BSE: (5,), Exchange.NFO: (20, 50)}))
    keys = [InstrumentKey(exchange, "SBIN") for exchange in (Exchange.NSE, Exchange.BSE, Exchange.NFO)]
    granted = {
        asked: [desk.subscribe_client("c", [Subscription(key, Mode.DEPTH)], asked)[0].depth_levels for key in keys]
        for asked in (5, 50)
    }
    assert granted == {5: [5, 5, 20], 50: [50, 5, 50]}


def test_a_name_that_says_levels_is_given_them_whatever_else_was_said() -> None:
    desk = desk_of(FakeFeed(depth_levels=(5, 50), deep_by_name=True))
    deep = Subscription(InstrumentKey(Exchange.NSE, "SBIN:50"), Mode.DEPTH)
    plain = Subscription(SBIN, Mode.DEPTH)
    for asked in (5, 20, 50):
        granted = [desk.subscribe_client("c", [wish], asked)[0].depth_levels for wish in (plain, deep)]
        assert granted == [5, 50], asked
    # Where no name is needed, one that promises more than there is does not get it.
    few = desk_of(FakeFeed(depth_levels=(5, 20)))
    assert few.subscribe_client("c", [deep], 5)[0].depth_levels == 20


def test_release_client_frees_only_what_nobody_else_wants() -> None:
    feed = FakeFeed()
    desk = desk_of(feed)
    ltp, quote = Subscription(SBIN, Mode.LTP), Subscription(SBIN, Mode.QUOTE)
    desk.subscribe_client("c", [ltp, quote], 5)
    desk.subscribe("window", [quote])
    assert desk.release_client("c") == [ltp, quote]
    assert feed.wished == [quote]
    assert desk.counters()["subscriptions"] == 1


def test_a_wish_repeated_in_one_call_reaches_the_feed_once() -> None:
    feed = FakeFeed()
    desk = desk_of(feed)
    wish = Subscription(SBIN, Mode.LTP)
    desk.subscribe("window", [wish, wish])
    desk.unsubscribe("window", [wish, wish])
    assert feed.wished == []


def test_a_wish_that_the_feed_refuses_at_once_is_not_held() -> None:
    feed = FakeFeed()
    desk = desk_of(feed)
    good, bad = Subscription(SBIN, Mode.LTP), Subscription(INFY, Mode.LTP)

    def refuse(wishes: Collection[Subscription]) -> None:
        desk.router.report_from(Rejected("fake", bad, "no such token"))

    feed.subscribe = refuse  # type: ignore[method-assign]
    feed.unsubscribe = lambda wishes: None  # type: ignore[method-assign,misc,assignment]
    outcomes = desk.subscribe_client("c", [good, bad], 5)
    assert [outcome.error for outcome in outcomes] == [None, "no such token"]
    assert desk.clients.held_by("c") == [good]
    assert desk.router.serving(INFY) is None
