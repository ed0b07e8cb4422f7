"""The server on a real socket, with websockets' client and with raw bytes."""

from __future__ import annotations

import asyncio
import json
import socket
from dataclasses import replace
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from market.subscriptions import Subscription
from tests.doubles.served import GOOD_KEY, Served, dial, eventually, hang_up, hear, logged_in, say, served
from tests.doubles.ticks import INFY, SBIN, full_tick, tick_of

HANDSHAKE = (
    b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


def masked(text: bytes) -> bytes:
    """One masked text frame, as a client of few words would send it (mask 0, short payload)."""
    assert len(text) < 126
    return bytes((0x81, 0x80 | len(text))) + b"\0\0\0\0" + text


async def raw_dial(world: Served) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    host, port = world.server.address
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(HANDSHAKE)
    answer = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
    assert b"101 Switching Protocols" in answer
    return reader, writer


async def closed_with(client: Any) -> tuple[int, str]:
    with pytest.raises(ConnectionClosed) as caught:
        while True:
            await asyncio.wait_for(client.recv(), 5)
    assert caught.value.rcvd is not None
    return caught.value.rcvd.code, caught.value.rcvd.reason


async def test_nothing_is_said_before_the_client_speaks_and_auth_comes_first() -> None:
    async with served() as world:
        client = await dial(world)
        answer = await say(client, action="authenticate", api_key=GOOD_KEY)
        assert (answer["type"], answer["user_id"]) == ("auth", "trader1")
        await client.close()


async def test_ticks_reach_each_held_mode_and_a_snapshot_follows_the_ack() -> None:
    async with served() as world:
        world.hub.publish([full_tick()])
        client = await logged_in(world)
        ack = await say(client, action="subscribe", symbol="SBIN", exchange="NSE", mode=1)
        assert ack["status"] == "success"
        snapshot = await hear(client)
        assert (snapshot["mode"], snapshot["data"]["snapshot"], snapshot["data"]["ltp"]) == (1, True, 812.35)
        for mode in (2, 3):
            await say(client, action="subscribe", symbol="SBIN", exchange="NSE", mode=mode)
            assert (await hear(client))["mode"] == mode
        world.feed.publish(tick_of(ltp=813.0))
        frames = [await hear(client) for _ in range(3)]
        assert [frame["mode"] for frame in frames] == [1, 2, 3]
        assert {frame["data"]["ltp"] for frame in frames} == {813.0}
        assert "depth" not in frames[0]["data"]
        await client.close()


async def test_frames_of_one_turn_leave_in_one_write(monkeypatch: pytest.MonkeyPatch) -> None:
    async with served() as world:
        client = await logged_in(world)
        await say(client, action="subscribe", symbols=[{"symbol": "SBIN", "exchange": "NSE"}], mode=1)
        (connection,) = world.server._open
        written: list[bytes] = []
        transport = connection._transport
        assert transport is not None
        monkeypatch.setattr(connection, "_transport", _Recorder(transport, written))
        world.feed.publish(*(tick_of(ltp=float(price)) for price in range(800, 850)))
        assert [(await hear(client))["data"]["ltp"] for _ in range(50)] == [float(p) for p in range(800, 850)]
        assert len(written) == 1
        monkeypatch.undo()
        await client.close()


class _Recorder:
    def __init__(self, inner: Any, written: list[bytes]) -> None:
        self._inner = inner
        self._written = written

    def write(self, data: bytes) -> None:
        self._written.append(data)
        self._inner.write(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


async def test_wrong_key_may_try_again_on_the_same_socket() -> None:
    async with served() as world:
        client = await dial(world)
        assert (await say(client, action="authenticate", api_key="bad"))["code"] == "AUTHENTICATION_ERROR"
        assert (await say(client, action="authenticate", api_key=GOOD_KEY))["status"] == "success"
        assert world.desk.counters()["auth_failures"] == 1
        await client.close()


async def test_pipelined_auth_and_subscribe_are_answered_in_order() -> None:
    async with served() as world:
        world.verify_gate = asyncio.Event()
        client = await dial(world)
        await client.send(json.dumps({"action": "authenticate", "api_key": GOOD_KEY}))
        await client.send(json.dumps({"action": "subscribe", "symbol": "SBIN", "exchange": "NSE"}))
        world.verify_gate.set()
        assert [(await hear(client))["type"] for _ in range(2)] == ["auth", "subscribe"]
        await client.close()


@pytest.mark.expected_log("An API key could not be verified")
async def test_a_failing_verifier_is_an_apology_without_the_reason() -> None:
    async with served() as world:
        world.verify_error = RuntimeError("database password is hunter2")
        client = await dial(world)
        answer = await say(client, action="authenticate", api_key=GOOD_KEY)
        assert answer["code"] == "SERVER_ERROR"
        assert "hunter2" not in json.dumps(answer)
        await client.close()


async def test_disconnect_releases_and_a_second_client_keeps_its_own() -> None:
    async with served() as world:
        first, second = await logged_in(world), await logged_in(world)
        for client in (first, second):
            await say(client, action="subscribe", symbol="SBIN", exchange="NSE", mode=1)
        await say(first, action="subscribe", symbol="INFY", exchange="NSE", mode=1)
        await first.close()
        await eventually(lambda: len(world.feed.wished) == 1)
        assert world.feed.wished == [Subscription(SBIN, world.feed.wished[0].mode)]
        world.feed.publish(tick_of(SBIN), tick_of(INFY))
        assert (await hear(second))["symbol"] == "SBIN"
        await second.close()
        await eventually(lambda: not world.feed.wished)


async def test_unauthenticated_client_is_closed_with_4401() -> None:
    async with served(auth_grace_s=0.2) as world:
        client = await dial(world)
        assert await closed_with(client) == (4401, "auth timeout")


async def test_revoked_key_is_closed_with_4403() -> None:
    async with served() as world:
        client = await logged_in(world)
        world.server.disconnect_key(8)
        world.server.disconnect_key(7)
        assert await closed_with(client) == (4403, "key revoked")


async def test_close_of_the_server_says_going_away() -> None:
    async with served() as world:
        client = await logged_in(world)
        await world.server.close()
        assert (await closed_with(client))[0] == 1001


async def test_page_from_elsewhere_gets_403_and_one_too_many_gets_503() -> None:
    async with served(max_connections=1) as world:
        with pytest.raises(InvalidStatus) as caught:
            await dial(world, origin="https://evil.example")
        assert caught.value.response.status_code == 403
        client = await dial(world, origin="http://localhost:3000")
        with pytest.raises(InvalidStatus) as caught:
            await dial(world)
        assert caught.value.response.status_code == 503
        await client.close()


async def test_amibroker_malformed_ping_keeps_the_connection() -> None:
    async with served() as world:
        reader, writer = await raw_dial(world)
        writer.write(masked(json.dumps({"action": "authenticate", "api_key": GOOD_KEY}).encode()))
        assert b"success" in await asyncio.wait_for(reader.read(1023), 5)
        for _ in range(3):
            writer.write(bytes.fromhex("8984a1b2c3d4"))
            assert (await asyncio.wait_for(reader.readexactly(2), 5))[0] == 0x8A
        writer.write(masked(b'{"action":"ping"}'))
        assert b"pong" in await asyncio.wait_for(reader.read(1023), 5)
        await hang_up(writer)


async def test_fragmented_and_binary_messages_are_read() -> None:
    async with served() as world:
        client = await dial(world)
        await client.send(iter(['{"action":', '"ping"}']))
        assert (await hear(client))["type"] == "pong"
        await client.send(b'{"action":"ping"}')
        assert (await hear(client))["type"] == "pong"
        await client.close()


async def test_oversized_frame_is_closed_with_1009_and_others_live_on() -> None:
    async with served() as world:
        bystander, giant = await logged_in(world), await dial(world)
        await giant.send("x" * (1 << 20 | 1))
        assert (await closed_with(giant))[0] == 1009
        assert (await say(bystander, action="ping"))["type"] == "pong"
        await bystander.close()


@pytest.mark.parametrize("junk", [b"\x00" * 64, b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00" * 20, b"A" * 9000])
async def test_junk_instead_of_a_handshake_is_dropped(junk: bytes) -> None:
    async with served() as world:
        host, port = world.server.address
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(junk)
        writer.write_eof()
        await asyncio.wait_for(reader.read(), 5)
        await hang_up(writer)
        await eventually(lambda: not world.server._connections)
        client = await logged_in(world)
        await client.close()


async def test_junk_frames_after_the_handshake_close_only_that_client() -> None:
    async with served() as world:
        bystander = await logged_in(world)
        reader, writer = await raw_dial(world)
        writer.write(b"\xff\xff\xff\xff" * 50)
        await asyncio.wait_for(reader.read(), 5)
        await hang_up(writer)
        assert (await say(bystander, action="ping"))["type"] == "pong"
        await bystander.close()


async def test_too_many_messages_are_refused_but_not_cut_off() -> None:
    async with served(inbound_rate=1.0, inbound_burst=3.0) as world:
        client = await dial(world)
        answers = [await say(client, action="ping") for _ in range(5)]
        assert [answer.get("code") for answer in answers] == [None] * 3 + ["RATE_LIMITED"] * 2
        await client.close()


async def test_a_client_that_never_reads_is_conflated_then_closed_and_hinders_nobody() -> None:
    async with served(write_high_water=8 << 10) as world:
        _reader, writer = await raw_dial(world)
        sock = writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        writer.write(masked(json.dumps({"action": "auth", "api_key": GOOD_KEY}).encode()))
        writer.write(
            masked(json.dumps({"action": "subscribe", "symbol": "SBIN", "exchange": "NSE", "mode": 3}).encode())
        )
        transport: Any = writer.transport
        transport.pause_reading()
        healthy = await logged_in(world)
        await say(healthy, action="subscribe", symbol="INFY", exchange="NSE", mode=1)
        await eventually(lambda: len(world.feed.wished) == 2)
        rounds = 0

        def flooded() -> bool:
            nonlocal rounds
            rounds += 1
            world.feed.publish(*(full_tick(SBIN, ltp=float(n), volume=rounds * 1000 + n) for n in range(200)))
            return any(info.is_slow and info.conflated > 1_000 for info in world.server.clients())

        await eventually(flooded, within_s=20)
        slow = next(info for info in world.server.clients() if info.is_slow)
        assert slow.waiting == 1, "one instrument in one mode waits, whatever was published"
        world.feed.publish(tick_of(INFY, ltp=1.0))
        assert (await hear(healthy))["data"]["ltp"] == 1.0
        # Its time is up now, and not before everything above was seen, however slow this machine is.
        world.server.config = replace(world.server.config, slow_client_s=0.0)
        await eventually(lambda: len(world.server._connections) == 1, within_s=10)
        world.server.refresh_counters()
        assert world.desk.counters()["conflated"] > 1_000
        await hang_up(writer)
        await healthy.close()


async def test_the_port_is_not_shared() -> None:
    async with served() as world:
        _, port = world.server.address
        other = Served(world.feed)
        other.server.config = type(other.server.config)(port=port)
        with pytest.raises(OSError, match=r"in use|10048|permitted"):
            await other.server.listen()


async def test_clients_are_described_without_secrets() -> None:
    async with served() as world:
        client = await logged_in(world)
        await say(client, action="subscribe", symbol="SBIN", exchange="NSE", mode=1)
        (info,) = world.server.clients()
        assert (info.user_id, info.key_name, info.subscriptions) == ("trader1", "default", 1)
        assert GOOD_KEY not in repr(info)
        world.server.refresh_counters()
        counters = world.desk.counters()
        assert (counters["clients"], counters["clients_total"]) == (1, 1)
        assert counters["frames_out"] >= 2
        await client.close()
