"""What AmiBroker's plug-in sends, made into what it means: its ping announces four bytes that it never sends. Pure."""

from __future__ import annotations

_PING = b"\x89\x84"
_EMPTY = 0x80
_HEAD = 6
_LONG_HEAD = 8


class PingMender:
    """Rewrites each such ping into an empty one, wherever it stands among the frames of a chunk of bytes."""

    def __init__(self) -> None:
        self._left = 0

    def mend(self, data: bytes) -> bytes:
        """Return `data`, the next bytes from the client, with its pings as empty ones."""
        mended = bytearray(data)
        at = self._left
        while at + 2 <= len(data):
            size = data[at + 1] & 0x7F
            if data[at : at + 2] == _PING:
                mended[at + 1] = _EMPTY
                at += _HEAD
            elif size < 126:
                at += _HEAD + size
            else:
                at += _LONG_HEAD + int.from_bytes(data[at + 2 : at + 4], "big")
        self._left = max(0, at - len(data))
        return bytes(mended)
