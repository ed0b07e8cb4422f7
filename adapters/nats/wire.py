"""The NATS client protocol: lines of text, payloads by length. Pure: bytes in, values out.

Source of the format: https://docs.nats.io/reference/reference-protocols/nats-protocol. Headers (HMSG) are not
asked for in CONNECT, so that none arrive.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import msgspec

from adapters.bus_messages import MAX_PAYLOAD_BYTES
from adapters.nats.servers import NatsServer
from market.errors import DecodeError

PING, PONG = b"PING\r\n", b"PONG\r\n"
MAX_LINE_BYTES = 64 * 1024
_MAX_SKIPPED_BYTES = 64 << 20
_CRLF = b"\r\n"


class Info(msgspec.Struct, frozen=True):
    """What the server says of itself: first thing on a connection, and again when something has changed."""

    max_payload: int = MAX_PAYLOAD_BYTES
    auth_required: bool = False
    tls_required: bool = False
    tls_available: bool = False
    ldm: bool = False
    """Lame duck mode: the server is about to shut down."""


class Message(NamedTuple):
    """A publisher's message for the subscription `sid`."""

    subject: bytes
    sid: bytes
    payload: bytes


class Oversized(NamedTuple):
    """A message whose payload of `size` bytes was not kept."""

    subject: bytes
    size: int


class Ping(NamedTuple):
    """The server asks for a sign of life."""


class Pong(NamedTuple):
    """The server's answer to a PING; the answers come in the order of the questions."""


class Refused(NamedTuple):
    """The server did not do something, or ends the connection; `reason` is its words."""

    reason: str


Event = Info | Message | Oversized | Ping | Pong | Refused

_decode_info = msgspec.json.Decoder(Info).decode
_MESSAGE = re.compile(rb"MSG[ \t]+([!-~]+)[ \t]+([!-~]+)(?:[ \t]+[!-~]+)?[ \t]+(\d{1,9})", re.IGNORECASE)
_PING, _PONG = Ping(), Pong()


class Parser:
    """Cuts the bytes of one connection into events."""

    def __init__(self) -> None:
        self._buffer = b""
        self._skip = 0

    @property
    def rest(self) -> bytes:
        """The bytes that make no whole event yet."""
        return self._buffer

    def feed(self, data: bytes) -> list[Event]:
        """Return the events that `data` completes.

        Raises:
            DecodeError: not the protocol; the connection is of no use any more.
        """
        buffer = self._buffer + data if self._buffer else data
        events: list[Event] = []
        at = 0
        while True:
            if self._skip:
                gone = min(self._skip, len(buffer) - at)
                self._skip -= gone
                at += gone
            end = buffer.find(_CRLF, at)
            if end < 0:
                break
            line = buffer[at:end]
            found = _MESSAGE.fullmatch(line)
            if found is None:
                event, at = _control(line), end + 2
            else:
                event, following = self._message(found, buffer, end + 2)
                if event is None:
                    break
                at = following
            if event is not None:
                events.append(event)
        self._buffer = buffer[at:]
        if end < 0 and len(self._buffer) > MAX_LINE_BYTES:
            raise DecodeError(f"A line of more than {MAX_LINE_BYTES} bytes", self._buffer)
        return events

    def _message(self, found: re.Match[bytes], buffer: bytes, start: int) -> tuple[Event | None, int]:
        """Return the message whose payload starts at `start`, None if it is not all there, and what comes after."""
        subject, sid, size = found[1], found[2], int(found[3])
        if size > _MAX_SKIPPED_BYTES:
            raise DecodeError(f"A message of {size} bytes", subject)
        if size > MAX_PAYLOAD_BYTES:
            self._skip = size + len(_CRLF)
            return Oversized(subject, size), start
        stop = start + size
        if len(buffer) < stop + 2:
            return None, start
        if buffer[stop : stop + 2] != _CRLF:
            raise DecodeError("A message longer than its length says", subject)
        return Message(subject, sid, buffer[start:stop]), stop + 2


def _control(line: bytes) -> Event | None:
    """The event of a line without payload; None for an acknowledgement, which nobody waits for."""
    verb, _, argument = line.partition(b" ")
    match verb.upper():
        case b"PING":
            return _PING
        case b"PONG":
            return _PONG
        case b"+OK":
            return None
        case b"-ERR":
            return Refused(argument.strip(b" \t'").decode("utf-8", "replace"))
        case b"INFO":
            return _info(argument)
    raise DecodeError("A line that is not of the NATS protocol", line)


def _info(text: bytes) -> Info:
    try:
        return _decode_info(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise DecodeError("An INFO that is not a JSON object", text) from None


def connect(server: NatsServer, name: str, version: str) -> bytes:
    """The client's introduction. It holds the credentials: never log it."""
    options: dict[str, object] = {
        "verbose": False,
        "pedantic": False,
        "tls_required": server.is_encrypted,
        "name": name,
        "lang": "python",
        "version": version,
        "protocol": 1,
        "headers": False,
        "no_responders": False,
    }
    if server.token is not None:
        options["auth_token"] = server.token.reveal()
    elif server.user is not None and server.password is not None:
        options |= {"user": server.user, "pass": server.password.reveal()}
    return b"CONNECT " + msgspec.json.encode(options) + _CRLF


def subscribe(subject: str, sid: int) -> bytes:
    """Ask for everything on `subject`, to be marked with `sid`."""
    return f"SUB {subject} {sid}\r\n".encode()


def unsubscribe(sid: int) -> bytes:
    """Ask for no more of `sid`."""
    return f"UNSUB {sid}\r\n".encode()


def publish(subject: str, payload: bytes) -> bytes:
    """Say `payload` on `subject`."""
    return b"PUB %b %d\r\n%b\r\n" % (subject.encode(), len(payload), payload)
