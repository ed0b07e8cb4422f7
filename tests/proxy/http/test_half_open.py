"""Connections of the HTTP server that ask nothing, or never come to an end: bounded, and nobody else is kept out."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from pathlib import Path

import aiohttp
import pytest

from services.rest.answers import Answer
from tests.doubles.certificates import make_certificate
from tests.doubles.http_served import GOOD_KEY, HttpServed, echo, http_served, running
from tests.doubles.waiting import until

CUT = "Too many HTTP connections without a key"


async def _hold_places(world: HttpServed, count: int, begin: bytes) -> list[asyncio.StreamWriter]:
    held = []
    host, port = world.server._address
    for _ in range(count):
        _reader, writer = await asyncio.open_connection(host, port)
        writer.write(begin)
        held.append(writer)
    return held


async def _let_go(held: list[asyncio.StreamWriter]) -> None:
    for writer in held:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


@pytest.mark.expected_log(CUT)
@pytest.mark.parametrize(
    "begin",
    [
        b"",
        b"POST /echo HTTP/1.1\r\nHost: 127.",
        b"POST /echo HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\n{",
    ],
)
async def test_a_flood_of_connections_that_ask_nothing_is_bounded(
    begin: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async with http_served(echo(), max_waiting_per_address=20, rate=1e9) as world:
        held = await _hold_places(world, 60, begin)
        await until(lambda: world.server._counters["http_connections_cut"] == 40)
        for _ in range(3):
            assert (await world.ask("/echo", json={"apikey": GOOD_KEY})).status == 200
        assert len([record for record in caplog.records if CUT in record.getMessage()]) == 1
        await _let_go(held)


@pytest.mark.expected_log(CUT)
async def test_one_with_a_good_key_is_answered_in_peace() -> None:
    gate, begun = asyncio.Event(), asyncio.Event()

    async def work(_user: str, _values: dict[str, object]) -> Answer:
        begun.set()
        await gate.wait()
        return Answer(200, {"done": True})

    async with http_served(echo()._replace(run=work), max_waiting_per_address=5) as world:
        asking = asyncio.create_task(world.ask("/echo", json={"apikey": GOOD_KEY}))
        await begun.wait()
        held = await _hold_places(world, 20, b"")
        await until(lambda: world.server._counters["http_connections_cut"] == 15)
        gate.set()
        assert (await asking).status == 200
        await _let_go(held)


async def test_a_body_that_never_comes_is_not_waited_for() -> None:
    async with http_served(echo(), running(lambda: None), handshake_timeout_s=0.1) as world:
        host, port = world.server._address
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(b"POST /echo HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\n{")
        said = await asyncio.wait_for(reader.readuntil(b"}"), 10)
        assert said.startswith(b"HTTP/1.1 408 ")
        assert b"The body did not arrive within 0.1 seconds" in said
        await _let_go([writer])


@pytest.mark.expected_log(CUT)
async def test_half_open_encryption_counts_too(tmp_path: Path) -> None:
    cert, _ = make_certificate(tmp_path)
    tls = {"tls_cert": cert, "tls_key": tmp_path / "key.pem"}
    async with http_served(echo(), max_waiting_per_address=10, **tls) as world:
        held = await _hold_places(world, 25, b"\x16\x03\x01")
        await until(lambda: world.server._counters["http_connections_cut"] == 15)
        trusting = ssl.create_default_context(cafile=str(cert))
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{world.server.url}/echo", json={"apikey": GOOD_KEY}, ssl=trusting) as response,
        ):
            assert response.status == 200
        await _let_go(held)
