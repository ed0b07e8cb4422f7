"""The publisher on a real socket, read by a plain SUB, as a script of a user would."""

from __future__ import annotations

import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import zmq

from adapters.zmq import wire
from market.modes import Mode
from market.subscriptions import Subscription
from market.ticks import Update, known_modes
from proxy.bus import Bus, topic_of
from proxy.trust import TrustBook
from tests.doubles.served import eventually
from tests.doubles.ticks import INFY, NIFTY, SBIN, full_tick, tick_of


class Held:
    def __init__(self, *wishes: Subscription) -> None:
        self.wishes = set(wishes)

    def is_wanted(self, wish: Subscription) -> bool:
        return wish in self.wishes


@pytest.fixture
def reader() -> Iterator[zmq.Socket[bytes]]:
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    socket = context.socket(zmq.SUB)
    yield socket
    socket.close(linger=0)
    context.term()


def bus_of(*wishes: Subscription) -> Bus:
    trust = TrustBook(SimpleNamespace(is_open=lambda exchange, at_ms: True))
    bus = Bus("127.0.0.1", 0, Held(*wishes), trust, now_ms=lambda: 1_767_072_600_205.0)
    bus.open()
    return bus


def whole(tick: Any) -> Update:
    return Update(tick, known_modes(tick))


def received(reader: zmq.Socket[bytes]) -> list[tuple[str, dict[str, Any]]]:
    found = []
    while reader.poll(50):
        topic, payload = reader.recv_multipart()
        found.append((topic.decode(), json.loads(payload)))
    return found


async def joined(bus: Bus, reader: zmq.Socket[bytes], prefix: bytes) -> None:
    before = len(bus._prefixes)
    reader.connect(bus.endpoint)
    reader.subscribe(prefix)

    def noticed() -> bool:
        bus.on_updates([])
        return len(bus._prefixes) > before

    await eventually(noticed)


async def test_a_reader_gets_the_held_modes_of_what_it_subscribed(reader: zmq.Socket[bytes]) -> None:
    bus = bus_of(Subscription(SBIN, Mode.LTP), Subscription(SBIN, Mode.DEPTH), Subscription(INFY, Mode.LTP))
    await joined(bus, reader, b"NSE_SBIN_")
    bus.on_updates([whole(full_tick()), whole(tick_of(INFY))])
    messages = received(reader)
    assert [topic for topic, _ in messages] == ["NSE_SBIN_LTP", "NSE_SBIN_DEPTH"]
    ltp, depth = (data for _, data in messages)
    assert (ltp["ltp"], ltp["state"], ltp["age_ms"], ltp["broker"]) == (812.35, "live", 5, "fake")
    assert len(depth["depth"]["buy"]) == 20
    bus.close()


async def test_what_nobody_holds_passes_through_once_with_all_it_has(reader: zmq.Socket[bytes]) -> None:
    bus = bus_of()
    await joined(bus, reader, b"")
    bus.on_updates([whole(full_tick()), whole(tick_of(NIFTY)), Update(full_tick(INFY), 0)])
    assert [topic for topic, _ in received(reader)] == ["NSE_SBIN_DEPTH", "NSE_INDEX_NIFTY_LTP"]
    bus.close()


async def test_without_a_reader_nothing_is_encoded() -> None:
    bus = bus_of(Subscription(SBIN, Mode.LTP))
    bus.on_updates([whole(full_tick())])
    assert bus.counters["bus_messages"] == 0
    bus.close()


async def test_a_reader_that_leaves_is_noticed(reader: zmq.Socket[bytes]) -> None:
    bus = bus_of()
    await joined(bus, reader, b"NSE")
    reader.unsubscribe(b"NSE")

    def noticed() -> bool:
        bus.on_updates([])
        return not bus._prefixes

    await eventually(noticed)
    bus.close()


async def test_what_leaves_here_can_be_read_by_our_own_zmq_feed(reader: zmq.Socket[bytes]) -> None:
    bus = bus_of(Subscription(SBIN, Mode.DEPTH))
    await joined(bus, reader, b"")
    bus.on_updates([whole(full_tick())])
    assert reader.poll(2_000)
    again = wire.decode(reader.recv_multipart(), "fake", full_tick().received_ms)
    assert again._replace(extra=None) == full_tick()
    bus.close()


def test_a_taken_port_is_an_os_error() -> None:
    first = bus_of()
    second = Bus(
        "127.0.0.1", int(first.endpoint.rpartition(":")[2]), Held(), TrustBook(SimpleNamespace()), now_ms=lambda: 0.0
    )
    with pytest.raises(OSError, match="in use"):
        second.open()
    first.close()
    first.close()


def test_topics_are_those_of_the_bus() -> None:
    assert topic_of(NIFTY, Mode.QUOTE) == b"NSE_INDEX_NIFTY_QUOTE"
    assert wire.parse_topic(topic_of(SBIN, Mode.DEPTH)) == (SBIN, Mode.DEPTH)
