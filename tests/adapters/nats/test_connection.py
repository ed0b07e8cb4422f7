"""The beginning of a connection: peers that are no NATS server, that say nothing, and certificates."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from adapters import stream_transport
from adapters.nats import wire
from adapters.nats.connection import NatsConnection, open_nats
from adapters.nats.servers import NatsServer, parse_servers
from market.errors import DecodeError, FeedRejectedError, FeedUnavailableError
from tests.adapters.nats.worlds import LIMITS
from tests.doubles.certificates import make_certificate
from tests.doubles.toy_nats import ToyNats, toy_nats
from tests.doubles.waiting import until


@pytest.fixture
async def server() -> AsyncIterator[ToyNats]:
    async with toy_nats() as toy:
        yield toy


@pytest.fixture
def _own_certificates() -> Iterator[None]:
    stream_transport._context.cache_clear()
    yield
    stream_transport._context.cache_clear()


@asynccontextmanager
async def peer_that_says(text: bytes) -> AsyncIterator[NatsServer]:
    """A peer that says `text` at once, and reads until it is left."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(text)
        await reader.read()
        writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with listening:
        yield NatsServer(host="127.0.0.1", port=listening.sockets[0].getsockname()[1])


async def open_to(server: NatsServer) -> NatsConnection:
    return await open_nats(server, limits=LIMITS)


async def test_the_first_bytes_after_the_greeting_are_not_lost(server: ToyNats) -> None:
    connection = await open_to(parse_servers(server.url)[0])
    server.say(b"PING\r\n")
    assert (await connection.receive())[1] == b"PING\r\n"
    await connection.close()
    await connection.close()


async def test_what_comes_with_the_pong_is_kept() -> None:
    async with peer_that_says(b"INFO {}\r\nPING\r\nPONG\r\nMSG a 1") as peer:
        connection = await open_to(peer)
        assert (await connection.receive())[1] == b"MSG a 1"
        await connection.close()


@pytest.mark.parametrize(
    ("text", "kind", "part"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", DecodeError, "not of the NATS protocol"),
        (b"PONG\r\n", DecodeError, "does not begin with INFO"),
        (b"", FeedUnavailableError, "did not answer in time"),
        (b"INFO {}\r\n", FeedUnavailableError, "did not answer in time"),
        (b"INFO {}\r\n-ERR 'Unknown Protocol Operation'\r\n", FeedRejectedError, "Unknown Protocol Operation"),
        (b'INFO {"tls_required": true}\r\nPONG\r\n', DecodeError, "said more than INFO before the encryption"),
    ],
)
async def test_peers_that_are_not_what_they_should_be(text: bytes, kind: type[Exception], part: str) -> None:
    async with peer_that_says(text) as peer:
        with pytest.raises(kind, match=re.escape(part)):
            await open_to(peer)


async def test_a_closed_port_is_a_sentence() -> None:
    async with peer_that_says(b"") as peer:
        pass
    with pytest.raises(FeedUnavailableError, match="cannot be reached"):
        await open_to(peer)


async def test_a_password_is_not_sent_where_encryption_is_asked_for_and_not_offered(server: ToyNats) -> None:
    with pytest.raises(FeedRejectedError, match="offers no encryption"):
        await open_to(parse_servers(f"tls://asha:pw@127.0.0.1:{server.port}")[0])
    assert server.connects == []


@pytest.mark.usefixtures("_own_certificates")
async def test_an_unknown_certificate_is_refused(server: ToyNats, tmp_path: Path) -> None:
    server.info["tls_required"] = True
    _, server.tls = make_certificate(tmp_path)
    with pytest.raises(FeedRejectedError, match=r"certificate of 127\.0\.0\.1:\d+ could not be verified"):
        await open_to(parse_servers(f"nats://asha:pw@127.0.0.1:{server.port}")[0])
    assert server.connects == []


@pytest.mark.usefixtures("_own_certificates")
async def test_a_certificate_for_another_host_is_refused(
    server: ToyNats, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.info["tls_required"] = True
    known, server.tls = make_certificate(tmp_path, "127.0.0.9")
    monkeypatch.setenv("SSL_CERT_FILE", str(known))
    with pytest.raises(FeedRejectedError, match="could not be verified"):
        await open_to(parse_servers(f"tls://127.0.0.1:{server.port}")[0])


@pytest.mark.usefixtures("_own_certificates")
async def test_over_tls_a_megabyte_comes_and_goes(
    server: ToyNats, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.info["tls_available"] = True
    known, server.tls = make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(known))
    target = parse_servers(f"tls://127.0.0.1:{server.port}")[0]
    connection = await open_to(target)
    assert server.connects[0]["tls_required"] is True
    payload = bytes(1 << 20)
    await connection.send(wire.subscribe("a", 1) + wire.publish("a", payload))
    parser, events = wire.Parser(), list[wire.Event]()
    while not events:
        events += parser.feed((await connection.receive())[1])
    assert events == [wire.Message(b"a", b"1", payload)]
    await connection.close()


async def test_a_server_that_does_not_read_is_given_up(server: ToyNats) -> None:
    connection = await open_to(parse_servers(server.url)[0])
    server.be_deaf()
    with pytest.raises(FeedUnavailableError, match="does not read"):
        for _ in range(100):
            await connection.send(wire.publish("a", bytes(1 << 20)))
    with pytest.raises(FeedUnavailableError):
        await connection.receive()
    await connection.close()
    server.hear()
    await until(lambda: not server.subjects)
