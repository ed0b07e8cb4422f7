"""What travels over a WebSocket connection, without the library that carries it. Pure."""

from __future__ import annotations

from enum import Enum


class FrameKind(Enum):
    """What a WebSocket frame is. A control frame carries nothing, but proves that the peer is alive."""

    TEXT = "text"
    BINARY = "binary"
    CONTROL = "control"


class Binary(bytes):
    """A message that goes out as a binary frame; plain `bytes` are the UTF-8 of a text frame."""

    __slots__ = ()
