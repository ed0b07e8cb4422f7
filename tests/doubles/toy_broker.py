"""The base of every toy broker: a real server on a real port that speaks a broker's bytes, and can misbehave.

A family's toy says how its messages look (`hear`, `frames_for`, `admits`); what can go wrong with any server is here.
"""

from __future__ import annotations

import asyncio
import contextlib
from abc import ABC, abstractmethod
from collections import Counter
from dataclasses import dataclass, field

from aiohttp import WSMsgType, web

from market.instruments import Instrument
from market.ticks import Depth, Level


@dataclass(frozen=True, slots=True, kw_only=True)
class ToyQuote:
    """What a toy says of an instrument. Prices in rupees, quantities in units, times in seconds since 1970 UTC."""

    ltp: float
    last_quantity: int = 25
    average: float = 100.5
    volume: int = 123_456
    buying: int = 5_000
    selling: int = 7_000
    open: float = 99.0
    high: float = 110.0
    low: float = 95.0
    close: float = 98.0
    oi: int = 4_200
    traded_s: int = 1_790_000_000
    at_s: int = 1_790_000_001
    depth: Depth = field(default_factory=lambda: book(100.0))


def book(middle: float, levels: int = 5) -> Depth:
    """A book of `levels` on each side of `middle`, a tick of 0.05 apart."""
    steps = range(levels)
    return Depth(
        tuple(Level(round(middle - 0.05 * (step + 1), 2), 10 * (step + 1), step + 1) for step in steps),
        tuple(Level(round(middle + 0.05 * (step + 1), 2), 20 * (step + 1), step + 2) for step in steps),
    )


class ToyLine:
    """One client's connection: `holds` is what it subscribed to, the broker's word for the mode by token."""

    def __init__(self, socket: web.WebSocketResponse, request: web.Request) -> None:
        self.socket = socket
        self.request = request
        self.holds: dict[str, str] = {}
        self.heard: list[str | bytes] = []
        self.admitted = True

    async def say(self, frame: str | bytes) -> None:
        """Send a frame, unless the client has gone."""
        with contextlib.suppress(ConnectionError):
            if isinstance(frame, str):
                await self.socket.send_str(frame)
            else:
                await self.socket.send_bytes(frame)

    def cut(self) -> None:
        """Drop the connection without a word."""
        if isinstance(self.request.transport, asyncio.Transport):
            self.request.transport.abort()


class ToyBroker(ABC):
    """The server. Attributes may be changed at any time.

    Attributes:
        tokens: the access tokens that are good now.
        refuse_handshakes: an HTTP status that handshakes are refused with, or 0.
        refused: tokens of instruments that subscriptions of are refused, where the broker can say so.
        mute: whether it says nothing, to anything, on connections that stay open.
        most_per_line: the instruments that one connection may hold; more is a violation.
        violations: what clients did that the real one would punish.
        requests: REST requests by path.
    """

    path = "/{tail:.*}"

    def __init__(self) -> None:
        self.tokens = {"good-token"}
        self.refuse_handshakes = 0
        self.refused: set[str] = set()
        self.mute = False
        self.most_per_line = 1_000_000
        self.violations: list[str] = []
        self.requests: Counter[str] = Counter()
        self.lines: list[ToyLine] = []
        self.lines_made = 0
        self.port = 0
        self._runner: web.AppRunner | None = None

    # the dialect

    @abstractmethod
    def admits(self, request: web.Request) -> bool:
        """Whether the handshake carries a good token; True where the token comes later."""

    def refusal_status(self) -> int:
        """The HTTP status of a handshake with a bad token."""
        return 403

    @abstractmethod
    async def hear(self, line: ToyLine, frame: str | bytes) -> None:
        """Do what a client asks: keep `line.holds`, answer."""

    @abstractmethod
    def frames_for(self, line: ToyLine, instrument: Instrument, quote: ToyQuote) -> list[str | bytes]:
        """What a holder of `instrument` is sent for `quote`, in the mode it holds."""

    @abstractmethod
    def token_of(self, instrument: Instrument) -> str:
        """What `line.holds` knows `instrument` by."""

    async def greet(self, line: ToyLine) -> None:  # noqa: B027 - most brokers do not
        """Speak first, where the broker does."""

    async def expire(self, line: ToyLine) -> None:
        """End a connection because its token is over, as the broker does."""
        line.cut()

    def routes(self, app: web.Application) -> None:  # noqa: B027 - not every broker has them
        """Add REST routes, before the one for sockets."""

    def endpoints(self) -> dict[str, str]:
        """The base addresses to give to the feed: every role that the broker has."""
        return {"ws": f"ws://127.0.0.1:{self.port}", "rest": f"http://127.0.0.1:{self.port}"}

    # what a test does with it

    async def start(self, port: int = 0) -> None:
        """Listen on loopback."""
        app = web.Application()
        self.routes(app)
        app.router.add_get(self.path, self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Drop everybody and stop listening."""
        self.drop()
        if self._runner is not None:
            await self._runner.cleanup()

    async def tick(self, instrument: Instrument, quote: ToyQuote) -> int:
        """Send `quote` to those who hold `instrument`; return how many frames were sent."""
        token, sent = self.token_of(instrument), 0
        for line in list(self.lines):
            if token in line.holds and not self.mute:
                for frame in self.frames_for(line, instrument, quote):
                    await line.say(frame)
                    sent += 1
        return sent

    def holds(self, instrument: Instrument) -> str | None:
        """The broker's word for the mode that `instrument` is held in by anybody, or None."""
        token = self.token_of(instrument)
        return next((line.holds[token] for line in self.lines if token in line.holds), None)

    @property
    def held(self) -> int:
        """How many instruments are held, over all connections."""
        return sum(len(line.holds) for line in self.lines)

    def drop(self) -> None:
        """Cut every connection without a word."""
        for line in list(self.lines):
            line.cut()

    async def send_to_all(self, frame: str | bytes) -> None:
        """Say anything to everybody."""
        for line in list(self.lines):
            await line.say(frame)

    def break_frames(self) -> None:
        """Send everybody bytes that are not WebSocket frames."""
        for line in list(self.lines):
            if isinstance(line.request.transport, asyncio.Transport):
                line.request.transport.write(b"\xff" * 8)

    async def roll(self, token: str) -> None:
        """From now on only `token` is good; connections with another end as this broker ends them."""
        self.tokens = {token}
        for line in list(self.lines):
            await self.expire(line)

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        if self.refuse_handshakes:
            return web.Response(status=self.refuse_handshakes)
        if not self.admits(request):
            return web.Response(status=self.refusal_status())
        socket = web.WebSocketResponse(autoping=True, timeout=0.2)
        await socket.prepare(request)
        line = ToyLine(socket, request)
        self.lines.append(line)
        self.lines_made += 1
        try:
            if not self.mute:
                await self.greet(line)
            async for message in socket:
                if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
                    line.heard.append(message.data)
                    await self.hear(line, message.data)
                    if len(line.holds) > self.most_per_line:
                        self.violations.append("too many instruments on a connection")
        finally:
            self.lines.remove(line)
        return socket
