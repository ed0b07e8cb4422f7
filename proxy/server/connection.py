"""One client's socket: bytes to messages for the session, actions and prices back to bytes.

Frames, handshake and close are those of websockets' sans-I/O `ServerProtocol`; what is ours is when bytes are written
(one joined write per loop turn), what happens when a client does not read, and tolerance for AmiBroker's ping.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, Protocol, cast

from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import State
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

from market.credentials import Secret
from market.instruments import InstrumentKey
from proxy.config import ServerConfig
from proxy.desk import Desk
from proxy.handshake import refusal
from proxy.messages import error_reply
from proxy.outbox import Outbox
from proxy.pace import TokenBucket
from proxy.registry import Channel
from proxy.server.amibroker import PingMender
from proxy.server.frames import message_frame
from proxy.session import Action, Identity, Send, SendSnapshot, Session, Verify
from proxy.throttle import WrongKeys

logger = logging.getLogger(__name__)
# The library logs each connection's life and errors with details of the peer; ours says what matters, once.
_quiet = logging.getLogger("proxy.server.library")
_quiet.setLevel(logging.CRITICAL + 1)

PACKED = Subprotocol("openalgo.msgpack.v1")
_AMIBROKER_KEY = "dGhlIHNhbXBsZSBub25jZQ=="

CLOSE_UNAUTHENTICATED = 4401
CLOSE_REVOKED = 4403
CLOSE_SLOW = 4408


class Host(Protocol):
    """What a connection needs of the server that accepted it."""

    config: ServerConfig
    desk: Desk
    wrong_keys: WrongKeys
    close_timeout_s: float

    @property
    def is_full(self) -> bool:
        """Whether no further connection is accepted."""

    def now_ms(self) -> float:
        """The time in ms since 1970 UTC."""

    def joined(self, connection: ClientConnection) -> None:
        """A socket was accepted."""

    def opened(self, connection: ClientConnection) -> None:
        """A handshake was completed."""

    def left(self, connection: ClientConnection) -> None:
        """A socket was closed."""

    def mark_dirty(self, connection: ClientConnection) -> None:
        """`connection` has something to be written in this turn of the loop."""

    def flush_later(self, connection: ClientConnection, delay_s: float) -> None:
        """Call `connection.flush_paced` after a while."""

    def send_snapshot(self, connection: ClientConnection, key: InstrumentKey, channel: Channel) -> None:
        """Queue the last known value of `key`, if there is one."""

    def start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run `work` as a task that lives no longer than the server."""

    async def verify(self, api_key: Secret) -> Identity | None:
        """Whose key this is, or None."""

    def connections_of(self, key_id: int, *, besides: ClientConnection | None = None) -> int:
        """How many connections have authenticated with a key."""


