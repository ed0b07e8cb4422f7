from __future__ import annotations

from market.modes import Mode
from market.subscriptions import Subscription
from openalgo_desktop.remote_wishes import RemoteHolder
from proxy.desk import Desk
from proxy.hub import Hub
from proxy.router import FeedRouter
from tests.doubles.fake_feed import FakeFeed
from tests.doubles.ticks import INFY, SBIN

SBIN_LTP, INFY_LTP = Subscription(SBIN, Mode.LTP), Subscription(INFY, Mode.LTP)


def test_what_a_reader_wishes_is_subscribed_to_once_and_let_go() -> None:
    feed = FakeFeed(symbols=["SBIN"])
    hub = Hub()
    desk = Desk(hub, FeedRouter([feed], hub.publish))
    holder = RemoteHolder(desk)
    holder.hold("one", [SBIN_LTP, INFY_LTP])
    holder.hold("two", [SBIN_LTP])
    assert feed.wished == [SBIN_LTP], "what no feed here knows is left out"
    holder.let_go("one", [SBIN_LTP, INFY_LTP])
    assert feed.wished == [SBIN_LTP]
    holder.let_go("two", [SBIN_LTP])
    assert feed.wished == []


def test_two_hosts_that_read_each_other_do_not_hold_their_own_wishes() -> None:
    bus = FakeFeed("nats")
    hub = Hub()
    desk = Desk(hub, FeedRouter([bus], hub.publish))
    RemoteHolder(desk).hold("one", [SBIN_LTP])
    assert bus.wished == []
