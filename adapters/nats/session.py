"""What the feed and the publisher share: a kept connection to one of several servers, PINGs, and who is told what."""

from __future__ import annotations

import asyncio
import dataclasses
import itertools
import random
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from adapters.background import BackgroundTasks
from adapters.frames import FrameKind
from adapters.kept_connection import ConnectionPolicy, KeptConnection
from adapters.nats import wire
from adapters.nats.connection import NatsConnection, open_nats
from adapters.nats.servers import NatsServer
from adapters.reconnect import Backoff
from market.errors import FeedRejectedError
from market.feeds import FeedState

# The server allows as much as the network does.
_NO_PACING = 1e9
# After any other -ERR the server closes the connection.
_GOES_ON_AFTER = (
    "permissions violation",
    "maximum subscriptions exceeded",
    "invalid subject",
    "invalid publish subject",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NatsSettings:
    """How patient to be. Times in seconds; the PINGs must come more often than silence is taken for a fault."""

    ping_every_s: float = 8.0
    backoff_first_s: float = 1.0
    backoff_cap_s: float = 30.0
    connection: ConnectionPolicy = dataclasses.field(
        default_factory=lambda: ConnectionPolicy(
            mute_after_s=20.0, dead_after_s=32.0, message_rate_per_s=_NO_PACING, message_burst=_NO_PACING
        )
    )


class NatsOwner(Protocol):
    """Whom a session works for. All calls are made on the loop and return at once."""

    def connected(self, info: wire.Info) -> None:
        """A new connection is there: the server knows nothing of what was said on an earlier one."""

    def lost(self) -> None:
        """The connection is over."""

    def arrived(self, messages: Sequence[wire.Message]) -> None:
        """Messages for our subscriptions."""

    def refused(self, reason: str) -> None:
        """The server did not do something that was asked; `reason` is its words."""

    def next_lines(self) -> bytes | None:
        """Return what to send next, as whole lines, or None."""

    def state_changed(self, state: FeedState, detail: str, attempt: int) -> None:
        """The connection is connecting, live, mute or reconnecting; `detail` is a sentence."""


class NatsSession:
    """Connects to the servers in turn, one at a time, until closed. Fits `kept_connection.ConnectionOwner`."""

    def __init__(
        self,
        servers: Sequence[NatsServer],
        owner: NatsOwner,
        settings: NatsSettings,
        *,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self._owner = owner
        self._settings = settings
        self._turns = itertools.cycle(servers)
        self._server = servers[0]
        self._info = wire.Info()
        self._parser = wire.Parser()
        self._replies: list[bytes] = []
        self._asked: deque[Callable[[], None] | None] = deque()
        self._tasks = BackgroundTasks()
        backoff = Backoff(first_s=settings.backoff_first_s, cap_s=settings.backoff_cap_s, draw=draw)
        self._kept = KeptConnection(str, self, settings.connection, backoff=backoff, opener=self._open)
        self._is_open = False
        self.oversized = 0

    def start(self) -> None:
        """Begin to connect, in the background."""
        self._tasks.spawn(self._kept.run(), "nats-connection")
        self._tasks.spawn(self._keep_asking(), "nats-heartbeat")

    async def close(self) -> None:
        """End the connection and the background work."""
        await self._tasks.close()

    def renew(self, reason: str) -> None:
        """Replace the connection now."""
        self._kept.renew(reason)

    def poke(self) -> None:
        """There may be something to send: `next_lines` is asked soon."""
        self._kept.poke()

    def ping(self, answered: Callable[[], None] | None = None) -> bytes:
        """Return a PING to send now; `answered` is called once the server has dealt with all that was sent before."""
        self._asked.append(answered)
        return wire.PING

    async def _open(self) -> NatsConnection:
        self._server = next(self._turns)
        connection = await open_nats(self._server, limits=self._settings.connection.limits)
        self._info = connection.info
        return connection

    async def _keep_asking(self) -> None:
        while True:
            await asyncio.sleep(self._settings.ping_every_s)
            if self._is_open:
                self._replies.append(self.ping())
                self.poke()

    # --- kept_connection.ConnectionOwner

    def opened(self) -> None:
        self._parser = wire.Parser()
        self._replies.clear()
        self._asked.clear()
        self._is_open = True
        self._owner.connected(self._info)

    def received(self, frame: bytes, kind: FrameKind) -> None:
        messages: list[wire.Message] = []
        for event in self._parser.feed(frame):
            if type(event) is wire.Message:
                messages.append(event)
            else:
                self._take(event)
        if messages:
            self._owner.arrived(messages)

    def lost(self) -> None:
        self._is_open = False
        self._replies.clear()
        self._asked.clear()
        self._owner.lost()

    def next_message(self) -> bytes | None:
        if self._replies:
            text = b"".join(self._replies)
            self._replies.clear()
            return text
        return self._owner.next_lines()

    def state_changed(self, state: FeedState, detail: str, attempt: int) -> None:
        if state is FeedState.LIVE:
            detail = f"Connected to {self._server.address}"
        self._owner.state_changed(state, detail, attempt)

    def _take(self, event: wire.Event) -> None:
        match event:
            case wire.Ping():
                self._replies.append(wire.PONG)
                self.poke()
            case wire.Pong():
                answered = self._asked.popleft() if self._asked else None
                if answered is not None:
                    answered()
            case wire.Refused(reason) if reason.lower().startswith(_GOES_ON_AFTER):
                self._owner.refused(reason)
            case wire.Refused(reason):
                raise FeedRejectedError(f"{self._server.address} ended the connection: {reason[:120]}")
            case wire.Oversized():
                self.oversized += 1
            case wire.Info() if event.ldm:
                self._kept.renew(f"{self._server.address} is about to shut down")
