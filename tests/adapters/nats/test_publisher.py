"""The publisher against a server on a real socket that is away, slow, or refuses."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from adapters.nats.feed import NatsFeed
from adapters.nats.publisher import NatsPublisher
from adapters.nats.servers import parse_servers
from adapters.nats.subjects import snapshot_subject, subject_of
from adapters.nats.wishes import announcements
from market.feeds import FeedState
from market.instruments import InstrumentKey
from market.modes import Mode
from market.subscriptions import Subscription
from market.ticks import Update, known_modes
from tests.adapters.nats.worlds import QUICK, PlainMessages
from tests.doubles.fake_sink import FakeSink
from tests.doubles.ticks import INFY, SBIN, tick_of
from tests.doubles.toy_nats import ToyNats, toy_nats
from tests.doubles.waiting import until

LAST = {INFY: tick_of(INFY, ltp=1_500.0)}


@pytest.fixture
async def server() -> AsyncIterator[ToyNats]:
    async with toy_nats() as toy:
        yield toy


@asynccontextmanager
async def publishing(url: str, messages: PlainMessages | None = None) -> AsyncIterator[NatsPublisher]:
    publisher = NatsPublisher(
        parse_servers(url), messages or PlainMessages(), last=LAST.get, settings=QUICK, draw=lambda: 0.5
    )
    await publisher.start()
    try:
        yield publisher
    finally:
        await publisher.stop()


def update(key: object = SBIN, ltp: float = 1.0) -> Update:
    tick = tick_of(key, ltp=ltp)
    return Update(tick, Mode.LTP.bit & known_modes(tick))


def prices(server: ToyNats, key: object = SBIN) -> list[float]:
    return [json.loads(payload)["ltp"] for subject, payload in server.published if f".{key.symbol}." in subject]


async def test_updates_leave_whole_and_in_order_on_their_subjects(server: ToyNats) -> None:
    async with publishing(server.url) as publisher:
        await until(lambda: publisher.status.state is FeedState.LIVE)
        publisher.on_updates([update(SBIN, float(n)) for n in range(1_000)] + [update(INFY, 7.0)])
        await until(lambda: len(server.published) == 1_001)
        assert prices(server) == [float(n) for n in range(1_000)]
        assert server.published[-1][0] == subject_of(INFY, Mode.LTP) == "openalgo.ticks.NSE.INFY.LTP"
        assert publisher.counters == {"published": 1_001}
    assert publisher.status.state is FeedState.STOPPED
    await publisher.stop()


@pytest.mark.expected_log("Publishing to NATS is interrupted")
async def test_while_the_server_is_away_only_the_newest_is_kept_and_leaves_on_its_return(server: ToyNats) -> None:
    async with publishing(server.url) as publisher:
        await until(lambda: publisher.status.state is FeedState.LIVE)
        await server.stop()
        await until(lambda: publisher.status.state is FeedState.RECONNECTING)
        for n in range(500):
            publisher.on_updates([update(SBIN, float(n)), update(INFY, float(-n))])
        await server.start()
        await until(lambda: len(server.published) == 2)
        assert (prices(server, SBIN), prices(server, INFY)) == ([499.0], [-499.0])
        assert publisher.counters["conflated"] == 998
        publisher.on_updates([update(SBIN, 1.0), update(SBIN, 2.0)])
        await until(lambda: prices(server) == [499.0, 1.0, 2.0])


async def test_updates_from_before_the_first_connection_are_not_lost(server: ToyNats) -> None:
    publisher = NatsPublisher(parse_servers(server.url), PlainMessages(), last=LAST.get, settings=QUICK)
    publisher.on_updates([update(SBIN, 1.0), update(SBIN, 2.0)])
    await publisher.start()
    await until(lambda: prices(server) == [2.0])
    await publisher.stop()


@pytest.mark.expected_log("Publishing to NATS is interrupted")
async def test_a_server_that_does_not_read_costs_bounded_memory_and_the_final_values_arrive(server: ToyNats) -> None:
    messages = PlainMessages()
    messages.padding = "x" * 20_000
    async with publishing(server.url, messages) as publisher:
        await until(lambda: publisher.status.state is FeedState.LIVE)
        server.be_deaf()
        for n in range(20_000):
            publisher.on_updates([update(SBIN, float(n))])
            if n % 100 == 0:
                await asyncio.sleep(0)
        assert len(publisher._outbox) <= 5_000
        assert publisher.counters["conflated"] > 1_000
        server.hear()
        await until(lambda: prices(server)[-1:] == [19_999.0])


@pytest.mark.expected_log("Publishing to NATS is interrupted")
async def test_twenty_drops_and_it_still_publishes(server: ToyNats) -> None:
    async with publishing(server.url) as publisher:
        for number in range(20):
            await until(lambda: publisher.status.state is FeedState.LIVE)
            publisher.on_updates([update(SBIN, float(number))])
            await until(lambda number=number: prices(server)[-1:] == [float(number)])
            server.drop()
            await until(lambda: publisher.status.state is not FeedState.LIVE)
    assert server.opened == 20


async def test_a_message_longer_than_the_server_takes_is_dropped_and_counted(server: ToyNats) -> None:
    server.info["max_payload"] = 200
    messages = PlainMessages()
    async with publishing(server.url, messages) as publisher:
        await until(lambda: publisher.status.state is FeedState.LIVE)
        messages.padding = "x" * 300
        publisher.on_updates([update(SBIN, 1.0)])
        await until(lambda: publisher.counters["dropped"] == 1)
        messages.padding = ""
        publisher.on_updates([update(SBIN, 2.0)])
        await until(lambda: prices(server) == [2.0])


@pytest.mark.expected_log("The NATS server refuses what is published")
async def test_a_refusal_is_counted_and_told_once(server: ToyNats, caplog: pytest.LogCaptureFixture) -> None:
    async with publishing(server.url) as publisher:
        await until(lambda: publisher.status.state is FeedState.LIVE)
        for _ in range(3):
            server.say(b"-ERR 'Permissions Violation for Publish to \"openalgo.ticks.NSE.SBIN.LTP\"'\r\n")
        await until(lambda: publisher.counters["refused"] == 3)
        assert server.opened == 1
    assert caplog.text.count("refuses what is published") == 1


@pytest.mark.expected_log("Publishing to NATS is interrupted")
async def test_the_password_is_in_no_log_and_no_status(server: ToyNats, caplog: pytest.LogCaptureFixture) -> None:
    server.token = "other"
    async with publishing(f"nats://hunter2@127.0.0.1:{server.port}") as publisher:
        await until(lambda: publisher.status.attempt >= 2)
        assert "hunter2" not in f"{caplog.text} {publisher.status}"
        assert server.connects[0]["auth_token"] == "hunter2"


async def test_a_reader_that_asks_is_told_the_last_value(server: ToyNats) -> None:
    async with publishing(server.url) as publisher:
        await until(lambda: server.subjects == ["openalgo.snapshots.>"])
        server.push(snapshot_subject(SBIN), b"")
        server.push("openalgo.snapshots.MARS.SBIN", b"")
        server.push(snapshot_subject(INFY), b"")
        await until(lambda: server.published)
        assert set(prices(server, INFY)) == {1_500.0}
        assert prices(server, SBIN) == []
        assert (publisher.counters["snapshots"], publisher.counters["malformed"]) == (2, 1)


class Held:
    """Fits `adapters.nats.publisher.Holder`."""

    def __init__(self) -> None:
        self.by_reader: dict[str, list[Subscription]] = {}

    def hold(self, reader: str, wishes: Sequence[Subscription]) -> None:
        self.by_reader.setdefault(reader, []).extend(wishes)

    def let_go(self, reader: str, wishes: Sequence[Subscription]) -> None:
        for wish in wishes:
            self.by_reader[reader].remove(wish)


@asynccontextmanager
async def holding(url: str, held: Held) -> AsyncIterator[NatsPublisher]:
    publisher = NatsPublisher(parse_servers(url), PlainMessages(), last=LAST.get, holder=held, settings=QUICK)
    await publisher.start()
    try:
        await until(lambda: publisher.status.state is FeedState.LIVE)
        yield publisher
    finally:
        await publisher.stop()


@asynccontextmanager
async def reading(url: str, *keys: InstrumentKey) -> AsyncIterator[NatsFeed]:
    feed = NatsFeed(parse_servers(url), settings=QUICK)
    feed.subscribe([Subscription(key, Mode.LTP) for key in keys])
    await feed.start(FakeSink())
    try:
        yield feed
    finally:
        await feed.stop()


async def test_what_readers_wish_is_held_here_and_let_go_when_they_leave(server: ToyNats) -> None:
    held = Held()
    async with holding(server.url, held), reading(server.url, SBIN):
        async with reading(server.url, SBIN, INFY) as second:
            await until(lambda: sum(map(len, held.by_reader.values())) == 3)
            assert len(held.by_reader) == 2
            second.subscribe([Subscription(INFY, Mode.DEPTH)])
            await until(lambda: sum(map(len, held.by_reader.values())) == 4)
        await until(lambda: sum(map(len, held.by_reader.values())) == 1)


async def test_a_publisher_that_comes_later_asks_who_wishes_what(server: ToyNats) -> None:
    held = Held()
    async with reading(server.url, SBIN) as reader:
        await until(lambda: reader.status.state is FeedState.LIVE)
        async with holding(server.url, held):
            await until(lambda: [len(wishes) for wishes in held.by_reader.values()] == [1])


async def test_a_reader_that_dies_without_a_word_lapses(server: ToyNats, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.nats.publisher._LAPSE_EVERY_S", 0.02)
    held = Held()
    async with holding(server.url, held) as publisher:
        (payload,) = announcements({SBIN: [Mode.LTP]}, ttl_s=1.0)
        server.push("openalgo.wishes.dead", payload)
        await until(lambda: held.by_reader.get("dead") == [Subscription(SBIN, Mode.LTP)])
        await until(lambda: held.by_reader["dead"] == [])
        assert publisher.counters["lapsed"] == 1


async def test_wishes_that_mean_nothing_are_counted_and_skipped(server: ToyNats) -> None:
    held = Held()
    async with holding(server.url, held) as publisher:
        for subject, payload in (
            ("openalgo.wishes.r", b"7"),
            ("openalgo.wishes.a.b", b"{}"),
            ("openalgo.wishes.r", b"\xff"),
        ):
            server.push(subject, payload)
        await until(lambda: publisher.counters["malformed"] == 3)
        assert held.by_reader == {}
