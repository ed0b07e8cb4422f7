"""A flood of connections that never shake hands: bounded, and nobody else is kept out."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import pytest

from tests.doubles.certificates import make_certificate
from tests.doubles.raw_client import RawClient
from tests.doubles.served import Served, eventually, logged_in, say, served

CUT = "Too many connections without a handshake"


async def _hold_places(world: Served, count: int, begin: bytes) -> list[RawClient]:
    """Connect `count` times and say no more than `begin`."""
    held = []
    for _ in range(count):
        client = await RawClient.connect(world)
        client.writer.write(begin)
        held.append(client)
    return held


@pytest.mark.expected_log(CUT)
@pytest.mark.parametrize("begin", [b"", b"GET / HTTP/1.1\r\nHost: 127."])
async def test_a_flood_of_half_open_connections_is_bounded_and_clients_still_connect(
    begin: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async with served(max_handshakes_per_address=20, max_connections=5) as world:
        first = await logged_in(world)
        flood = await _hold_places(world, 60, begin)
        await eventually(lambda: world.desk.edge_counters["handshakes_cut"] == 40)
        assert len(world.server._connections) == 21
        late = await logged_in(world)
        for client in (first, late):
            assert (await say(client, action="ping"))["type"] == "pong"
        for client in flood[:40]:
            assert await client.closed()
        assert [record.getMessage() for record in caplog.records if CUT in record.getMessage()] == [
            f"{CUT}: the oldest was cut (1 since last said)"
        ], "said once, not sixty times"
        for client in flood:
            await client.close()
        await first.close()
        await late.close()
        await eventually(lambda: len(world.server.doorstep) == 0)


@pytest.mark.expected_log(CUT)
async def test_all_addresses_together_are_bounded() -> None:
    async with served(max_handshakes=10, max_handshakes_per_address=100) as world:
        flood = await _hold_places(world, 30, b"")
        await eventually(lambda: world.desk.edge_counters["handshakes_cut"] == 20)
        assert len(world.server._connections) == 10
        client = await logged_in(world)
        await client.close()
        for each in flood:
            await each.close()


@pytest.mark.expected_log(CUT)
async def test_half_open_encryption_is_bounded_too(tmp_path: Path) -> None:
    cert, _ = make_certificate(tmp_path)
    trusting = ssl.create_default_context(cafile=str(cert))
    async with served(tls_cert=cert, tls_key=tmp_path / "key.pem", max_handshakes_per_address=20) as world:
        flood = await _hold_places(world, 30, b"\x16\x03\x01")
        await eventually(lambda: world.desk.edge_counters["handshakes_cut"] == 10)
        client = await logged_in(world, ssl=trusting)
        assert (await say(client, action="ping"))["type"] == "pong"
        await client.close()
        for each in flood:
            await each.close()
        await eventually(lambda: len(world.server.doorstep) == 0)


async def test_half_open_encryption_ends_in_time_and_is_not_logged(tmp_path: Path) -> None:
    cert, _ = make_certificate(tmp_path)
    async with served(tls_cert=cert, tls_key=tmp_path / "key.pem", handshake_timeout_s=0.2) as world:
        mute, plain = await RawClient.connect(world), await RawClient.connect(world)
        plain.writer.write(b"GET / HTTP/1.1\r\n\r\n")
        assert await mute.closed()
        assert await plain.closed()
        await mute.close()
        await plain.close()
        await eventually(lambda: len(world.server.doorstep) == 0)


async def test_what_comes_right_after_the_encryption_is_not_lost(tmp_path: Path) -> None:
    cert, _ = make_certificate(tmp_path)
    trusting = ssl.create_default_context(cafile=str(cert))
    async with served(tls_cert=cert, tls_key=tmp_path / "key.pem") as world:
        for _ in range(20):
            client = await logged_in(world, ssl=trusting)
            await client.close()


async def test_an_encrypted_connection_ends_when_both_have_said_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cert, _ = make_certificate(tmp_path)
    trusting = ssl.create_default_context(cafile=str(cert))
    async with served(tls_cert=cert, tls_key=tmp_path / "key.pem") as world:
        monkeypatch.setattr(world.server, "close_timeout_s", 60.0)
        # Who closes waits for the end of the stream, for as long as it is patient.
        client = await logged_in(world, ssl=trusting, close_timeout=60)
        closing = asyncio.create_task(client.close())
        await eventually(lambda: not world.server._connections)
        await closing
