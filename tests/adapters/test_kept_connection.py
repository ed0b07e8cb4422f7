"""The kept connection against a scripted socket: opened again, watched, renewed, and never two at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from adapters.frames import FrameKind
from adapters.kept_connection import ConnectionPolicy, KeptConnection
from adapters.reconnect import Backoff
from market.errors import FeedUnavailableError
from market.feeds import FeedState
from tests.doubles.waiting import until

QUICK = ConnectionPolicy(mute_after_s=0.08, dead_after_s=0.5, message_rate_per_s=1000.0, message_burst=10.0)
PATIENT = ConnectionPolicy(mute_after_s=20.0, dead_after_s=40.0, message_rate_per_s=1000.0, message_burst=10.0)


class ScriptedSocket:
    """What `WebSocketConnection` is to its user, without a network: frames are put in by the test."""

    def __init__(self) -> None:
        self._incoming: asyncio.Queue[tuple[FrameKind, bytes] | Exception] = asyncio.Queue()
        self.sent: list[bytes] = []
        self.pings = 0
        self.closed = False

    def put(self, frame: bytes, kind: FrameKind = FrameKind.TEXT) -> None:
        self._incoming.put_nowait((kind, frame))

    def end(self, reason: str = "the peer dropped the connection") -> None:
        self._incoming.put_nowait(FeedUnavailableError(reason))

    async def receive(self) -> tuple[FrameKind, bytes]:
        item = await self._incoming.get()
        if isinstance(item, Exception):
            raise item
        return item

    async def send(self, message: bytes) -> None:
        self.sent.append(message)

    async def ping(self) -> None:
        self.pings += 1

    async def close(self) -> None:
        self.closed = True


class Owner:
    """Notes everything; sends what is in `to_send`."""

    def __init__(self) -> None:
        self.log: list[str] = []
        self.states: list[tuple[FeedState, str, int]] = []
        self.to_send: list[bytes] = []
        self.frames: list[bytes] = []
        self.break_on: bytes | None = None

    def opened(self) -> None:
        self.log.append("opened")

    def received(self, frame: bytes, kind: FrameKind) -> None:
        if frame == self.break_on:
            raise RuntimeError("a bug in the owner")
        self.frames.append(frame)

    def lost(self) -> None:
        self.log.append("lost")

    def next_message(self) -> bytes | None:
        if self.to_send == [b"poison"]:
            self.to_send.clear()
            raise RuntimeError("a bug in the owner")
        return self.to_send.pop(0) if self.to_send else None

    def state_changed(self, state: FeedState, detail: str, attempt: int) -> None:
        self.states.append((state, detail, attempt))

    @property
    def last_state(self) -> FeedState:
        return self.states[-1][0]


class Bench:
    """A kept connection at work, and every socket it opened."""

    def __init__(self, policy: ConnectionPolicy, stable_s: float, first_s: float) -> None:
        self.owner = Owner()
        self.sockets: list[ScriptedSocket] = []
        self.refusals: list[Exception] = []
        self.most_open = 0
        backoff = Backoff(first_s=first_s, cap_s=2 * first_s, stable_s=stable_s, draw=lambda: 1.0)
        opener: Any = self._open
        self.connection = KeptConnection(lambda: "", self.owner, policy, backoff=backoff, opener=opener)
        self.task = asyncio.get_running_loop().create_task(self.connection.run())

    async def _open(self) -> ScriptedSocket:
        if self.refusals:
            raise self.refusals.pop(0)
        await asyncio.sleep(0)
        self.sockets.append(ScriptedSocket())
        self.most_open = max(self.most_open, sum(not socket.closed for socket in self.sockets))
        return self.sockets[-1]

    async def live(self, number: int = 1) -> ScriptedSocket:
        await until(lambda: len(self.sockets) == number and self.owner.last_state is FeedState.LIVE)
        return self.sockets[-1]


Start = Callable[..., Bench]


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    benches: list[Bench] = []

    def start_one(policy: ConnectionPolicy = PATIENT, *, stable_s: float = 60.0, first_s: float = 0.01) -> Bench:
        benches.append(Bench(policy, stable_s, first_s))
        return benches[-1]

    yield start_one
    for bench in benches:
        bench.task.cancel()
        await asyncio.wait([bench.task])
        assert all(socket.closed for socket in bench.sockets)


async def test_frames_reach_the_owner_and_control_frames_do_not(start: Start) -> None:
    bench = start()
    socket = await bench.live()
    socket.put(b"one")
    socket.put(b"", FrameKind.CONTROL)
    socket.put(b"two", FrameKind.BINARY)
    await until(lambda: bench.owner.frames == [b"one", b"two"])
    assert [state for state, _, _ in bench.owner.states] == [FeedState.CONNECTING, FeedState.LIVE]


async def test_lost_connection_is_opened_again_and_says_when(start: Start) -> None:
    bench = start()
    (await bench.live()).end()
    await bench.live(2)
    assert bench.owner.log == ["opened", "lost", "opened"]
    assert bench.owner.states[2] == (
        FeedState.RECONNECTING,
        "the peer dropped the connection; next attempt in 0.0 s",
        1,
    )
    assert bench.sockets[0].closed


async def test_attempts_are_counted_until_one_succeeds(start: Start) -> None:
    bench = start()
    socket = await bench.live()
    bench.refusals = [FeedUnavailableError("no network"), FeedUnavailableError("no network")]
    socket.end()
    await bench.live(2)
    again = [(detail, attempt) for state, detail, attempt in bench.owner.states if state is FeedState.RECONNECTING]
    assert again == [
        ("the peer dropped the connection; next attempt in 0.0 s", 1),
        ("no network; next attempt in 0.0 s", 2),
        ("no network; next attempt in 0.0 s", 3),
    ]
    assert bench.owner.log.count("lost") == 1


async def test_never_two_sockets_at_a_time(start: Start) -> None:
    bench = start()
    for number in range(1, 21):
        socket = await bench.live(number)
        bench.connection.renew("twice at once")
        socket.end()
    await bench.live(21)
    assert bench.most_open == 1


async def test_mute_socket_is_told_probed_and_replaced(start: Start) -> None:
    bench = start(QUICK)
    socket = await bench.live()
    await until(lambda: bench.owner.last_state is FeedState.MUTE)
    await until(lambda: socket.pings == 1)
    await until(lambda: len(bench.sockets) == 2)
    reconnecting = next(detail for state, detail, _ in bench.owner.states if state is FeedState.RECONNECTING)
    assert "although the connection is open" in reconnecting


async def test_any_frame_wakes_a_mute_socket(start: Start) -> None:
    bench = start(QUICK)
    socket = await bench.live()
    await until(lambda: bench.owner.last_state is FeedState.MUTE)
    socket.put(b"", FrameKind.CONTROL)
    await until(lambda: bench.owner.last_state is FeedState.LIVE)
    assert len(bench.sockets) == 1


async def test_renewal_of_a_stable_connection_is_immediate(start: Start) -> None:
    bench = start(stable_s=0.0, first_s=60.0)
    await bench.live()
    bench.connection.renew("The peer is about to close")
    await bench.live(2)
    assert bench.owner.states[2][1] == "The peer is about to close; next attempt in 0.0 s"


async def test_renewal_between_two_attempts_ends_the_wait(start: Start) -> None:
    bench = start(first_s=3_600.0)
    socket = await bench.live()
    socket.end()
    await until(lambda: bench.owner.last_state is FeedState.RECONNECTING)
    bench.connection.renew("Reconnecting, as asked")
    await bench.live(2)
    assert bench.most_open == 1


async def test_a_renewal_asked_for_while_it_opens_is_done_and_forgotten(start: Start) -> None:
    bench = start(QUICK)
    await asyncio.sleep(0)
    bench.connection.renew("There is a new login")
    await bench.live()
    await bench.live(2)
    reasons = [detail for state, detail, _ in bench.owner.states if state is FeedState.RECONNECTING]
    assert len(reasons) == 1
    assert "although the connection is open" in reasons[0]


async def test_renewal_of_a_fresh_connection_backs_off(start: Start) -> None:
    bench = start()
    for number in range(1, 4):
        await bench.live(number)
        bench.connection.renew("The peer is about to close")
        await until(lambda: bench.owner.last_state is FeedState.RECONNECTING)
    assert [attempt for state, _, attempt in bench.owner.states if state is FeedState.RECONNECTING] == [1, 2, 3]


async def test_connection_is_renewed_at_its_age(start: Start) -> None:
    policy = ConnectionPolicy(mute_after_s=0.2, dead_after_s=40.0, renew_after_s=0.1)
    bench = start(policy)
    await bench.live(2)
    assert "renewed before it expires" in bench.owner.states[2][1]


async def test_messages_are_sent_on_poke_and_after_every_opening(start: Start) -> None:
    bench = start()
    bench.owner.to_send = [b"a", b"b"]
    socket = await bench.live()
    await until(lambda: socket.sent == [b"a", b"b"])
    bench.owner.to_send = [b"c"]
    bench.connection.poke()
    await until(lambda: socket.sent == [b"a", b"b", b"c"])
    bench.owner.to_send = [b"d"]
    socket.end()
    again = await bench.live(2)
    await until(lambda: again.sent == [b"d"])


async def test_messages_are_paced(start: Start) -> None:
    bench = start(ConnectionPolicy(message_rate_per_s=20.0, message_burst=1.0))
    bench.owner.to_send = [b"a", b"b", b"c"]
    socket = await bench.live()
    begun = asyncio.get_running_loop().time()
    await until(lambda: len(socket.sent) == 3)
    assert asyncio.get_running_loop().time() - begun >= 0.08


@pytest.mark.expected_log("A connection failed unexpectedly")
async def test_bug_in_the_owner_costs_a_connection_and_not_the_feed(start: Start) -> None:
    bench = start()
    bench.owner.break_on = b"poison"
    (await bench.live()).put(b"poison")
    await bench.live(2)
    assert "Internal error" in bench.owner.states[2][1]


@pytest.mark.expected_log("A connection cannot be made")
async def test_an_address_that_is_none_does_not_end_the_attempts(start: Start) -> None:
    bench = start()
    socket = await bench.live()
    bench.refusals = [ValueError("Port out of range 0-65535")]
    socket.end()
    await bench.live(2)
    assert any("Internal error" in detail for _, detail, _ in bench.owner.states)


@pytest.mark.expected_log("The task feed-writer failed")
async def test_bug_in_what_is_to_be_sent_costs_a_connection_too(start: Start) -> None:
    bench = start()
    bench.owner.to_send = [b"poison"]
    await bench.live(2)
    assert "Internal error" in bench.owner.states[2][1]
    bench.owner.to_send = [b"a"]
    bench.connection.poke()
    await until(lambda: bench.sockets[1].sent == [b"a"])


async def test_cancelling_ends_everything(start: Start) -> None:
    bench = start()
    socket = await bench.live()
    bench.task.cancel()
    await asyncio.wait([bench.task])
    assert socket.closed
    assert [task for task in asyncio.all_tasks() if task.get_name().startswith("feed-")] == []
    assert bench.owner.log == ["opened", "lost"]


async def test_keepalive_is_said_again_and_again_unasked(start: Start) -> None:
    policy = ConnectionPolicy(mute_after_s=5.0, dead_after_s=10.0, keepalive=b"ping", keepalive_every_s=0.01)
    bench = start(policy)
    socket = await bench.live()
    await until(lambda: socket.sent.count(b"ping") >= 3)


async def test_a_connection_that_was_given_up_counts_as_a_fault(start: Start) -> None:
    bench = start(stable_s=0.0, first_s=0.02)
    await bench.live()
    bench.connection.give_up("the source has enough of us")
    await bench.live(2)
    reconnecting = next(each for each in bench.owner.states if each[0] is FeedState.RECONNECTING)
    assert reconnecting[1].startswith("the source has enough of us; next attempt in 0.0")
