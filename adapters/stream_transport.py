"""Plain TCP for feeds that do not speak WebSocket: opened with a limit, encrypted on request, never waiting for ever.

The second of the two modules that open sockets for feeds (`transport` is the first). Certificates are always verified.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import ssl

from adapters.transport import DEFAULT_LIMITS, Limits, translate
from market.errors import FeedUnavailableError

READ_BYTES = 64 * 1024


class StreamConnection:
    """One open connection. Made by `open_stream`; `close` must be called once it is no longer wanted."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str, address: str, limits: Limits
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._host = host
        self._limits = limits
        self.address = address

    async def read(self) -> bytes:
        """Return the next bytes, at least one and at most `READ_BYTES`.

        Raises:
            FeedUnavailableError: the connection is over.
        """
        try:
            data = await self._reader.read(READ_BYTES)
        except (OSError, ssl.SSLError) as exc:
            raise translate(exc, self.address) from exc
        if not data:
            raise FeedUnavailableError(f"{self.address} dropped the connection")
        return data

    async def write(self, data: bytes) -> None:
        """Write `data`; returns when there is room for more.

        Raises:
            FeedUnavailableError: the connection is over, or the peer does not read; then it is cut.
        """
        try:
            async with asyncio.timeout(self._limits.send_timeout_s):
                self._writer.write(data)
                await self._writer.drain()
        except TimeoutError as exc:
            self._writer.transport.abort()
            raise FeedUnavailableError(f"{self.address} does not read") from exc
        except (OSError, RuntimeError) as exc:
            raise translate(exc, self.address) from exc

    async def encrypt(self) -> None:
        """Go on over TLS, on a connection on which the peer waits for that.

        Raises:
            FeedRejectedError: the peer's certificate is not valid for the host.
            FeedUnavailableError: the connection is over.
        """
        context = await asyncio.to_thread(_context)
        try:
            await self._writer.start_tls(context, server_hostname=self._host)
        except (OSError, ssl.SSLError, TimeoutError) as exc:
            raise translate(exc, self.address) from exc

    async def close(self) -> None:
        """Close the connection. Safe to call twice."""
        self._writer.close()
        with contextlib.suppress(OSError, ssl.SSLError, TimeoutError):
            async with asyncio.timeout(self._limits.close_timeout_s):
                await self._writer.wait_closed()
        self._writer.transport.abort()


async def open_stream(host: str, port: int, address: str, *, limits: Limits = DEFAULT_LIMITS) -> StreamConnection:
    """Open a TCP connection to `host`; `address` is what it is called in sentences.

    Raises:
        FeedUnavailableError: no network, or no answer in time.
    """
    try:
        async with asyncio.timeout(limits.open_timeout_s):
            reader, writer = await asyncio.open_connection(host, port)
    except TimeoutError as exc:
        raise translate(exc, address) from exc
    except OSError as exc:
        raise FeedUnavailableError(f"{address} cannot be reached: {exc.strerror or type(exc).__name__}") from exc
    return StreamConnection(reader, writer, host, address, limits)


@functools.cache
def _context() -> ssl.SSLContext:
    """Reading the system's certificates takes long: once, and in a worker thread."""
    return ssl.create_default_context()
