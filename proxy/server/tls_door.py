"""The TLS handshake of one who connects: on the doorstep while it lasts, like any other half-open connection."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Coroutine, Hashable
from typing import Any, Protocol, cast

from proxy.doorstep import Doorstep


class Visitor(Hashable, Protocol):
    """Somebody on the doorstep."""

    def abort(self) -> None:
        """Cut the connection off."""


class Porch(Protocol):
    """The server, as those on its doorstep see it."""

    handshake_timeout_s: float
    close_timeout_s: float
    doorstep: Doorstep[Visitor]

    def greeted(self, visitor: Visitor, address: str) -> None:
        """Somebody has connected and not shaken hands yet."""

    def start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run `work` as a task that lives no longer than the server."""


class TlsDoor(asyncio.Protocol):
    """Takes a plain connection, encrypts it, and hands it to `connection` with what was said meanwhile."""

    def __init__(self, server: Porch, connection: asyncio.Protocol, context: ssl.SSLContext) -> None:
        self._server = server
        self._connection = connection
        self._context = context
        self._transport: asyncio.Transport | None = None
        self._said = bytearray()
        self._is_lost = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if self._transport is not None:  # the encrypted one, of which `_shake_hands` takes care
            return
        self._transport = cast("asyncio.Transport", transport)
        # Nothing may be read before TLS is there to read it.
        self._transport.pause_reading()
        peer = transport.get_extra_info("peername")
        self._server.greeted(self, str(peer[0]) if peer else "")
        self._server.start(self._shake_hands(self._transport))

    def data_received(self, data: bytes) -> None:
        self._said += data

    def connection_lost(self, exc: Exception | None) -> None:
        self._is_lost = True

    def abort(self) -> None:
        """Cut the connection off."""
        if self._transport is not None:
            self._transport.abort()

    async def _shake_hands(self, transport: asyncio.Transport) -> None:
        loop = asyncio.get_running_loop()
        try:
            secure = await loop.start_tls(
                transport,
                self,
                self._context,
                server_side=True,
                ssl_handshake_timeout=self._server.handshake_timeout_s,
                ssl_shutdown_timeout=self._server.close_timeout_s,
            )
        except OSError:  # refused, cut off, or too late: `ssl.SSLError` and time-outs are of this kind
            return
        finally:
            self._server.doorstep.leave(self)
        if secure is None or self._is_lost:
            return
        secure.set_protocol(self._connection)
        self._connection.connection_made(secure)
        if self._said:
            self._connection.data_received(bytes(self._said))
