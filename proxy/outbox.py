"""What waits to be written to one client, bounded whatever the client does.

While a client reads, every frame is kept and all of them leave in one write per loop turn. Once it stops reading, a
newer value replaces the waiting one of the same instrument and channel: the order of distinct ones is kept, the final
value of each is always delivered, and what was replaced is counted. Pure: no sockets, no clock.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

REPLIES_LIMIT_BYTES = 1 << 20
TURN_LIMIT_BYTES = 1 << 20


class Outbox:
    """Frames for one client: replies, which are never dropped, and prices, which may be conflated."""

    __slots__ = (
        "_blocked",
        "_bytes",
        "_held_at",
        "_latest",
        "_queue",
        "_queued",
        "_reply_bytes",
        "conflated",
        "frames",
        "is_paced",
    )

    def __init__(self) -> None:
        self._queue: list[bytes] = []
        self._queued = 0
        self._latest: dict[Hashable, bytes] = {}
        self._blocked = False
        # Where in the queue the next answer goes while prices are held back; None while they are not.
        self._held_at: int | None = None
        self._bytes = 0
        self._reply_bytes = 0
        self.conflated = 0
        self.frames = 0
        self.is_paced = False

    def push_reply(self, frame: bytes) -> bool:
        """Queue an answer; False if the client has let `REPLIES_LIMIT_BYTES` of them pile up before."""
        has_room = self._reply_bytes < REPLIES_LIMIT_BYTES
        if self._held_at is None:
            self._queue.append(frame)
        else:
            self._queue.insert(self._held_at, frame)
            self._held_at += 1
        self._queued += 1
        self._reply_bytes += len(frame)
        return has_room

    def hold(self) -> None:
        """Give nothing out until `let_go`; answers go before whatever else is queued from here on."""
        if self._held_at is None:
            self._held_at = len(self._queue)

    def let_go(self) -> None:
        """Give out again what waits."""
        self._held_at = None

    def push(self, slot: Hashable, frame: bytes) -> None:
        """Queue a price. `slot` says which earlier one it may replace while the client does not read."""
        if self._blocked or self.is_paced:
            self._replace(slot, frame)
        else:
            self._append(frame, 1)

    def push_run(self, run: Sequence[tuple[Hashable, bytes]], joined: bytes) -> None:
        """Queue several prices, each with its slot; `joined` is all of them as one piece that clients share."""
        if self._blocked or self.is_paced:
            for slot, frame in run:
                self._replace(slot, frame)
        else:
            # As `_append`: called for every client in every turn.
            self._queue.append(joined)
            self._queued += len(run)
            self._bytes += len(joined)
            if self._bytes > TURN_LIMIT_BYTES:
                self._blocked = True

    def _append(self, piece: bytes, frames: int) -> None:
        self._queue.append(piece)
        self._queued += frames
        self._bytes += len(piece)
        if self._bytes > TURN_LIMIT_BYTES:
            self._blocked = True

    def _replace(self, slot: Hashable, frame: bytes) -> None:
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
        """Whether nothing waits that may be given out."""
        return self._held_at is not None or not (self._queue or self._latest)

    @property
    def waiting(self) -> int:
        """How many frames wait."""
        return self._queued + len(self._latest)

    def take_one(self) -> bytes:
        """Return the frame that waits longest, answers first; there is one (`is_empty`)."""
        self.frames += 1
        if self._queue:
            self._queued -= 1
            frame = self._queue.pop(0)
            self._reply_bytes = sum(map(len, self._queue))
            return frame
        return self._latest.pop(next(iter(self._latest)))

    def take(self) -> bytes:
        """Return everything that waits as one piece, oldest first, and forget it."""
        pieces = self._queue
        self.frames += self._queued + len(self._latest)
        if self._latest:
            pieces.extend(self._latest.values())
            self._latest = {}
        self._queue = []
        self._queued = self._bytes = self._reply_bytes = 0
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)
