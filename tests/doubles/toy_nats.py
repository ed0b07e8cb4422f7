"""A toy NATS server: speaks the client protocol on a real socket, in the test's own loop, and misbehaves on request.

It answers CONNECT, PING, SUB, UNSUB and PUB, knows `*` and `>`, and can drop, be mute, send garbage, refuse, and deny
subjects.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from adapters.nats.subjects import CENSUS
from tests.doubles.waiting import until


class ToyNats:
    """The server. Use `toy_nats()`; `url` is where it listens."""

    def __init__(self) -> None:
        self.info: dict[str, Any] = {"server_id": "TOY", "version": "2.9.10", "proto": 1, "max_payload": 1 << 20}
        self.token: str | None = None
        self.mute = False
        """Take connections and everything that comes, and say nothing."""
        self.tls: ssl.SSLContext | None = None
        self.denied: set[str] = set()
        self.most_subscriptions: int | None = None
        self.connects: list[dict[str, Any]] = []
        self.opened = 0
        self.published: list[tuple[str, bytes]] = []
        self.pings = self.pongs = 0
        self.port = 0
        self._server: asyncio.Server | None = None
        self._writers: dict[asyncio.StreamWriter, dict[str, str]] = {}
        self._reading = asyncio.Event()
        self._reading.set()

    @property
    def url(self) -> str:
        """The address, as users write it."""
        return f"nats://127.0.0.1:{self.port}"

    @property
    def subjects(self) -> list[str]:
        """What is subscribed to, over all connections, sorted; without the census, which every reader listens to."""
        held = [subject for held in self._writers.values() for subject in held.values()]
        return sorted(subject for subject in held if subject != CENSUS)

    async def start(self) -> None:
        """Listen; again on the same port after `stop`."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening and cut every connection."""
        if self._server is not None:
            self._server.close()
            self.drop()
            await self._server.wait_closed()
            self._server = None
        await until(lambda: not self._writers)

    def drop(self) -> None:
        """Cut every connection as a crashed server does: without a word."""
        self._reading.set()
        for writer in self._writers:
            writer.transport.abort()

    def say(self, text: bytes) -> None:
        """Send any bytes to everybody."""
        for writer in self._writers:
            writer.write(text)

    def push(self, subject: str, payload: bytes) -> int:
        """Deliver a message; returns to how many subscriptions."""
        count = 0
        for writer, held in self._writers.items():
            for sid, pattern in held.items():
                if fits(pattern, subject):
                    writer.write(b"MSG %b %b %d\r\n%b\r\n" % (subject.encode(), sid.encode(), len(payload), payload))
                    count += 1
        return count

    def be_deaf(self) -> None:
        """Stop reading until `hear`."""
        self._reading.clear()

    def hear(self) -> None:
        """Read again."""
        self._reading.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.opened += 1
        self._writers[writer] = {}
        try:
            if not self.mute:
                writer.write(b"INFO " + json.dumps(self.info).encode() + b" \r\n")
                if self.tls is not None:
                    await writer.start_tls(self.tls)
            while line := await reader.readline():
                await self._reading.wait()
                verb, _, rest = line.decode().rstrip("\r\n").partition(" ")
                payload = b""
                if verb == "PUB":
                    payload = (await reader.readexactly(int(rest.split()[-1]) + 2))[:-2]
                if not self.mute and not self._obey(writer, verb, rest, payload):
                    break
        except (ConnectionError, ssl.SSLError, asyncio.IncompleteReadError):
            pass
        finally:
            del self._writers[writer]
            writer.close()
            with contextlib.suppress(ConnectionError, ssl.SSLError):
                await writer.wait_closed()

    def _obey(self, writer: asyncio.StreamWriter, verb: str, rest: str, payload: bytes) -> bool:
        """Do what a line says; False to end the connection."""
        match verb:
            case "CONNECT":
                self.connects.append(json.loads(rest))
                if self.token is not None and self.connects[-1].get("auth_token") != self.token:
                    writer.write(b"-ERR 'Authorization Violation'\r\n")
                    return False
            case "PING":
                self.pings += 1
                writer.write(b"PONG\r\n")
            case "PONG":
                self.pongs += 1
            case "SUB":
                self._subscribe(writer, *rest.split())
            case "UNSUB":
                self._writers[writer].pop(rest, None)
            case "PUB":
                self.published.append((rest.split()[0], payload))
                self.push(rest.split()[0], payload)
        return True

    def _subscribe(self, writer: asyncio.StreamWriter, subject: str, sid: str) -> None:
        held = self._writers[writer]
        if subject in self.denied:
            writer.write(f"-ERR 'Permissions Violation for Subscription to \"{subject}\"'\r\n".encode())
        elif self.most_subscriptions is not None and len(held) >= self.most_subscriptions:
            writer.write(b"-ERR 'maximum subscriptions exceeded'\r\n")
        else:
            held[sid] = subject


def fits(pattern: str, subject: str) -> bool:
    """Whether a message on `subject` is for a subscription to `pattern`."""
    if "*" not in pattern and ">" not in pattern:
        return pattern == subject
    return _compiled(pattern).fullmatch(subject) is not None


@functools.cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile("".join("[^.]+" if c == "*" else ".+" if c == ">" else re.escape(c) for c in pattern))


@asynccontextmanager
async def toy_nats() -> AsyncIterator[ToyNats]:
    """A server that listens, and is stopped afterwards."""
    server = ToyNats()
    await server.start()
    try:
        yield server
    finally:
        await server.stop()
