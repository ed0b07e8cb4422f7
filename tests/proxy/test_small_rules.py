"""Handshake, pace, trust and fan-out: one rule each."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from market.exchanges import Exchange
from market.feeds import Capabilities, FeedNature, FeedState, FeedStatus
from market.freshness import Freshness
from market.instruments import InstrumentKey
from market.liveness import Liveness
from market.modes import Mode
from market.subscriptions import Subscription
from market.ticks import Tick, Update, known_modes
from proxy.fanout import Fanout
from proxy.handshake import refusal
from proxy.outbox import Outbox
from proxy.pace import TokenBucket
from proxy.registry import Registry
from proxy.throttle import WrongKeys
from proxy.trust import TrustBook
from tests.doubles.ticks import INFY, SBIN, full_tick, tick_of


class Client:
    def __init__(self) -> None:
        self.outbox = Outbox()


def judged(host: str | None, origin: str | None = None, *, bound_to: str = "127.0.0.1") -> str:
    return refusal(
        host, origin, bound_to=bound_to, hosts=frozenset({"pc.lan"}), origins=frozenset({"https://charts.example"})
    )


@pytest.mark.parametrize(
    "host", ["localhost:8765", "127.0.0.1:8765", "127.0.0.1", "[::1]:8765", "LOCALHOST", "pc.lan:1"]
)
def test_handshake_host_of_this_machine_is_accepted(host: str) -> None:
    assert judged(host) == ""


@pytest.mark.parametrize("host", [None, "", "evil.example", "192.168.1.5:8765", "localhost.evil.example", "[::1"])
def test_handshake_other_host_is_refused(host: str | None) -> None:
    assert "Host" in judged(host)


def test_handshake_address_is_a_good_host_when_bound_beyond_loopback() -> None:
    assert judged("192.168.1.5:8765", bound_to="0.0.0.0") == ""
    assert judged("evil.example", bound_to="0.0.0.0") != ""


@pytest.mark.parametrize(
    "origin", [None, "http://localhost:3000", "http://127.0.0.1", "https://[::1]:5173", "https://charts.example"]
)
def test_handshake_good_origin(origin: str | None) -> None:
    assert judged("localhost", origin) == ""


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "file://", "http://localhost.evil.example", "ws://localhost"]
)
def test_handshake_page_from_elsewhere_is_refused(origin: str) -> None:
    assert "origin" in judged("localhost", origin)


def test_pace_allows_a_burst_then_the_rate() -> None:
    bucket = TokenBucket(10.0, 5.0, 0.0)
    assert [bucket.take(0.0) for _ in range(6)] == [True] * 5 + [False]
    assert bucket.take(0.1)
    assert not bucket.take(0.1)
    assert not bucket.take(-50.0)


def test_trust_says_simulated_stale_and_closed() -> None:
    is_open = {Exchange.NSE: True}
    book = TrustBook(SimpleNamespace(is_open=lambda exchange, at_ms: is_open[exchange]))
    capabilities = Capabilities(exchanges=frozenset(Exchange))
    book.add_feed(FeedStatus("fake", FeedState.LIVE), capabilities)
    tick = tick_of(received_ms=0.0)
    assert book.state(tick, 0.0) is Freshness.LIVE
    assert book.state(tick, 60_000.0) is Freshness.QUIET
    is_open[Exchange.NSE] = False
    assert book.state(tick, 60_500.0) is Freshness.QUIET, "the calendar is asked once a second"
    assert book.state(tick, 62_000.0) is Freshness.CLOSED
    book.report(FeedStatus("fake", FeedState.RECONNECTING))
    assert book.state(tick, 62_000.0) is Freshness.STALE
    book.add_feed(
        FeedStatus("fake", FeedState.LIVE),
        Capabilities(exchanges=frozenset(Exchange), nature=FeedNature.SIMULATED),
    )
    assert book.state(tick, 62_000.0) is Freshness.SIMULATED


def fanout_of(registry: Registry[Client]) -> Fanout:
    trust = TrustBook(SimpleNamespace(is_open=lambda exchange, at_ms: True))
    return Fanout(registry, trust, frame=lambda payload, _packed: payload + b"\n", now_ms=lambda: 0.0)  # type: ignore[arg-type]


def frames(client: Client) -> list[tuple[str, int]]:
    return [(f["symbol"], f["mode"]) for f in map(json.loads, client.outbox.take().splitlines())]


def test_fanout_sends_one_frame_per_held_mode_and_encodes_once() -> None:
    registry: Registry[Client] = Registry()
    everything, ltp_only, other = Client(), Client(), Client()
    for mode in Mode:
        registry.hold(everything, Subscription(SBIN, mode), 5)
    registry.hold(ltp_only, Subscription(SBIN, Mode.LTP))
    registry.hold(other, Subscription(INFY, Mode.DEPTH), 5)
    fanout = fanout_of(registry)
    fanout([Update(full_tick(), known_modes(full_tick()))])
    assert frames(everything) == [("SBIN", 1), ("SBIN", 2), ("SBIN", 3)]
    assert frames(ltp_only) == [("SBIN", 1)]
    assert frames(other) == []
    assert fanout.counters["frames_encoded"] == 3
    assert fanout.dirty == {everything, ltp_only}


def test_fanout_skips_modes_that_did_not_change() -> None:
    registry: Registry[Client] = Registry()
    client = Client()
    for mode in Mode:
        registry.hold(client, Subscription(SBIN, mode), 5)
    fanout_of(registry)([Update(full_tick(), Mode.DEPTH.bit), Update(full_tick(), 0)])
    assert frames(client) == [("SBIN", 3)]


def test_fanout_snapshot_needs_something_to_say() -> None:
    registry: Registry[Client] = Registry()
    client = Client()
    registry.hold(client, Subscription(SBIN, Mode.LTP))
    fanout = fanout_of(registry)
    (channel,) = registry.channels(SBIN)
    fanout.snapshot(client, tick_of(ltp=None, bid_price=1.0), channel)
    assert frames(client) == []
    fanout.snapshot(client, tick_of(), channel)
    assert frames(client) == [("SBIN", 1)]


def test_wrong_keys_wait_longer_and_longer_per_address_and_forget() -> None:
    wrong = WrongKeys(free=2, first_delay_s=1.0, longest_s=4.0)
    assert [wrong.count("a", float(n)) for n in range(6)] == [0.0, 0.0, 1.0, 2.0, 4.0, 4.0]
    assert wrong.count("b", 6.0) == 0.0
    assert wrong.count("a", 200.0) == 0.0


def test_wrong_keys_of_many_addresses_take_bounded_memory() -> None:
    wrong = WrongKeys()
    for n in range(5_000):
        wrong.count(f"10.0.{n // 256}.{n % 256}", 0.0)
    assert len(wrong._times) == 1_000


def test_trust_is_the_judgement_of_the_whole_process() -> None:
    liveness = Liveness(SimpleNamespace(is_open=lambda exchange, at_ms: True))
    book = TrustBook(SimpleNamespace(is_open=lambda exchange, at_ms: False), liveness)
    book.add_feed(FeedStatus("zmq", FeedState.LIVE), Capabilities(exchanges=frozenset(Exchange), has_heartbeat=False))
    neighbours = [InstrumentKey(Exchange.NSE, f"SHARE{number}") for number in range(4)]
    now_ms = 1_764_000_000_000.0
    for second in range(60):
        now_ms += 1_000.0
        moving = [*neighbours, SBIN] if second < 20 else neighbours
        liveness.on_updates([Update(Tick(key, now_ms, "zmq", ltp=1.0), 14) for key in moving])
        liveness.attend(now_ms)
    last = Tick(SBIN, now_ms - 40_000.0, "zmq", ltp=1.0)
    assert book.state(last, now_ms) is Freshness.FROZEN
    assert book.state(Tick(neighbours[0], now_ms, "zmq", ltp=1.0), now_ms) is Freshness.LIVE
    book.report(FeedStatus("zmq", FeedState.STOPPED))
    assert book.state(last, now_ms) is Freshness.STALE
