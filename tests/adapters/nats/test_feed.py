"""The feed against a server on a real socket that drops, is mute, says nonsense and refuses."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from adapters.nats import subjects, wishes
from adapters.nats.feed import NatsFeed
from adapters.nats.servers import parse_servers
from adapters.nats.subjects import snapshot_subject, subject_of, subject_of_all_modes
from market.exchanges import Exchange
from market.feeds import FeedNature, FeedState, NatureKnown
from market.instruments import InstrumentKey
from market.modes import Mode
from market.subscriptions import Subscription, WishState
from tests.adapters.nats.worlds import QUICK
from tests.doubles.fake_sink import FakeSink
from tests.doubles.ticks import INFY, NIFTY, SBIN
from tests.doubles.toy_nats import ToyNats, toy_nats
from tests.doubles.waiting import until

SBIN_LTP, SBIN_DEPTH, INFY_LTP = (
    Subscription(SBIN, Mode.LTP),
    Subscription(SBIN, Mode.DEPTH),
    Subscription(INFY, Mode.LTP),
)


@pytest.fixture
async def server() -> AsyncIterator[ToyNats]:
    async with toy_nats() as toy:
        yield toy


class Reading:
    """A started feed and its sink."""

    def __init__(self, url: str) -> None:
        self.sink = FakeSink()
        self.feed = NatsFeed(parse_servers(url), settings=QUICK, draw=lambda: 0.5)

    async def __aenter__(self) -> Reading:
        await self.feed.start(self.sink)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.feed.stop()

    async def live(self) -> None:
        await until(lambda: self.feed.status.state is FeedState.LIVE)

    def prices(self, key: InstrumentKey) -> list[float | None]:
        return [tick.ltp for tick in self.sink.ticks if tick.key == key]


async def test_it_subscribes_to_what_is_wished_and_to_nothing_else(server: ToyNats) -> None:
    async with Reading(server.url) as world:
        world.feed.subscribe([SBIN_LTP])
        await world.live()
        world.feed.subscribe([SBIN_DEPTH, INFY_LTP])
        await until(lambda: len(world.sink.confirmed()) == 3)
        assert server.subjects == sorted([subject_of_all_modes(SBIN), subject_of_all_modes(INFY)])
        asked = sorted(subject for subject, _ in server.published if subject.startswith(subjects.SNAPSHOTS))
        assert asked == [snapshot_subject(INFY), snapshot_subject(SBIN)]
        assert server.push(subject_of(NIFTY, Mode.LTP), b'{"ltp": 1}') == 0
        server.push(subject_of(SBIN, Mode.QUOTE), b'{"ltp": 812.35, "note": "kept"}')
        await until(lambda: world.sink.ticks)
        tick = world.sink.ticks[0]
        assert (tick.key, tick.ltp, tick.source, tick.extra) == (SBIN, 812.35, "nats", {"note": "kept"})
        world.feed.unsubscribe([SBIN_LTP, INFY_LTP])
        await until(lambda: server.subjects == [subject_of_all_modes(SBIN)])
        world.feed.unsubscribe([SBIN_DEPTH])
        await until(lambda: server.subjects == [])
        assert world.feed.why_not(SBIN) is None
    assert world.sink.states() == [FeedState.CONNECTING, FeedState.LIVE, FeedState.STOPPED]
    assert world.feed.status.detail == ""


async def test_the_status_says_where_it_is_connected(server: ToyNats) -> None:
    async with Reading(server.url) as world:
        await world.live()
        assert world.feed.status.detail == f"Connected to 127.0.0.1:{server.port}"


async def test_twenty_drops_lose_no_subscription(server: ToyNats) -> None:
    keys = [InstrumentKey(Exchange.NFO, f"VEDL25APR24{n}.5CE") for n in range(600)]
    async with Reading(server.url) as world:
        world.feed.subscribe([Subscription(key, Mode.QUOTE) for key in keys])
        for round_number in range(1, 21):
            await until(lambda: len(server.subjects) == len(keys))
            if round_number == 10:
                world.feed.subscribe([INFY_LTP])
                await until(lambda: subject_of_all_modes(INFY) in server.subjects)
                keys.append(INFY)
            server.drop()
            await until(lambda number=round_number: server.opened == number + 1)
        await until(lambda: len(server.subjects) == len(keys))
        await until(lambda: all(world.feed.wishes.state(wish) is WishState.CONFIRMED for wish in world.feed.wishes))
        for key in keys:
            server.push(subject_of(key, Mode.QUOTE), b'{"ltp": 5}')
        await until(lambda: {tick.key for tick in world.sink.ticks} == set(keys))
        assert FeedState.RECONNECTING in world.sink.states()


async def test_a_server_that_comes_back_after_a_while_gets_the_wishes_made_meanwhile(server: ToyNats) -> None:
    async with Reading(server.url) as world:
        world.feed.subscribe([SBIN_LTP])
        await until(lambda: server.subjects)
        await server.stop()
        await until(lambda: world.feed.status.attempt >= 3)
        assert "cannot be reached" in world.feed.status.detail
        assert "next attempt in" in world.feed.status.detail
        world.feed.subscribe([INFY_LTP])
        world.feed.unsubscribe([SBIN_LTP])
        await server.start()
        await until(lambda: server.subjects == [subject_of_all_modes(INFY)])
        await world.live()


async def test_garbage_ends_the_connection_and_the_next_one_works(server: ToyNats) -> None:
    async with Reading(server.url) as world:
        world.feed.subscribe([SBIN_LTP])
        await until(lambda: server.subjects)
        server.say(b"\x00\xff garbage\r\n")
        await until(lambda: server.opened == 2 and server.subjects)
        server.push(subject_of(SBIN, Mode.LTP), b'{"ltp": 5}')
        await until(lambda: world.prices(SBIN) == [5.0])
        sentences = [event.detail for event in world.sink.events if getattr(event, "state", "") == "reconnecting"]
        assert "not of the NATS protocol" in sentences[0]


async def test_malformed_payloads_are_counted_and_skipped(server: ToyNats) -> None:
    async with Reading(server.url) as world:
        world.feed.subscribe([SBIN_LTP])
        await until(lambda: server.subjects)
        for payload in (b"", b"[1]", b"\xff", b"{bad", b'{"ltp": 9}'):
            server.push(subject_of(SBIN, Mode.LTP), payload)
        server.say(b"MSG a 999 2\r\n{}\r\n")
        await until(lambda: world.feed.counters["unwanted"] == 1)
        assert world.prices(SBIN) == [9.0]
        assert world.feed.counters["malformed"] == 4
        assert server.opened == 1


async def test_a_mute_server_is_told_and_left(server: ToyNats) -> None:
    async with Reading(server.url) as world:
        world.feed.subscribe([SBIN_LTP])
        await until(lambda: server.subjects)
        server.mute = True
        await until(lambda: world.feed.status.state is FeedState.MUTE)
        server.mute = False
        await until(lambda: world.feed.status.state is FeedState.LIVE and server.subjects)
        assert FeedState.MUTE in world.sink.states()


async def test_a_quiet_server_stays_live_because_it_answers(server: ToyNats) -> None:
    async with Reading(server.url) as world:
        await world.live()
        await until(lambda: server.pings >= 8)
        assert world.sink.states() == [FeedState.CONNECTING, FeedState.LIVE]


async def test_the_servers_ping_is_answered(server: ToyNats) -> None:
    async with Reading(server.url) as world:
        await world.live()
        server.say(b"PING\r\n")
        await until(lambda: server.pongs == 1)


async def test_a_refused_token_is_a_sentence_without_the_token(
    server: ToyNats, caplog: pytest.LogCaptureFixture
) -> None:
    server.token = "correct-horse"
    async with Reading(f"nats://battery-staple@127.0.0.1:{server.port}") as world:
        await until(lambda: world.feed.status.attempt >= 2)
        assert "refused the connection: Authorization Violation" in world.feed.status.detail
        assert server.connects[0]["auth_token"] == "battery-staple"
        server.token = "battery-staple"
        await world.live()
    assert "battery-staple" not in f"{world.sink.events} {caplog.text} {vars(world.feed)}"


async def test_missing_credentials_are_a_sentence(server: ToyNats) -> None:
    server.info["auth_required"] = True
    async with Reading(server.url) as world:
        await until(lambda: world.feed.status.attempt >= 1)
        assert "asks for credentials, and the address has none" in world.feed.status.detail
        assert server.connects == []


async def test_a_denied_subject_is_a_visible_rejection_of_that_instrument(server: ToyNats) -> None:
    server.denied = {subject_of_all_modes(SBIN)}
    async with Reading(server.url) as world:
        world.feed.subscribe([SBIN_LTP, SBIN_DEPTH, INFY_LTP])
        await until(lambda: world.sink.confirmed() == [INFY_LTP])
        assert set(world.sink.rejected()) == {SBIN_LTP, SBIN_DEPTH}
        assert "Permissions Violation" in (world.feed.wishes.reason(SBIN_LTP) or "")
        server.denied = set()
        world.feed.subscribe([SBIN_LTP])
        await until(lambda: world.feed.wishes.state(SBIN_LTP) is WishState.CONFIRMED)


async def test_beyond_the_servers_limit_the_last_ones_are_rejected(server: ToyNats) -> None:
    server.most_subscriptions = 4  # one of them is the census
    wishes = [Subscription(SBIN._replace(symbol=f"S{n}"), Mode.LTP) for n in range(5)]
    async with Reading(server.url) as world:
        world.feed.subscribe(wishes)
        await until(lambda: world.sink.confirmed() == wishes[:3])
        assert set(world.sink.rejected()) == set(wishes[3:])


async def test_an_error_that_ends_the_connection_is_told(server: ToyNats) -> None:
    async with Reading(server.url) as world:
        await world.live()
        server.say(b"-ERR 'Slow Consumer'\r\n")
        await until(lambda: world.feed.status.state is FeedState.RECONNECTING)
        assert "ended the connection: Slow Consumer" in world.feed.status.detail


async def test_the_next_server_of_the_list_is_tried(server: ToyNats) -> None:
    async with toy_nats() as gone:
        dead = gone.url
    async with Reading(f"{dead},{server.url}") as world:
        await world.live()
        assert world.feed.status.detail.endswith(f":{server.port}")


async def test_a_server_that_shuts_down_orderly_is_left(server: ToyNats) -> None:
    async with toy_nats() as second, Reading(f"{server.url},{second.url}") as world:
        world.feed.subscribe([SBIN_LTP])
        await until(lambda: server.subjects)
        server.say(b'INFO {"ldm": true}\r\n')
        await until(lambda: second.subjects and not server.subjects)


async def test_a_burst_arrives_whole_and_in_order(server: ToyNats) -> None:
    async with Reading(server.url) as world:
        world.feed.subscribe([SBIN_LTP])
        await until(lambda: server.subjects)
        for n in range(5_000):
            server.push(subject_of(SBIN, Mode.LTP), b'{"ltp": %d}' % n)
        await until(lambda: len(world.sink.ticks) == 5_000, within_s=20)
        assert world.prices(SBIN) == [float(n) for n in range(5_000)]


async def test_stop_and_start_again_on_the_same_feed(server: ToyNats) -> None:
    async with Reading(server.url) as world:
        world.feed.subscribe([SBIN_LTP])
        await until(lambda: server.subjects)
        await world.feed.stop()
        await until(lambda: not server.subjects)
        await world.feed.start(world.sink)
        await until(lambda: server.subjects)


@pytest.mark.expected_log("unencrypted")
async def test_a_password_that_would_cross_the_network_in_the_clear_is_warned_of(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with Reading("nats://asha:hunter2@192.0.2.1:1"):
        assert "use tls://" in caplog.text
        assert "hunter2" not in caplog.text


def said(server: ToyNats) -> list[dict[str, Any]]:
    """What readers said of their wishes, in order."""
    return [json.loads(payload) for subject, payload in server.published if subject.startswith(subjects.WISHES)]


def wished(name: str, *modes: str) -> dict[str, Any]:
    return {"exchange": "NSE", "symbol": name, "modes": list(modes)}


async def test_publishers_are_told_what_is_wished_and_what_no_more(server: ToyNats) -> None:
    async with Reading(server.url) as world:
        world.feed.subscribe([SBIN_LTP, SBIN_DEPTH, INFY_LTP])
        await until(lambda: said(server))
        assert said(server) == [
            {"ttl_s": wishes.TTL_S, "wishes": [wished("SBIN", "LTP", "Depth"), wished("INFY", "LTP")]}
        ]
        world.feed.unsubscribe([SBIN_LTP, INFY_LTP])
        await until(lambda: len(said(server)) == 3)
        assert said(server)[1:] == [
            {"ttl_s": wishes.TTL_S, "wishes": [wished("SBIN", "Depth")]},
            {"gone": [{"exchange": "NSE", "symbol": "INFY"}]},
        ]
    await until(lambda: len(said(server)) == 4)
    assert said(server)[-1] == {"gone": "all"}, "who stops says so"


async def test_all_wishes_are_said_again_in_time_and_when_a_publisher_is_new(
    server: ToyNats, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wishes, "REFRESH_S", 0.05)
    many = [Subscription(SBIN._replace(symbol=f"S{n}"), Mode.LTP) for n in range(450)]
    async with Reading(server.url) as world:
        world.feed.subscribe(many)
        await until(lambda: len(said(server)) >= 6)
        assert [len(message["wishes"]) for message in said(server)[:6]] == [200, 200, 50, 200, 200, 50]
    monkeypatch.setattr(wishes, "REFRESH_S", 600.0)
    async with Reading(server.url) as world:
        world.feed.subscribe([SBIN_LTP])
        await until(lambda: world.sink.confirmed())
        before = len(said(server))
        server.push(subjects.CENSUS, b"")
        await until(lambda: len(said(server)) == before + 1)
        assert said(server)[-1]["wishes"] == [wished("SBIN", "LTP")]


async def test_simulated_prices_from_another_host_stay_marked(server: ToyNats) -> None:
    async with Reading(server.url) as world:
        world.feed.subscribe([SBIN_LTP])
        await until(lambda: world.sink.confirmed())
        server.push(subject_of(SBIN, Mode.LTP), b'{"ltp": 1.0, "state": "simulated"}')
        await until(lambda: world.sink.ticks)
        known = [event for event in world.sink.events if isinstance(event, NatureKnown)]
        assert known == [NatureKnown("nats", SBIN, FeedNature.SIMULATED)]
