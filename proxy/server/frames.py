"""Our messages as WebSocket frames (RFC 6455, 5.2): final, unmasked, not compressed.

The one thing about frames that is not left to the library: its way takes as long as encoding the payload.
"""

from __future__ import annotations

import struct
from typing import Any

import msgspec

_FINAL_TEXT = 0x81
_FINAL_BINARY = 0x82
_pack_short = struct.Struct("!BBH").pack
_pack_long = struct.Struct("!BBQ").pack
_encode = msgspec.json.Encoder().encode
_pack = msgspec.msgpack.Encoder().encode


def frame_of(payload: bytes, is_binary: bool) -> bytes:  # noqa: FBT001 - called for every tick, by position
    """Return `payload` as one frame."""
    opcode = _FINAL_BINARY if is_binary else _FINAL_TEXT
    size = len(payload)
    if size < 126:
        return bytes((opcode, size)) + payload
    if size < 1 << 16:
        return _pack_short(opcode, 126, size) + payload
    return _pack_long(opcode, 127, size) + payload


def message_frame(message: dict[str, Any], *, is_packed: bool) -> bytes:
    """Return `message` as one frame: JSON text, or msgpack."""
    return frame_of(_pack(message) if is_packed else _encode(message), is_packed)