class ClientConnection(asyncio.Protocol):
    """A connected client. Hashable by identity: it is its own name in the registry."""

    def __init__(self, server: Host, now_s: Callable[[], float]) -> None:
        self._server = server
        self._now_s = now_s
        config = server.config
        self._protocol = ServerProtocol(
            max_size=config.max_frame_bytes,
            subprotocols=[PACKED],
            select_subprotocol=lambda _self, offered: PACKED if PACKED in offered else None,
            logger=_quiet,
        )
        self._transport: asyncio.Transport | None = None
        self._bucket = TokenBucket(config.inbound_rate, config.inbound_burst, now_s())
        self._fragments: list[bytes] = []
        self._fragments_size = 0
        self._verification: asyncio.Task[None] | None = None
        self._is_open = False
        self._blocked_since: float | None = None
        self._doomed_at: float | None = None
        self._pinged_at: float | None = None
        self._heard_at = self.connected_at = now_s()
        self._mender: PingMender | None = None
        self._paced_until = 0.0
        self._is_flush_set = False
        self.outbox = Outbox()
        self.peer = self.address = ""
        self.session = Session(
            self,
            server.desk,
            supported_brokers=config.supported_brokers,
            max_subscriptions=config.max_subscriptions,
        )

    # --- asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._transport.set_write_buffer_limits(high=self._server.config.write_high_water)
        peer = transport.get_extra_info("peername")
        self.address = str(peer[0]) if peer else ""
        self.peer = f"{peer[0]}:{peer[1]}" if peer else ""
        self._server.joined(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._is_open = False
        if self._verification is not None:
            self._verification.cancel()
        try:
            self.session.close()
        finally:
            self._server.left(self)

    def data_received(self, data: bytes) -> None:
        self._heard_at = self._now_s()
        if self._mender is not None:
            data = self._mender.mend(data)
        elif len(data) == 6 and data[0] == 0x89 and data[1] == 0x84:
            # A ping like AmiBroker's from somebody with another key.
            data = bytes((0x89, 0x80)) + data[2:]
        self._protocol.receive_data(data)
        self._drain_events()

    def eof_received(self) -> bool:
        self._protocol.receive_eof()
        self._drain_events()
        return False

    def pause_writing(self) -> None:
        self.outbox.block()
        self._blocked_since = self._now_s()
        if self._transport is not None:
            # One who does not read is not listened to either: else its pings would pile up answers.
            self._transport.pause_reading()

    def resume_writing(self) -> None:
        self._blocked_since = None
        self.outbox.unblock()
        if self._transport is not None:
            self._transport.resume_reading()
        self._server.mark_dirty(self)

    # --- what the server calls

    @property
    def is_blocked(self) -> bool:
        """Whether the client does not read."""
        return self._blocked_since is not None

    def announce(self, message: dict[str, Any]) -> None:
        """Send a message that is not an answer."""
        self._reply(message)

    def flush(self) -> None:
        """Write everything that waits, in one piece, unless the client does not read."""
        if self._transport is None or not self._is_open or self.is_blocked or self.outbox.is_empty:
            return
        if self.outbox.is_paced:
            self._flush_one(self._transport)
            return
        self._transport.write(self.outbox.take())
        if not self.is_blocked:
            self.outbox.unblock()

    def _flush_one(self, transport: asyncio.Transport) -> None:
        """AmiBroker reads every 100 ms and decodes only the first frame of what it finds: one frame at a time."""
        now_s = self._now_s()
        if now_s >= self._paced_until:
            self._paced_until = now_s + self._server.config.paced_interval_s
            transport.write(self.outbox.take_one())
        if not self.outbox.is_empty and not self._is_flush_set:
            self._is_flush_set = True
            self._server.flush_later(self, self._paced_until - now_s)

    def flush_paced(self) -> None:
        """The time for the next frame has come."""
        self._is_flush_set = False
        self.flush()

    def close(self, code: int, reason: str = "") -> None:
        """Close in good order; whoever does not answer is cut off by `check`."""
        if self._transport is None or self._doomed_at is not None:
            return
        if not self._is_open or self._protocol.state is not State.OPEN:
            self._transport.abort()
            return
        self.flush()
        self._leave()
        self._protocol.send_close(code, reason)
        self._write_protocol_data()

    def abort(self) -> None:
        """Cut the connection off."""
        if self._transport is not None:
            self._transport.abort()

    def check(self, now_s: float) -> None:
        """Once a second: deadlines, keep-alive, and clients that do not read."""
        config = self._server.config
        if self._doomed_at is not None:
            if now_s >= self._doomed_at:
                self.abort()
        elif not self._is_open:
            if now_s - self.connected_at > config.handshake_timeout_s:
                self.abort()
        elif self._blocked_since is not None:
            if now_s - self._blocked_since > config.slow_client_s:
                self.close(CLOSE_SLOW, "too slow")
        else:
            self._check_key(self.session.identity, now_s)

    def _check_key(self, identity: Identity | None, now_s: float) -> None:
        if identity is None and now_s - self.connected_at > self._server.config.auth_grace_s:
            self.close(CLOSE_UNAUTHENTICATED, "auth timeout")
        elif identity is not None and identity.expires_ms is not None and self._server.now_ms() >= identity.expires_ms:
            self.close(CLOSE_REVOKED, "key expired")
        else:
            self._keep_alive(now_s)

    def _keep_alive(self, now_s: float) -> None:
        config = self._server.config
        if self._pinged_at is not None:
            if self._heard_at >= self._pinged_at:
                self._pinged_at = None
            elif now_s - self._pinged_at > config.ping_timeout_s:
                self.close(1011, "keepalive ping timeout")
            return
        if now_s - self._heard_at > config.ping_interval_s:
            self._pinged_at = now_s
            self._protocol.send_ping(b"oalg")
            self._write_protocol_data()

    # --- inside

    def _drain_events(self) -> None:
        for event in self._protocol.events_received():
            if isinstance(event, Request):
                self._handshake(event)
            else:
                self._on_frame(cast("Frame", event))
        self._write_protocol_data()

    def _handshake(self, request: Request) -> None:
        config = self._server.config
        hosts, origins = request.headers.get_all("Host"), request.headers.get_all("Origin")
        reason = refusal(
            hosts[0] if len(hosts) == 1 else None,
            origins[0] if origins else None,
            bound_to=config.host,
            hosts=config.allowed_hosts,
            origins=config.allowed_origins,
        )
        if reason:
            response = self._protocol.reject(403, f"{reason}\n")
        elif self._server.is_full:
            response = self._protocol.reject(503, f"All {config.max_connections} connections are taken\n")
        else:
            response = self._protocol.accept(request)
        self._protocol.send_response(response)
        self._is_open = response.status_code == 101
        if self._is_open:
            self.session.is_packed = self._protocol.subprotocol == PACKED
            if request.headers.get("Sec-WebSocket-Key") == _AMIBROKER_KEY:
                self.outbox.is_paced = True
                self._mender = PingMender()
            self._server.opened(self)

    def _on_frame(self, frame: Frame) -> None:
        if frame.opcode is Opcode.PONG:
            self._pinged_at = None
            return
        if frame.opcode not in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
            return
        if frame.fin and not self._fragments:
            self._on_message(bytes(frame.data))
            return
        self._fragments.append(bytes(frame.data))
        if frame.fin:
            message, self._fragments = b"".join(self._fragments), []
            self._on_message(message)

    def _on_message(self, message: bytes) -> None:
        if not self._is_open:
            return
        if not self._bucket.take(self._now_s()):
            rate = self._server.config.inbound_rate
            self._reply({"status": "error", "code": "RATE_LIMITED", "message": f"More than {rate:g} messages a second"})
            return
        try:
            self._act(self.session.receive(message, self._server.now_ms()))
        except RecursionError:
            self._reply(error_reply("INVALID_PARAMETERS", "The message is nested too deeply"))
        except Exception:
            # A fault of ours, or of an adapter: this client is told, nobody else notices.
            logger.exception("A message of a client could not be dealt with")
            self._reply(error_reply("SERVER_ERROR", "This message could not be dealt with; the log says why"))

    def _act(self, actions: list[Action]) -> None:
        for action in actions:
            match action:
                case Send(reply):
                    self._reply(reply)
                case SendSnapshot(key, channel):
                    self._server.send_snapshot(self, key, channel)
                case Verify(api_key):
                    self._verification = self._server.start(self._verify(api_key))

    def _reply(self, reply: dict[str, Any]) -> None:
        if not self.outbox.push_reply(message_frame(reply, is_packed=self.session.is_packed)):
            self.close(1008, "too many unread replies")
        self._server.mark_dirty(self)

    async def _verify(self, api_key: Secret) -> None:
        actions = await self._verdict(api_key)
        self._verification = None
        if self._is_open:
            self._act(actions)

    async def _verdict(self, api_key: Secret) -> list[Action]:
        server = self._server
        try:
            identity = await server.verify(api_key)
        except Exception:
            logger.exception("An API key could not be verified")
            return self.session.not_verified(
                "SERVER_ERROR", "The key could not be verified; try again", server.now_ms()
            )
        if identity is None:
            await asyncio.sleep(server.wrong_keys.count(self.address, self._now_s()))
        elif server.connections_of(identity.key_id, besides=self) >= server.config.max_connections_per_key:
            limit = server.config.max_connections_per_key
            return self.session.not_verified(
                "LIMIT_EXCEEDED", f"This key has {limit} of {limit} connections already", server.now_ms()
            )
        return self.session.verified(identity, server.now_ms())

    def _write_protocol_data(self) -> None:
        transport = self._transport
        if transport is None:
            self._protocol.data_to_send()
            return
        for data in self._protocol.data_to_send():
            if data and self.outbox.is_paced and self._is_open:
                # A pong beside a price would hide the price.
                self.outbox.push_reply(data)
                self._server.mark_dirty(self)
            elif data:
                transport.write(data)
            elif transport.can_write_eof():
                transport.write_eof()
        if self._protocol.close_expected() and self._doomed_at is None:
            self._leave()

    def _leave(self) -> None:
        """From here on only the closing handshake is written: no frame may follow a close frame."""
        self._is_open = False
        self._doomed_at = self._now_s() + self._server.close_timeout_s
        self.session.close()
