"""A plain TCP balancer, as stands before several proxies: connections go round robin, and can be cut.

It runs in a thread of its own, so that tests may block; a backend that cannot be reached is passed over.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Sequence


class Balancer:
    """Use as a context manager; `port` is where it listens. `backends` are (host, port)."""

    def __init__(self, backends: Sequence[tuple[str, int]]) -> None:
        self._backends = list(backends)
        self._next = 0
        self._out: set[int] = set()
        self._pairs: dict[asyncio.StreamWriter, int] = {}
        self._loop = asyncio.new_event_loop()
        self._server: asyncio.Server | None = None
        self._thread = threading.Thread(target=self._loop.run_forever, name="balancer")
        self.routed: list[int] = []
        """The backend of each connection that was made, in order."""
        self.port = 0

    def __enter__(self) -> Balancer:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(10)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def cut(self, backend: int) -> None:
        """Cut the connections to a backend, without a word."""
        self._loop.call_soon_threadsafe(self._cut, backend)

    def take_out(self, backend: int, *, is_out: bool = True) -> None:
        """Send nobody to a backend any more, or again."""
        if is_out:
            self._out.add(backend)
        else:
            self._out.discard(backend)

    async def _start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _stop(self) -> None:
        assert self._server is not None
        self._server.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for writer in list(self._pairs):
            writer.transport.abort()
        if tasks:
            await asyncio.wait(tasks, timeout=5)
        await self._server.wait_closed()

    def _cut(self, backend: int) -> None:
        for writer, number in list(self._pairs.items()):
            if number == backend:
                writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in self._backends:
            number, self._next = self._next, (self._next + 1) % len(self._backends)
            if number in self._out:
                continue
            try:
                back_reader, back_writer = await asyncio.open_connection(*self._backends[number])
            except OSError:
                continue
            self.routed.append(number)
            self._pairs[writer] = self._pairs[back_writer] = number
            await asyncio.gather(_forward(reader, back_writer), _forward(back_reader, writer))
            del self._pairs[writer], self._pairs[back_writer]
            return
        writer.transport.abort()


async def _forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass bytes on until one end is over, then end the other."""
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
