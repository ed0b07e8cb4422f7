"""The connection that carries a socket and requests, against the toy."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping

import pytest

from adapters.frames import FrameKind
from adapters.transport import HttpClient, Limits
from adapters.xts import engine_io, joined_socket
from adapters.xts.calls import SUBSCRIBE, Answer, subscription
from adapters.xts.joined_socket import JoinedSocket, open_joined
from adapters.xts.rows import ROWS
from market.errors import DecodeError, FeedError, FeedRejectedError, FeedUnavailableError
from tests.doubles.toy_xts import ToyXts
from tests.doubles.waiting import until

LIMITS = Limits(open_timeout_s=1.0, request_timeout_s=2.0)
ROW = ROWS[0]


@contextlib.asynccontextmanager
async def _opened(toy: ToyXts, *, token: str = "good-token") -> AsyncIterator[JoinedSocket]:
    http = HttpClient(f"http://127.0.0.1:{toy.port}{ROW.prefix}")
    query: Mapping[str, str] = {"token": token, "userID": "AB1234"}
    socket = await open_joined(
        f"ws://127.0.0.1:{toy.port}{ROW.socket_path}/", query, http, {"Authorization": token}, LIMITS
    )
    try:
        yield socket
    finally:
        await socket.close()
        await http.close()


@pytest.fixture
async def toy() -> AsyncIterator[ToyXts]:
    toy = ToyXts(ROW)
    await toy.start()
    yield toy
    await toy.stop()


async def _until_joined(socket: JoinedSocket) -> None:
    while not (await socket.receive())[1].startswith(b'42["joined"'):
        pass


@pytest.mark.parametrize("version", [3, 4])
async def test_either_version_of_engine_io_is_spoken(version: int, toy: ToyXts) -> None:
    toy.version = version
    async with _opened(toy) as socket:
        await _until_joined(socket)
    assert toy.violations == []


async def test_server_of_neither_version_is_refused(toy: ToyXts) -> None:
    toy.version = 9
    with pytest.raises(FeedRejectedError):
        async with _opened(toy):
            pass


@pytest.mark.parametrize(("version", "status"), [(9, 0), (3, 503), (3, 401)])
async def test_refusal_does_not_repeat_the_address(toy: ToyXts, version: int, status: int) -> None:
    toy.version, toy.refuse_handshakes = version, status
    with pytest.raises(FeedError) as caught:
        async with _opened(toy, token="very-secret"):
            pass
    assert "very-secret" not in str(caught.value)


async def test_pings_go_out_as_often_as_the_server_asks(toy: ToyXts) -> None:
    toy.ping_interval_s = 0.1
    async with _opened(toy) as socket:
        await _until_joined(socket)
        assert await socket.receive() == (FrameKind.TEXT, b"3")
        assert await socket.receive() == (FrameKind.TEXT, b"3")
        assert toy.pings >= 2


async def test_pings_of_the_newer_server_are_answered(toy: ToyXts) -> None:
    toy.version = 4
    async with _opened(toy) as socket:
        await _until_joined(socket)
        await toy.send_to_all("2")
        assert await socket.receive() == (FrameKind.TEXT, b"2")
        await until(lambda: toy.lines[0].heard[-1] == "3")


async def test_bytes_lose_their_lead_in_the_older_version_alone(toy: ToyXts) -> None:
    async with _opened(toy) as socket:
        await _until_joined(socket)
        await toy.send_to_all(b"\x04abc")
        assert await socket.receive() == (FrameKind.BINARY, b"abc")
    assert engine_io.payload_of(b"\x04abc", 4) == b"\x04abc"


async def test_call_is_answered_between_the_frames(toy: ToyXts) -> None:
    async with _opened(toy) as socket:
        await _until_joined(socket)
        call = subscription(SUBSCRIBE, 1512, [(1, 2885)])
        await socket.send(call)
        kind, answered = await socket.receive()
        assert isinstance(answered, Answer)
        assert (kind, answered.call, answered.status) == (FrameKind.TEXT, call, 200)
        await socket.send(call)
        _, again = await socket.receive()
        assert isinstance(again, Answer)
        assert again.status == 400
        assert b"e-session-0002" in again
    assert toy.calls == [("POST", 1512, 1), ("POST", 1512, 1)]


async def test_call_that_is_too_quick_is_made_again(toy: ToyXts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(joined_socket, "_SLOW_DOWN_S", 0.01)
    toy.slow_down = 2
    async with _opened(toy) as socket:
        await _until_joined(socket)
        await socket.send(subscription(SUBSCRIBE, 1512, [(1, 2885)]))
        _, answered = await socket.receive()
    assert isinstance(answered, Answer)
    assert (answered.status, toy.requests["POST"]) == (200, 3)


async def test_call_with_a_bad_session_brings_the_answer(toy: ToyXts) -> None:
    async with _opened(toy) as socket:
        await _until_joined(socket)
        toy.tokens = {"another"}
        await socket.send(subscription(SUBSCRIBE, 1512, [(1, 2885)]))
        _, answered = await socket.receive()
    assert isinstance(answered, Answer)
    assert b"e-session-0007" in answered


async def test_call_that_cannot_be_made_ends_the_connection() -> None:
    toy, broken = ToyXts(ROW), HttpClient("http://127.0.0.1:1", limits=LIMITS)
    await toy.start()
    url = f"ws://127.0.0.1:{toy.port}{ROW.socket_path}/"
    socket = await open_joined(url, {"token": "good-token"}, broken, {}, LIMITS)
    await _until_joined(socket)
    await socket.send(subscription(SUBSCRIBE, 1512, [(1, 2885)]))
    with pytest.raises(FeedUnavailableError):
        await socket.receive()
    await socket.close()
    await broken.close()
    await toy.stop()


async def test_end_of_the_socket_is_told_after_what_came_before(toy: ToyXts) -> None:
    async with _opened(toy) as socket:
        await toy.lines[0].say("42[1]")
        toy.drop()
        heard = []
        with pytest.raises(FeedUnavailableError):
            while True:
                heard.append((await socket.receive())[1])
        assert b"42[1]" in heard


async def test_reader_that_does_not_read_holds_the_socket_back(toy: ToyXts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(joined_socket, "_MOST_WAITING", 2)
    async with _opened(toy) as socket:
        for number in range(20):
            await toy.lines[0].say(f'42["{number}"]')
        await asyncio.sleep(0)
        heard = [(await socket.receive())[1] for _ in range(22)]
        assert heard[-1] == b'42["19"]'


class _SilentToy(ToyXts):
    async def greet(self, line: object) -> None:
        """Say nothing at all."""


async def test_server_that_says_nothing_is_given_up() -> None:
    toy = _SilentToy(ROW)
    await toy.start()
    with pytest.raises(FeedUnavailableError, match="said nothing"):
        async with _opened(toy):
            pass
    await until(lambda: not toy.lines)
    await toy.stop()


@pytest.mark.parametrize("packet", [b"", b"40", b"0", b"0[]", b'0{"pingInterval":"x"}', b"0" + b"[" * 5000])
def test_other_openings_are_refused(packet: bytes) -> None:
    with pytest.raises(DecodeError):
        engine_io.decode_opening(packet)


def test_opening_says_how_often() -> None:
    opening = engine_io.decode_opening(b'0{"sid":"x","pingInterval":25000,"pingTimeout":60000}')
    assert (opening.ping_interval, opening.ping_timeout) == (25_000.0, 60_000.0)
