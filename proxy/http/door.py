"""A connection of the HTTP server on its way in: on the doorstep until somebody has shown a good key.

The library that speaks HTTP keeps a connection that asks nothing for as long as it likes to; a few thousand of them
would use up the descriptors of the whole application.
"""

from __future__ import annotations

import asyncio
from typing import cast

from proxy.server.tls_door import Porch


class HttpDoor(asyncio.Protocol):
    """Hands everything on to `inner`, which speaks HTTP. While it is open it is in `doors`, under `inner`."""

    def __init__(self, porch: Porch, inner: asyncio.Protocol, doors: dict[object, HttpDoor]) -> None:
        self._porch = porch
        self._inner = inner
        self._doors = doors
        self._transport: asyncio.Transport | None = None
        self._address = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        peer = transport.get_extra_info("peername")
        self._address = str(peer[0]) if peer else ""
        self._doors[self._inner] = self
        self._porch.greeted(self, self._address)
        self._inner.connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._doors.pop(self._inner, None)
        self._porch.doorstep.leave(self)
        self._inner.connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._inner.data_received(data)

    def eof_received(self) -> bool | None:
        return self._inner.eof_received()

    def pause_writing(self) -> None:
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        self._inner.resume_writing()

    def come_in(self) -> None:
        """A good key was shown: whatever is asked is answered in peace."""
        self._porch.doorstep.leave(self)

    def wait_outside(self) -> None:
        """It was answered: until the next request it is one of many."""
        if self._transport is not None:
            self._porch.greeted(self, self._address)

    def abort(self) -> None:
        """Cut the connection off."""
        if self._transport is not None:
            self._transport.abort()
