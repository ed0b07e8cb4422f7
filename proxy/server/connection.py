"""One client's socket: bytes to messages for the session, actions and prices back to bytes.

Frames, handshake and close are those of websockets' sans-I/O `ServerProtocol`; what is ours is when bytes are written
(one joined write per loop turn), what happens when a client does not read, and tolerance for AmiBroker's ping.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from typing import Any, cast

from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import State
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

from market.credentials import Secret
from proxy.actions import Action, Send, SendSnapshot, Verify
from proxy.complaints import cause_of
from proxy.messages import error_reply
from proxy.outbox import Outbox
from proxy.pace import TokenBucket
from proxy.server.amibroker import PingMender
from proxy.server.frames import message_frame
from proxy.server.host import Host
from proxy.server.opening import answer_to
from proxy.session import Identity, Session

logger = logging.getLogger(__name__)
# The library logs each connection's life and errors with details of the peer; ours says what matters, once.
_quiet = logging.getLogger("proxy.server.library")
_quiet.setLevel(logging.CRITICAL + 1)

PACKED = Subprotocol("openalgo.msgpack.v1")
_AMIBROKER_KEY = "dGhlIHNhbXBsZSBub25jZQ=="

CLOSE_UNAUTHENTICATED = 4401
CLOSE_REVOKED = 4403
CLOSE_SLOW = 4408

# What a client sends is taken up in pieces of this many bytes, of which one turn of the loop takes a few.
_PIECE = 1_024


class ClientConnection(asyncio.Protocol):
    """A connected client. Hashable by identity: it is its own name in the registry."""

    def __init__(self, server: Host[ClientConnection], now_s: Callable[[], float]) -> None:
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
        self._unread = bytearray()
        self._bucket = TokenBucket(config.inbound_rate, config.inbound_burst, now_s())
        self._fragments: list[bytes] = []
        self._fragments_size = 0
        self._verification: asyncio.Task[None] | None = None
        self._is_open = self._is_letting_go = False
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
        self._unread.clear()
        try:
            self._let_go()
        finally:
            self._server.left(self)

    def data_received(self, data: bytes) -> None:
        self._heard_at = self._now_s()
        if self._mender is not None:
            data = self._mender.mend(data)
        elif len(data) == 6 and data[0] == 0x89 and data[1] == 0x84:
            # A ping like AmiBroker's from somebody with another key.
            data = bytes((0x89, 0x80)) + data[2:]
        if self._unread or len(data) > _PIECE:
            self._unread += data
            self._go_on_later()
            return
        self._protocol.receive_data(data)
        self._drain_events()

    def eof_received(self) -> bool:
        while self._unread:
            self._read_piece()
        self._protocol.receive_eof()
        self._drain_events()
        return False

    def pause_writing(self) -> None:
        self.outbox.block()
        self._blocked_since = self._now_s()
        self._update_reading()

    def resume_writing(self) -> None:
        self._blocked_since = None
        self.outbox.unblock()
        self._go_on_later()
        self._server.mark_dirty(self)

    # --- what is put off, so that nobody holds the loop

    def go_on(self) -> bool:
        """Do a little of what was put off; whether there is more to be done now."""
        if self._is_letting_go:
            self._is_letting_go = self.session.close()
        elif self.session.is_busy:
            self._guarded(lambda: self.session.proceed(self._server.now_ms()))
        elif self._has_more:
            self._read_piece()
        self._update_reading()
        return self._has_more

    @property
    def _has_more(self) -> bool:
        return self._is_letting_go or self.session.is_busy or (bool(self._unread) and not self.is_blocked)

    def _go_on_later(self) -> None:
        self._update_reading()
        if self._has_more:
            self._server.turns.soon(self)

    def _read_piece(self) -> None:
        piece = bytes(self._unread[:_PIECE])
        del self._unread[:_PIECE]
        self._protocol.receive_data(piece)
        self._drain_events()

    def _update_reading(self) -> None:
        """One who does not read is not listened to either, else its pings would pile up answers; nor is one who sends
        faster than it can be taken up.
        """
        if self._transport is None:
            return
        if self.is_blocked or self._unread:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()

    def _let_go(self) -> None:
        self._is_letting_go = self.session.close()
        self._go_on_later()

    # --- what the server calls

    @property
    def is_blocked(self) -> bool:
        """Whether the client does not read."""
        return self._blocked_since is not None

    def flush(self) -> None:
        """Write everything that waits, in one piece, unless the client does not read."""
        transport, outbox = self._transport, self.outbox
        if transport is None or not self._is_open or self._blocked_since is not None or outbox.is_empty:
            return
        if outbox.is_paced:
            self._flush_one(transport)
            return
        transport.write(outbox.take())
        if self._blocked_since is None:
            outbox.unblock()

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
        response = answer_to(request, self._protocol, self._server.config, is_full=self._server.is_full)
        self._protocol.send_response(response)
        self._is_open = response.status_code == 101
        if self._is_open:
            self.session.is_packed = self._protocol.subprotocol == PACKED
            if request.headers.get("Sec-WebSocket-Key") == _AMIBROKER_KEY:
                self.outbox.is_paced = True
                self._mender = PingMender()
            self._server.opened(self)
        elif self._transport is not None:
            self._write_protocol_data()
            self._transport.close()

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
            self.reply({"status": "error", "code": "RATE_LIMITED", "message": f"More than {rate:g} messages a second"})
            return
        self._guarded(lambda: self.session.receive(message, self._server.now_ms()))
        self._go_on_later()

    def _guarded(self, step: Callable[[], list[Action]]) -> None:
        # Whatever a feed says at once of what it is just asked for, the answer goes before it.
        self.outbox.hold()
        try:
            self._act(step())
        except RecursionError:
            self.reply(error_reply("INVALID_PARAMETERS", "The message is nested too deeply"))
        except Exception as error:
            # A fault of ours, or of an adapter: this client is told, nobody else notices.
            count = self._server.complaints.count(cause_of(error), self._now_s())
            if count:
                logger.exception("A message of a client could not be dealt with (%d since last said)", count)
            self.reply(error_reply("SERVER_ERROR", "This message could not be dealt with; the log says why"))
        finally:
            if not self.session.is_answering:
                self.outbox.let_go()
                self._server.mark_dirty(self)

    def _act(self, actions: list[Action]) -> None:
        for action in actions:
            match action:
                case Send(reply):
                    self.reply(reply)
                case SendSnapshot(key, channel):
                    self._server.send_snapshot(self, key, channel)
                case Verify(api_key):
                    self._verification = self._server.start(self._verify(api_key))

    def reply(self, reply: dict[str, Any]) -> None:
        """Queue a message that must not be lost."""
        if not self.outbox.push_reply(message_frame(reply, is_packed=self.session.is_packed)):
            self.close(1008, "too many unread replies")
        self._server.mark_dirty(self)

    async def _verify(self, api_key: Secret) -> None:
        verdict = await self._verdict(api_key)
        self._verification = None
        if self._is_open:
            self._guarded(verdict)
            self._go_on_later()

    async def _verdict(self, api_key: Secret) -> Callable[[], list[Action]]:
        server, session = self._server, self.session
        try:
            identity = await server.verify(api_key)
        except Exception:
            logger.exception("An API key could not be verified")
            sentence = "The key could not be verified; try again"
            return lambda: session.not_verified("SERVER_ERROR", sentence, server.now_ms())
        if identity is None:
            await asyncio.sleep(server.wrong_keys.count(self.address, self._now_s()))
        elif server.connections_of(identity.key_id, besides=self) >= server.config.max_connections_per_key:
            limit = server.config.max_connections_per_key
            sentence = f"This key has {limit} of {limit} connections already"
            return lambda: session.not_verified("LIMIT_EXCEEDED", sentence, server.now_ms())
        return lambda: session.verified(identity, server.now_ms())

    def _write_protocol_data(self) -> None:
        transport = self._transport
        if transport is None:
            self._protocol.data_to_send()
            return
        pieces = self._protocol.data_to_send()
        # An empty piece stands for the end of the stream, after which nothing can be written.
        is_over = self._protocol.close_expected() or b"" in pieces
        for data in pieces:
            if data and self.outbox.is_paced and self._is_open:
                # A pong beside a price would hide the price.
                self.outbox.push_reply(data)
                self._server.mark_dirty(self)
            elif data:
                transport.write(data)
            elif transport.can_write_eof():
                with contextlib.suppress(OSError):  # the other side is gone altogether
                    transport.write_eof()
            else:  # encrypted, where one side cannot end alone
                transport.close()
        if is_over and self._doomed_at is None:
            self._leave()

    def _leave(self) -> None:
        """From here on only the closing handshake is written: no frame may follow a close frame."""
        self._is_open = False
        self._doomed_at = self._now_s() + self._server.close_timeout_s
        self._let_go()
