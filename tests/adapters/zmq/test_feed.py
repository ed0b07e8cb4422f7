"""The bus on a real socket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
import zmq

from adapters.zmq.feed import ZmqFeed
from market.feeds import FeedNature, FeedState, NatureKnown
from market.modes import Mode
from market.subscriptions import Subscription
from tests.doubles.fake_sink import FakeSink
from tests.doubles.served import eventually
from tests.doubles.ticks import INFY, SBIN


@pytest.fixture
def pub() -> Iterator[zmq.Socket[bytes]]:
    """A publisher that is not connected yet."""
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    socket = context.socket(zmq.PUB)
    socket.set(zmq.SNDHWM, 0)
    yield socket
    socket.close(linger=0)
    context.term()


@pytest.fixture(params=["the loop waits", "a thread waits"], autouse=True)
def who_waits(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test, also as on Windows, where the loop cannot wait for the socket."""

    def refuse(*_arguments: object) -> None:
        raise NotImplementedError

    if request.param == "a thread waits":
        monkeypatch.setattr(asyncio.SelectorEventLoop, "add_reader", refuse)


def message(topic: str, **data: Any) -> list[bytes]:
    return [topic.encode(), json.dumps(data).encode()]


async def test_what_a_publisher_sends_arrives(pub: zmq.Socket[bytes]) -> None:
    sink, feed = FakeSink(), ZmqFeed(port=0)
    await feed.start(sink)
    assert sink.states() == [FeedState.LIVE]
    pub.connect(feed.endpoint)

    def sent() -> bool:
        # A publisher that connects loses what it sends before the handshake, so it is sent until it arrives.
        pub.send_multipart(message("NSE_SBIN_LTP", ltp=812.35, note="kept"))
        return bool(sink.ticks)

    await eventually(sent)
    assert (sink.ticks[0].key, sink.ticks[0].ltp, sink.ticks[0].source) == (SBIN, 812.35, "zmq")
    assert sink.ticks[0].extra == {"note": "kept"}
    await feed.stop()
    await feed.stop()
    assert sink.states()[-1] is FeedState.STOPPED


async def test_malformed_messages_are_counted_and_skipped(pub: zmq.Socket[bytes]) -> None:
    sink, feed = FakeSink(), ZmqFeed(port=0)
    await feed.start(sink)
    pub.connect(feed.endpoint)

    def sent() -> bool:
        pub.send_multipart([b"one frame only"])
        pub.send_multipart([b"NSE_SBIN_LTP", b"{bad"])
        pub.send_multipart([b"x_orders", b"{}"])
        pub.send_multipart([b"a", b"b", b"c"])
        pub.send_multipart(message("NSE_INFY_LTP", ltp=1.0))
        return bool(sink.ticks)

    await eventually(sent)
    assert {tick.key for tick in sink.ticks} == {INFY}
    assert feed.counters["malformed"] >= 3
    assert feed.counters["private"] >= 1
    await feed.stop()


async def test_a_burst_arrives_whole_and_in_order(pub: zmq.Socket[bytes]) -> None:
    sink, feed = FakeSink(), ZmqFeed(port=0)
    await feed.start(sink)
    pub.connect(feed.endpoint)

    def joined() -> bool:
        pub.send_multipart(message("NSE_INFY_LTP", ltp=0.5))
        return bool(sink.ticks)

    await eventually(joined)
    for n in range(5_000):
        pub.send_multipart(message("NSE_SBIN_LTP", ltp=float(n)))
    await eventually(lambda: sum(tick.key == SBIN for tick in sink.ticks) == 5_000, within_s=20)
    assert [tick.ltp for tick in sink.ticks if tick.key == SBIN] == [float(n) for n in range(5_000)]
    await feed.stop()


async def test_wishes_are_confirmed_before_and_after_start() -> None:
    sink, feed = FakeSink(), ZmqFeed(port=0)
    early, late = Subscription(SBIN, Mode.LTP), Subscription(INFY, Mode.DEPTH)
    feed.subscribe([early])
    await feed.start(sink)
    feed.subscribe([late])
    assert sink.confirmed() == [early, late]
    assert feed.why_not(SBIN) is None
    await feed.stop()


async def test_a_taken_port_is_an_os_error_and_leaves_nothing_behind() -> None:
    first = ZmqFeed(port=0)
    await first.start(FakeSink())
    port = int(first.endpoint.rpartition(":")[2])
    second = ZmqFeed(port=port)
    with pytest.raises(OSError, match="in use"):
        await second.start(FakeSink())
    await second.stop()
    await first.stop()


async def test_simulated_prices_are_known_as_such_before_the_first_of_them(pub: zmq.Socket[bytes]) -> None:
    sink, feed = FakeSink(), ZmqFeed(port=0)
    order: list[str] = []
    report, publish = sink.report, sink.publish
    sink.report = lambda event: (order.append(type(event).__name__), report(event))  # type: ignore[method-assign]
    sink.publish = lambda ticks: (order.append("ticks"), publish(ticks))  # type: ignore[method-assign]
    await feed.start(sink)
    pub.connect(feed.endpoint)

    def sent() -> bool:
        pub.send_multipart(message("NSE_SBIN_LTP", ltp=812.35, state="simulated"))
        pub.send_multipart(message("NSE_INFY_LTP", ltp=1.0, state="live"))
        return len(sink.ticks) >= 4

    await eventually(sent)
    assert order[order.index("NatureKnown") :][:2] == ["NatureKnown", "ticks"]
    assert [event for event in sink.events if isinstance(event, NatureKnown)] == [
        NatureKnown("zmq", SBIN, FeedNature.SIMULATED)
    ]
    await feed.stop()
