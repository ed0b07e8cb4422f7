"""The transport against real sockets: what arrives, what every failure is called, and what is never told."""

from __future__ import annotations

import asyncio
import datetime
import logging
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import aiohttp
import msgspec
import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from adapters.frames import Binary, FrameKind
from adapters.transport import (
    HttpClient,
    Limits,
    RateLimitedError,
    WebSocketConnection,
    decode_json,
    open_websocket,
    translate,
)
from market.errors import DecodeError, FeedRejectedError, FeedUnavailableError, TokenExpiredError

SHORT = Limits(
    open_timeout_s=0.2,
    send_timeout_s=0.2,
    close_timeout_s=0.1,
    request_timeout_s=0.2,
    max_message=1000,
    max_body=1000,
)
SECRET = "token-that-must-not-be-told"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Conversation = Callable[[web.WebSocketResponse, asyncio.Transport], Awaitable[None]]


class Peer:
    """An HTTP server on loopback whose answers a test chooses."""

    def __init__(self) -> None:
        self._runners: list[web.AppRunner] = []

    async def serve(self, handler: Handler, *, tls: ssl.SSLContext | None = None) -> int:
        app = web.Application()
        app.router.add_route("*", "/{any:.*}", handler)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        self._runners.append(runner)
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
        port: int = runner.addresses[0][1]
        return port

    async def talk(self, conversation: Conversation) -> str:
        async def handler(request: web.Request) -> web.StreamResponse:
            socket = web.WebSocketResponse(autoping=False, timeout=0.1)
            await socket.prepare(request)
            assert isinstance(request.transport, asyncio.Transport)
            await conversation(socket, request.transport)
            return socket

        return f"ws://127.0.0.1:{await self.serve(handler)}/stream"

    async def answer(self, status: int, body: bytes = b"", **headers: str) -> int:
        async def handler(request: web.Request) -> web.StreamResponse:
            return web.Response(status=status, body=body, headers=headers)

        return await self.serve(handler)

    async def close(self) -> None:
        for runner in self._runners:
            await runner.cleanup()


@pytest.fixture
async def peer() -> AsyncIterator[Peer]:
    peer = Peer()
    yield peer
    await peer.close()


@pytest.fixture
async def opened(peer: Peer) -> AsyncIterator[Callable[[Conversation], Awaitable[WebSocketConnection]]]:
    connections: list[WebSocketConnection] = []

    async def open_one(conversation: Conversation) -> WebSocketConnection:
        connections.append(await open_websocket(await peer.talk(conversation), limits=SHORT))
        return connections[-1]

    yield open_one
    for connection in connections:
        await connection.close()


Opened = Callable[[Conversation], Awaitable[WebSocketConnection]]


async def wait_for_close(socket: web.WebSocketResponse) -> None:
    async for _ in socket:
        pass


async def test_text_and_binary_frames_arrive_as_bytes(opened: Opened) -> None:
    async def conversation(socket: web.WebSocketResponse, transport: asyncio.Transport) -> None:
        await socket.send_str("₹ 812.30")
        await socket.send_bytes(b"\x00\x01")
        await wait_for_close(socket)

    connection = await opened(conversation)
    assert await connection.receive() == (FrameKind.TEXT, "₹ 812.30".encode())
    assert await connection.receive() == (FrameKind.BINARY, b"\x00\x01")


async def test_what_is_sent_arrives(opened: Opened) -> None:
    heard: list[aiohttp.WSMessage] = []

    async def conversation(socket: web.WebSocketResponse, transport: asyncio.Transport) -> None:
        heard.extend([await socket.receive(), await socket.receive(), await socket.receive()])
        await socket.send_str("done")
        await wait_for_close(socket)

    connection = await opened(conversation)
    await connection.send(b"ab")
    await connection.send(b"cd")
    await connection.send(Binary(b"\x02"))
    assert await connection.receive() == (FrameKind.TEXT, b"done")
    assert [message.data for message in heard] == ["ab", "cd", b"\x02"]


async def test_pings_are_answered_and_count_as_life(opened: Opened) -> None:
    async def conversation(socket: web.WebSocketResponse, transport: asyncio.Transport) -> None:
        await socket.ping(b"1633998534486")
        pong = await socket.receive()
        await socket.send_str(f"{pong.type.name} {pong.data.decode()}")
        await wait_for_close(socket)

    connection = await opened(conversation)
    assert await connection.receive() == (FrameKind.CONTROL, b"")
    assert await connection.receive() == (FrameKind.TEXT, b"PONG 1633998534486")


async def test_own_ping_brings_a_sign_of_life(opened: Opened) -> None:
    async def conversation(socket: web.WebSocketResponse, transport: asyncio.Transport) -> None:
        ping = await socket.receive()
        await socket.pong(ping.data)
        await wait_for_close(socket)

    connection = await opened(conversation)
    await connection.ping()
    assert await connection.receive() == (FrameKind.CONTROL, b"")


