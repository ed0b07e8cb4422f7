"""The listening socket and all its connections: accepts, fans out, keeps time."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import ssl
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Hashable
from typing import Any, NamedTuple, cast

from market.credentials import Secret
from market.feeds import FeedEvent, FeedNature, FeedStatus
from market.instruments import InstrumentKey
from proxy.complaints import Complaints
from proxy.config import ServerConfig
from proxy.desk import Desk
from proxy.doorstep import Doorstep
from proxy.fanout import Fanout
from proxy.messages import feed_entry
from proxy.registry import Channel
from proxy.server.connection import CLOSE_REVOKED, ClientConnection
from proxy.server.frames import frame_of
from proxy.server.sockets import bind_exclusively, tls_context
from proxy.server.tls_door import TlsDoor, Visitor
from proxy.server.turns import Turns
from proxy.session import Identity
from proxy.throttle import WrongKeys
from proxy.trust import TrustBook

logger = logging.getLogger(__name__)

Verifier = Callable[[Secret], Awaitable[Identity | None]]


# asyncio accepts as many per turn of the loop as its backlog says, and each costs a fifth of a millisecond: few at a
# time, while the system keeps many waiting.
_ACCEPTED_PER_TURN = 16
_BACKLOG = 1_024


class ClientInfo(NamedTuple):
    """A connected client, as screens and health show it. Nothing in it is secret."""

    peer: str
    user_id: str
    key_name: str
    subscriptions: int
    frames_out: int
    conflated: int
    waiting: int
    is_slow: bool


class WebSocketServer:
    """Serves OpenAlgo's protocol to programs on this machine."""

    close_timeout_s = 1.0

    def __init__(self, config: ServerConfig, desk: Desk, trust: TrustBook, verifier: Verifier) -> None:
        self.config = config
        self.desk = desk
        self._verifier = verifier
        self._fanout = Fanout(desk.clients, trust, frame=frame_of, now_ms=self.now_ms)
        self._connections: set[ClientConnection] = set()
        self._open: set[ClientConnection] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._flush_scheduled = False
        self.flushed_ms = 0.0
        """When frames were last written to clients, in ms since 1970 UTC; 0 for never."""
        self._timer: asyncio.TimerHandle | None = None
        self._gone: Counter[str] = Counter()
        self.wrong_keys = WrongKeys()
        self.handshake_timeout_s = config.handshake_timeout_s
        self.complaints = Complaints()
        self.turns = Turns(time.monotonic)
        self.doorstep: Doorstep[Visitor] = Doorstep(config.max_handshakes, config.max_handshakes_per_address)
        self._all_left = asyncio.Event()
        self._all_left.set()

    # --- life

    async def listen(self) -> None:
        """Start to listen.

        Raises:
            OSError: the address cannot be had.
        """
        self._loop = asyncio.get_running_loop()
        sock = bind_exclusively(self.config.host, self.config.port)
        try:
            factory = self._factory(tls_context(self.config.tls_cert, self.config.tls_key))
            self._server = await self._loop.create_server(factory, sock=sock, backlog=_ACCEPTED_PER_TURN)
            sock.listen(_BACKLOG)
        except BaseException:
            sock.close()
            raise
        self.desk.hub.add_sink(self._on_updates)
        self.desk.router.add_listener(self._on_feed_event)
        self._timer = self._loop.call_later(1.0, self._check)
        logger.info("Listening on %s", self.url)

    async def close(self) -> None:
        """Stop listening and say good-bye to everybody (1001); returns when all have left or time is up."""
        self.desk.hub.remove_sink(self._on_updates)
        if self._timer is not None:
            self._timer.cancel()
        if self._server is not None:
            self._server.close()
        for connection in list(self._connections):
            connection.close(1001, "going away")
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._all_left.wait(), self.close_timeout_s)
        for connection in list(self._connections):
            connection.abort()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.sleep(0)
        self.turns.finish()

    @property
    def address(self) -> tuple[str, int]:
        """Host and port that it listens on."""
        if self._server is None or not self._server.sockets:
            return self.config.host, self.config.port
        host, port = self._server.sockets[0].getsockname()[:2]
        return str(host), int(port)

    @property
    def url(self) -> str:
        """The address that clients connect to."""
        host, port = self.address
        scheme = "wss" if self.config.tls_cert else "ws"
        return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"

    # --- facts

    @property
    def is_full(self) -> bool:
        """Whether no further connection is accepted."""
        return len(self._open) >= self.config.max_connections

    def clients(self) -> list[ClientInfo]:
        """The connected clients."""
        return [_info(connection, self.desk.clients.count_of(connection)) for connection in self._open]

    def refresh_counters(self) -> None:
        """Bring the totals of the edge up to date in `desk.edge_counters`."""
        totals = self.desk.edge_counters
        live = list(self._connections)
        totals["clients"] = len(self._open)
        totals["frames_out"] = self._gone["frames_out"] + sum(c.outbox.frames for c in live)
        totals["conflated"] = self._gone["conflated"] + sum(c.outbox.conflated for c in live)
        totals["frames_encoded"] = self._fanout.counters["frames_encoded"]

    def connections_of(self, key_id: int, *, besides: ClientConnection | None = None) -> int:
        """How many connections have authenticated with a key."""
        identities = (connection.session.identity for connection in self._open if connection is not besides)
        return sum(identity is not None and identity.key_id == key_id for identity in identities)

    def disconnect_key(self, key_id: int) -> None:
        """Close the connections that authenticated with a key which is now revoked."""
        for connection in list(self._open):
            identity = connection.session.identity
            if identity is not None and identity.key_id == key_id:
                connection.close(CLOSE_REVOKED, "key revoked")

    # --- what connections call

    def now_ms(self) -> float:
        """The time in ms since 1970 UTC."""
        return time.time() * 1000.0

    def joined(self, connection: ClientConnection) -> None:
        """A socket was accepted."""
        self._all_left.clear()
        self._connections.add(connection)
        self.greeted(connection, connection.address)

    def greeted(self, visitor: Visitor, address: str) -> None:
        """Somebody has connected and not shaken hands yet; where there are too many of them, the oldest is cut off."""
        leaving = self.doorstep.arrive(visitor, address)
        if leaving is None:
            return
        leaving.abort()
        self.desk.edge_counters["handshakes_cut"] += 1
        count = self.complaints.count("doorstep", time.monotonic())
        if count:
            logger.warning("Too many connections without a handshake: the oldest was cut (%d since last said)", count)

    def opened(self, connection: ClientConnection) -> None:
        """A handshake was completed."""
        self.doorstep.leave(connection)
        self._open.add(connection)
        self.desk.edge_counters["clients_total"] += 1

    def left(self, connection: ClientConnection) -> None:
        """A socket was closed."""
        self.doorstep.leave(connection)
        self._connections.discard(connection)
        self._open.discard(connection)
        self._fanout.dirty.discard(connection)
        if not self._connections:
            self._all_left.set()
        self._gone["frames_out"] += connection.outbox.frames
        self._gone["conflated"] += connection.outbox.conflated

    def mark_dirty(self, connection: ClientConnection) -> None:
        """`connection` has something to be written in this turn of the loop."""
        self._fanout.dirty.add(connection)
        self._schedule_flush()

    def send_snapshot(self, connection: ClientConnection, key: InstrumentKey, channel: Channel) -> None:
        """Queue the last known value of `key`, if there is one."""
        tick = self.desk.hub.last(key)
        if tick is not None:
            self._fanout.snapshot(connection, tick, channel)
            self._schedule_flush()

    def start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run `work` as a task that lives no longer than the server."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def verify(self, api_key: Secret) -> Identity | None:
        """Whose key this is, or None."""
        identity = await self._verifier(api_key)
        if identity is None:
            self.desk.edge_counters["auth_failures"] += 1
        return identity

    def flush_later(self, connection: ClientConnection, delay_s: float) -> None:
        """Call `connection.flush_paced` after a while."""
        if self._loop is not None:
            self._loop.call_later(max(0.0, delay_s), connection.flush_paced)

    # --- inside

    def _factory(self, context: ssl.SSLContext | None) -> Callable[[], asyncio.Protocol]:
        def plain() -> ClientConnection:
            return ClientConnection(self, time.monotonic)

        return plain if context is None else lambda: TlsDoor(self, plain(), context)

    def _on_feed_event(self, event: FeedEvent) -> None:
        if not isinstance(event, FeedStatus):
            return
        nature = next((c.nature for status, c in self.desk.feeds() if status.feed == event.feed), FeedNature.LIVE)
        for connection in list(self._open):
            if connection.session.wants_status:
                connection.reply({"type": "feed_status", **feed_entry(event, nature)})

    def _on_updates(self, updates: Any) -> None:
        self._fanout(updates)
        if self._fanout.dirty:
            self._schedule_flush()

    def _schedule_flush(self) -> None:
        if not self._flush_scheduled and self._loop is not None:
            self._flush_scheduled = True
            self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        self._flush_scheduled = False
        dirty: set[Hashable] = self._fanout.dirty
        self._fanout.dirty = set()
        for connection in cast("set[ClientConnection]", dirty):
            connection.flush()
        if dirty:
            self.flushed_ms = self.now_ms()

    def _check(self) -> None:
        now = time.monotonic()
        for connection in list(self._connections):
            connection.check(now)
        if self._loop is not None:
            self._timer = self._loop.call_later(1.0, self._check)


def _info(connection: ClientConnection, subscriptions: int) -> ClientInfo:
    identity, outbox = connection.session.identity, connection.outbox
    return ClientInfo(
        peer=connection.peer,
        user_id=identity.user_id if identity else "",
        key_name=identity.key_name if identity else "",
        subscriptions=subscriptions,
        frames_out=outbox.frames,
        conflated=outbox.conflated,
        waiting=outbox.waiting,
        is_slow=connection.is_blocked,
    )
