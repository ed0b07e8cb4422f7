"""What waits to be written to one client, bounded whatever the client does.

While a client reads, every frame is kept and all of them leave in one write per loop turn. Once it stops reading, a
newer value replaces the waiting one of the same instrument and channel: the order of distinct ones is kept, the final
value of each is always delivered, and what was replaced is counted. Pure: no sockets, no clock.
"""

from __future__ import annotations

from collections.abc import Hashable

REPLIES_LIMIT_BYTES = 1 << 20
TURN_LIMIT_BYTES = 1 << 20


class Outbox:
    """Frames for one client: replies, which are never dropped, and prices, which may be conflated."""

    __slots__ = ("_blocked", "_bytes", "_latest", "_queue", "_reply_bytes", "conflated", "frames")

    def __init__(self) -> None:
        self._queue: list[bytes] = []
        self._latest: dict[Hashable, bytes] = {}
        self._blocked = False
        self._bytes = 0
        self._reply_bytes = 0
        self.conflated = 0
        self.frames = 0

    def push_reply(self, frame: bytes) -> bool:
        """Queue an answer; False if the client lets more than `REPLIES_LIMIT_BYTES` of them pile up."""
        self._queue.append(frame)
        self._reply_bytes += len(frame)
        return self._reply_bytes <= REPLIES_LIMIT_BYTES

    def push(self, slot: Hashable, frame: bytes) -> None:
        """Queue a price. `slot` says which earlier one it may replace while the client does not read."""
        if not self._blocked:
            self._queue.append(frame)
            self._bytes += len(frame)
            if self._bytes > TURN_LIMIT_BYTES:
                self._blocked = True
            return
        if slot in self._latest:
            self.conflated += 1
        self._latest[slot] = frame

    def block(self) -> None:
        """The client does not read: conflate from now on."""
        self._blocked = True

    def unblock(self) -> None:
        """The client reads again; what waits leaves with the next `take`."""
        self._blocked = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits."""
        return not self._queue and not self._latest

    @property
    def waiting(self) -> int:
        """How many frames wait."""
        return len(self._queue) + len(self._latest)

    def take(self) -> bytes:
        """Return everything that waits as one piece, oldest first, and forget it."""
        frames = self._queue
        if self._latest:
            frames.extend(self._latest.values())
            self._latest = {}
        self._queue = []
        self._bytes = self._reply_bytes = 0
        self.frames += len(frames)
        return frames[0] if len(frames) == 1 else b"".join(frames)