async def test_close_by_the_peer_tells_code_and_reason(opened: Opened) -> None:
    async def conversation(socket: web.WebSocketResponse, transport: asyncio.Transport) -> None:
        await socket.close(code=1008, message=b"Pong timeout")

    connection = await opened(conversation)
    with pytest.raises(FeedUnavailableError, match=r"closed the connection: 1008 Pong timeout"):
        await connection.receive()


async def test_dropped_connection_is_told(opened: Opened) -> None:
    async def conversation(socket: web.WebSocketResponse, transport: asyncio.Transport) -> None:
        transport.abort()

    connection = await opened(conversation)
    with pytest.raises(FeedUnavailableError, match="dropped the connection"):
        await connection.receive()
    with pytest.raises(FeedUnavailableError):
        await connection.send(b"anybody there?")


@pytest.mark.parametrize("garbage", [b"\xff\xff\xff\xff", b"HTTP/1.1 200 OK\r\n\r\n"])
async def test_garbage_in_place_of_frames_is_a_decode_error(opened: Opened, garbage: bytes) -> None:
    async def conversation(socket: web.WebSocketResponse, transport: asyncio.Transport) -> None:
        transport.write(garbage)
        await wait_for_close(socket)

    connection = await opened(conversation)
    with pytest.raises(DecodeError, match="not a WebSocket message"):
        await connection.receive()


async def test_message_over_the_limit_is_a_decode_error(opened: Opened) -> None:
    async def conversation(socket: web.WebSocketResponse, transport: asyncio.Transport) -> None:
        await socket.send_str("x" * 1001)
        await wait_for_close(socket)

    connection = await opened(conversation)
    with pytest.raises(DecodeError):
        await connection.receive()


async def test_closing_a_connection_whose_peer_is_silent_does_not_wait_long(peer: Peer) -> None:
    async def conversation(socket: web.WebSocketResponse, transport: asyncio.Transport) -> None:
        transport.pause_reading()
        await asyncio.Event().wait()

    connection = await open_websocket(await peer.talk(conversation), limits=SHORT)
    async with asyncio.timeout(2.0):
        await connection.close()
        await connection.close()


REFUSALS = [
    (401, TokenExpiredError, "refused the credentials"),
    (403, FeedRejectedError, "HTTP 403"),
    (451, FeedRejectedError, "HTTP 451"),
    (429, RateLimitedError, "pause of 60 s"),
    (418, RateLimitedError, "HTTP 418"),
    (503, FeedUnavailableError, "out of order"),
    (302, FeedRejectedError, "HTTP 302"),
]


@pytest.mark.parametrize(("status", "error", "sentence"), REFUSALS)
async def test_refusals_are_mapped_alike_for_both(
    peer: Peer, status: int, error: type[Exception], sentence: str
) -> None:
    port = await peer.answer(status)
    client = HttpClient(f"http://127.0.0.1:{port}", limits=SHORT)
    with pytest.raises(error, match=sentence):
        await client.get("/x")
    await client.close()
    with pytest.raises(error, match=sentence):
        await open_websocket(f"ws://127.0.0.1:{port}/x", limits=SHORT)


async def test_retry_after_is_handed_on(peer: Peer) -> None:
    port = await peer.answer(429, **{"Retry-After": "17"})
    client = HttpClient(f"http://127.0.0.1:{port}")
    with pytest.raises(RateLimitedError) as caught:
        await client.get("/x")
    await client.close()
    assert caught.value.retry_after_s == 17.0


async def test_nobody_listening_is_unavailable(unused_tcp_port: int) -> None:
    with pytest.raises(FeedUnavailableError, match="cannot be reached"):
        await open_websocket(f"ws://127.0.0.1:{unused_tcp_port}/x", limits=SHORT)
    client = HttpClient(f"http://127.0.0.1:{unused_tcp_port}", limits=SHORT)
    with pytest.raises(FeedUnavailableError, match="cannot be reached"):
        await client.get("/x")
    await client.close()


async def test_no_answer_in_time_is_unavailable(peer: Peer) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(5.0)
        return web.Response()

    port = await peer.serve(handler)
    with pytest.raises(FeedUnavailableError, match="did not answer in time"):
        await open_websocket(f"ws://127.0.0.1:{port}/x", limits=SHORT)
    client = HttpClient(f"http://127.0.0.1:{port}", limits=SHORT)
    with pytest.raises(FeedUnavailableError, match="did not answer in time"):
        await client.get("/x")
    await client.close()


@pytest.mark.parametrize("url", ["ws://[::1", "ws://127.0.0.1:99999/?token=secret"])
async def test_what_is_no_address_is_rejected_and_not_repeated(url: str) -> None:
    with pytest.raises(FeedRejectedError, match=r"^The address of the feed is not one$"):
        await open_websocket(url, limits=SHORT)


