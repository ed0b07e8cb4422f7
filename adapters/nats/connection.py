"""The beginning of a NATS connection: INFO, encryption, CONNECT, and the first PONG, which says that we were let in."""

from __future__ import annotations

import asyncio

from adapters.frames import FrameKind
from adapters.nats import wire
from adapters.nats.servers import NatsServer
from adapters.stream_transport import StreamConnection, open_stream
from adapters.transport import DEFAULT_LIMITS, USER_AGENT, Limits
from market.errors import DecodeError, FeedRejectedError, FeedUnavailableError

VERSION = "1"


class NatsConnection:
    """A connection that the server has accepted; fits `adapters.kept_connection.Socket`. Frames are any bytes."""

    def __init__(self, stream: StreamConnection, info: wire.Info, rest: bytes) -> None:
        self._stream = stream
        self._rest = rest
        self.info = info

    async def receive(self) -> tuple[FrameKind, bytes]:
        """Return the next bytes, as they come.

        Raises:
            FeedUnavailableError: the connection is over.
        """
        rest, self._rest = self._rest, b""
        return FrameKind.BINARY, rest or await self._stream.read()

    async def send(self, message: bytes) -> None:
        """Send whole lines of the protocol.

        Raises:
            FeedUnavailableError: the connection is over, or the server does not read.
        """
        await self._stream.write(message)

    async def ping(self) -> None:
        """Nothing: the session has asked already, and counts the answers."""

    async def close(self) -> None:
        """Close the connection. Safe to call twice."""
        await self._stream.close()


async def open_nats(server: NatsServer, *, limits: Limits = DEFAULT_LIMITS) -> NatsConnection:
    """Connect to `server` and introduce ourselves.

    Raises:
        FeedUnavailableError: no network, or no answer in time.
        FeedRejectedError: credentials refused or missing, no encryption where it is asked for, a bad certificate.
        DecodeError: that is no NATS server.
    """
    stream = await open_stream(server.host, server.port, server.address, limits=limits)
    try:
        async with asyncio.timeout(limits.open_timeout_s):
            return await _introduce(stream, server)
    except TimeoutError as exc:
        await stream.close()
        raise FeedUnavailableError(f"{server.address} did not answer in time") from exc
    except BaseException:
        await stream.close()
        raise


async def _introduce(stream: StreamConnection, server: NatsServer) -> NatsConnection:
    parser = wire.Parser()
    events: list[wire.Event] = []
    while not events:
        events = parser.feed(await stream.read())
    info = events[0]
    if not isinstance(info, wire.Info):
        raise DecodeError(f"{server.address} is not a NATS server: it does not begin with INFO")
    if server.is_encrypted or info.tls_required:
        if not (info.tls_required or info.tls_available):
            raise FeedRejectedError(f"{server.address} offers no encryption, which {server} asks for")
        if len(events) > 1 or parser.rest:
            # Whoever can add bytes before the encryption must not be heard after it.
            raise DecodeError(f"{server.address} said more than INFO before the encryption")
        await stream.encrypt()
    if info.auth_required and server.user is None and server.token is None:
        raise FeedRejectedError(f"{server.address} asks for credentials, and the address has none")
    await stream.write(wire.connect(server, USER_AGENT, VERSION) + wire.PING)
    await _wait_for_pong(stream, parser, server, events[1:])
    return NatsConnection(stream, info, parser.rest)


async def _wait_for_pong(
    stream: StreamConnection, parser: wire.Parser, server: NatsServer, events: list[wire.Event]
) -> None:
    """Return once we are let in; `events` have come already, such as that the server has too many connections."""
    while True:
        for event in events:
            if isinstance(event, wire.Pong):
                return
            if isinstance(event, wire.Ping):
                await stream.write(wire.PONG)
            elif isinstance(event, wire.Refused):
                raise FeedRejectedError(f"{server.address} refused the connection: {event.reason[:120]}")
        events = parser.feed(await stream.read())
