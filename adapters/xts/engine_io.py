"""Engine.IO, as much of it as a WebSocket-only client needs, versions 3 and 4. Pure.

A text packet begins with its type: 0 open, 1 close, 2 ping, 3 pong, 4 message, 6 no operation. In version 3 the client
pings and the server answers, and bytes carry a leading 4; in version 4 it is the other way round, and they do not.
Sources: the protocol's own documents, engine.io-protocol 3 and 4.
"""

from __future__ import annotations

import msgspec

from market.errors import DecodeError

PING = b"2"
PONG = b"3"
CONNECT = b"40"
"""Opens the default namespace; the server says it first in version 3, the client in version 4."""

BEATS = frozenset({PING, PONG, b"6"})
"""Packets that say only that the peer is there."""

_BYTES_MESSAGE = b"\x04"


class Opening(msgspec.Struct, rename="camel"):
    """What the server says first: how often pings are due, and how long an answer may take, in ms."""

    ping_interval: float = 25_000.0
    ping_timeout: float = 20_000.0


_OPENING = msgspec.json.Decoder(Opening, strict=False)


def decode_opening(packet: bytes) -> Opening:
    """Return what the first packet says.

    Raises:
        DecodeError: it is not an opening.
    """
    try:
        if packet[:1] != b"0":
            raise DecodeError("The server did not open with an Engine.IO packet", packet)
        return _OPENING.decode(packet[1:])
    except (msgspec.MsgspecError, ValueError, RecursionError) as exc:
        raise DecodeError("Not the opening of an Engine.IO connection", packet) from exc


def payload_of(packet: bytes, version: int) -> bytes:
    """Return the bytes that a binary packet carries."""
    return packet[1:] if version == 3 and packet[:1] == _BYTES_MESSAGE else packet