@pytest.mark.parametrize("url", ["not a url", "ftp://127.0.0.1/x"])
async def test_impossible_address_is_rejected(url: str) -> None:
    with pytest.raises(FeedRejectedError, match="not a valid URL"):
        await open_websocket(url, limits=SHORT)


async def test_certificate_that_nobody_vouches_for_is_rejected(peer: Peer, tmp_path: Path) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        return web.Response(body=b"[]")

    port = await peer.serve(handler, tls=_self_signed(tmp_path))
    with pytest.raises(FeedRejectedError, match="certificate"):
        await open_websocket(f"wss://127.0.0.1:{port}/x", limits=Limits(open_timeout_s=5.0))
    client = HttpClient(f"https://127.0.0.1:{port}")
    with pytest.raises(FeedRejectedError, match="certificate"):
        await client.get("/x")
    await client.close()


class _Pair(msgspec.Struct):
    bid: float
    ask: float


async def test_json_is_typed_and_numbers_may_be_text(peer: Peer) -> None:
    port = await peer.answer(200, b'{"bid":"1.5","ask":2}')
    client = HttpClient(f"http://127.0.0.1:{port}/")
    assert await client.get_json("/x", _Pair) == _Pair(1.5, 2.0)
    await client.close()


async def test_post_sends_json_and_the_clients_headers(peer: Peer) -> None:
    heard: list[tuple[object, str, str]] = []

    async def handler(request: web.Request) -> web.StreamResponse:
        heard.append((await request.json(), request.headers["Content-Type"], request.headers["Authorization"]))
        return web.json_response({"bid": 1, "ask": 2})

    client = HttpClient(f"http://127.0.0.1:{await peer.serve(handler)}", headers={"Authorization": SECRET})
    assert await client.post_json("/login", {"a": [1]}, _Pair) == _Pair(1.0, 2.0)
    await client.close()
    assert heard == [({"a": [1]}, "application/json", SECRET)]


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"bid":1}', b"[" * 100_000])
def test_other_json_is_a_decode_error(body: bytes) -> None:
    with pytest.raises(DecodeError):
        decode_json(body, _Pair)


async def test_body_over_the_limit_is_a_decode_error(peer: Peer) -> None:
    client = HttpClient(f"http://127.0.0.1:{await peer.answer(200, b'x' * 1001)}", limits=SHORT)
    with pytest.raises(DecodeError, match="more than 1000 bytes"):
        await client.get("/x")
    await client.close()


@pytest.mark.parametrize("status", [401, 403])
async def test_a_refused_handshake_is_about_the_credentials_where_the_peer_means_that(peer: Peer, status: int) -> None:
    url = f"ws://127.0.0.1:{await peer.answer(status)}/x"
    with pytest.raises(TokenExpiredError):
        await open_websocket(url, limits=SHORT, token_statuses=frozenset({status}))
    with pytest.raises(FeedRejectedError, match=f"refused the request .HTTP {status}."):
        await open_websocket(url, limits=SHORT, token_statuses=frozenset())


async def test_closed_client_opens_anew(peer: Peer) -> None:
    client = HttpClient(f"http://127.0.0.1:{await peer.answer(200, b'1')}")
    assert await client.get("/x") == b"1"
    await client.close()
    await client.close()
    assert await client.get("/x") == b"1"
    await client.close()


@pytest.mark.parametrize("status", [400, 401, 429, 503])
async def test_tokens_are_never_told(peer: Peer, status: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    port = await peer.answer(status)
    client = HttpClient(f"http://127.0.0.1:{port}", headers={"Authorization": SECRET})
    with pytest.raises(Exception) as by_http:
        await client.get("/x", params={"token": SECRET})
    await client.close()
    with pytest.raises(Exception) as by_socket:
        await open_websocket(f"ws://127.0.0.1:{port}/x?token={SECRET}", headers={"Authorization": SECRET})
    assert SECRET not in f"{by_http.value!r} {by_socket.value!r} {caplog.text}"


def test_any_library_error_has_a_market_error() -> None:
    assert isinstance(translate(aiohttp.ServerDisconnectedError(), "x"), FeedUnavailableError)
    assert isinstance(translate(aiohttp.ClientPayloadError(), "x"), FeedUnavailableError)
    assert isinstance(translate(ConnectionResetError(), "x"), FeedUnavailableError)
    assert isinstance(translate(TimeoutError(), "x"), FeedUnavailableError)


def _self_signed(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_after(now + datetime.timedelta(days=1))
        .not_valid_before(now)
        .sign(key, hashes.SHA256())
    )
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    (folder / "key.pem").write_bytes(pem)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    return context
