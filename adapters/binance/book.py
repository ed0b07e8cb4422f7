"""The order book of one instrument, kept from a snapshot and the stream of changes. Pure.

Binance's rules: buffer the changes, take a snapshot, drop what it already contains, apply the rest without a gap;
a gap means that the book is wrong and must be taken anew. Update ids count one by one on spot; those of futures leap,
so their changes say which one they follow (`pu`).
"""

from __future__ import annotations

from collections import deque
from enum import Enum
from typing import Protocol

from adapters.binance.events import Levels, PartialDepth
from adapters.book_side import BookSide
from market.ticks import Depth

MOST_BUFFERED = 2_000


class Change(Protocol):
    """A change of a book: the levels that are different at `last_id` from what they were at `after_id`.

    Quantities are absolute, 0 takes a level away; `event_ms` in ms since 1970 UTC.
    """

    @property
    def after_id(self) -> int: ...
    @property
    def last_id(self) -> int: ...
    @property
    def event_ms(self) -> int: ...
    @property
    def bids(self) -> Levels: ...
    @property
    def asks(self) -> Levels: ...


class Step(Enum):
    """What a change did to the book."""

    APPLIED = "applied"
    BUFFERED = "buffered"
    IGNORED = "ignored"
    GAP = "gap"


class Book:
    """A book; out of sync until `take_snapshot` succeeds.

    A snapshot is cut off at `snapshot_levels` a side. What lies beyond is unknown, so when the market has moved so
    far that the best `levels` would reach beyond it, `wants_snapshot` is true although nothing was lost.
    """

    def __init__(self, *, levels: int = 20, snapshot_levels: int = 1000) -> None:
        self._levels = levels
        self._snapshot_levels = snapshot_levels
        self._buffer: deque[Change] | None = deque(maxlen=MOST_BUFFERED)
        self._last_id: int | None = None
        self._event_ms: int | None = None
        self._bids, self._asks = BookSide([]), BookSide([])
        self._bid_horizon, self._ask_horizon = 0.0, float("inf")

    @property
    def in_sync(self) -> bool:
        """Whether the book is right as of `last_id`."""
        return self._last_id is not None

    @property
    def last_id(self) -> int | None:
        """The update id up to which the book is known, or None."""
        return self._last_id

    @property
    def wants_snapshot(self) -> bool:
        """Whether a snapshot is needed, for the first time, after a gap, or to see further."""
        return self._buffer is not None

    def change(self, diff: Change) -> Step:
        """Take one change; on a gap the book is empty, and buffers again."""
        if self._buffer is not None:
            self._buffer.append(diff)
        if self._last_id is None:
            return Step.BUFFERED
        if diff.last_id <= self._last_id:
            return Step.IGNORED
        if diff.after_id > self._last_id:
            self.drop()
            self.change(diff)
            return Step.GAP
        self._apply(diff)
        self._look_ahead()
        return Step.APPLIED

    def take_snapshot(self, snapshot: PartialDepth) -> bool:
        """Rebuild the book from `snapshot` and the buffered changes.

        Returns:
            False where the snapshot is older than the first buffered change: it must be fetched again.
        """
        newer = [diff for diff in self._buffer or () if diff.last_id > snapshot.last_id]
        if newer and newer[0].after_id > snapshot.last_id:
            return False
        if self._last_id is not None and snapshot.last_id < self._last_id and not newer:
            return False
        self._bids, self._asks = BookSide(snapshot.bids), BookSide(snapshot.asks)
        cut_off = self._snapshot_levels
        self._bid_horizon = self._bids.prices[0] if len(snapshot.bids) >= cut_off else 0.0
        self._ask_horizon = self._asks.prices[-1] if len(snapshot.asks) >= cut_off else float("inf")
        self._last_id = snapshot.last_id
        self._buffer = None
        for diff in newer:
            self.change(diff)
        return self.in_sync

    def drop(self) -> None:
        """Forget everything: the connection is new, or something was lost."""
        self._buffer = deque(maxlen=MOST_BUFFERED)
        self._last_id = self._event_ms = None
        self._bids, self._asks = BookSide([]), BookSide([])

    def depth(self) -> Depth:
        """Return the best levels of both sides, best first."""
        bids, asks, count = self._bids, self._asks, self._levels
        return Depth(bids.highest(count), asks.lowest(count), self._event_ms)

    def _apply(self, diff: Change) -> None:
        self._bids.change(diff.bids)
        self._asks.change(diff.asks)
        self._last_id = diff.last_id
        self._event_ms = diff.event_ms

    def _look_ahead(self) -> None:
        """Ask for a snapshot before the levels shown reach what the last one did not tell."""
        if self._buffer is not None:
            return
        bids, asks, count = self._bids.prices, self._asks.prices, self._levels
        bids_end = bids[-count] if len(bids) >= count else 0.0
        asks_end = asks[count - 1] if len(asks) >= count else float("inf")
        beyond_bids = self._bid_horizon > 0.0 and bids_end <= self._bid_horizon
        beyond_asks = self._ask_horizon != float("inf") and asks_end >= self._ask_horizon
        if beyond_bids or beyond_asks:
            self._buffer = deque(maxlen=MOST_BUFFERED)
