"""What a row remembers of its price: five minutes as a line, the last ten moves, and how large its moves usually are.

Fed with every tick, so it only adds numbers; nothing grows.
"""

from __future__ import annotations

import math
from array import array

POINTS = 60
POINT_MS = 5_000.0
"""60 points, five seconds apart, are five minutes."""
STEPS = 10
UP, DOWN = 1, 2
_TRAIL_BITS = (1 << 2 * STEPS) - 1
_MINUTE_MS = 60_000.0
_MINUTES = 5
_ENOUGH_MOVES = 20


class RowHistory:
    """The memory of one row. `points` and `moves_made` tell a painter whether its picture still holds."""

    __slots__ = (
        "_counts",
        "_line",
        "_minute",
        "_minute_ms",
        "_move_count",
        "_moves_squared",
        "_squares",
        "is_stand_in",
        "last",
        "moves_made",
        "points",
        "second",
        "second_changes",
        "source",
        "source_changes",
        "trail_bits",
    )

    def __init__(self) -> None:
        self.last: float | None = None
        self.points = 0
        self.moves_made = 0
        self.trail_bits = 0
        self.source = ""
        self.is_stand_in = False
        self.source_changes = 0
        self.second: float | None = None
        self.second_changes = 0
        self._line = array("d", bytes(8 * POINTS))
        # The moves of this minute, and those of the four before it.
        self._moves_squared = 0.0
        self._move_count = 0
        self._squares = [0.0] * (_MINUTES - 1)
        self._counts = [0] * (_MINUTES - 1)
        self._minute = 0
        self._minute_ms = 0.0

    def move(self, price: float | None) -> None:
        """The price is another one than before."""
        before, self.last = self.last, price
        if before is None or price is None:
            return
        by = price - before
        self._moves_squared += by * by
        self._move_count += 1
        self.moves_made += 1
        self.trail_bits = (self.trail_bits << 2 | (UP if by > 0.0 else DOWN)) & _TRAIL_BITS

    def note_source(self, source: str, second: float | None, *, is_stand_in: bool) -> bool:
        """Remember whose price it is, and what another source says; returns whether that is new."""
        is_new = False
        if (source, is_stand_in) != (self.source, self.is_stand_in):
            self.source, self.is_stand_in = source, is_stand_in
            self.source_changes += 1
            is_new = True
        if second != self.second:
            self.second = second
            self.second_changes += 1
            is_new = True
        return is_new

    def sample(self, now_ms: float) -> None:
        """Add a point to the line; meant for every `POINT_MS`."""
        if self.last is not None:
            self._line[self.points % POINTS] = self.last
            self.points += 1
        if not 0.0 <= now_ms - self._minute_ms < _MINUTE_MS:
            at, self._minute_ms = self._minute, now_ms
            self._squares[at], self._counts[at] = self._moves_squared, self._move_count
            self._moves_squared, self._move_count = 0.0, 0
            self._minute = (at + 1) % (_MINUTES - 1)

    @property
    def line(self) -> list[float]:
        """The points, oldest first, and the price of now."""
        if self.points <= POINTS:
            line = list(self._line[: self.points])
        else:
            begin = self.points % POINTS
            line = [*self._line[begin:], *self._line[:begin]]
        return line if self.last is None else [*line, self.last]

    @property
    def change_percent(self) -> float | None:
        """From the oldest point to now, in percent; None before the first point."""
        line = self.line
        if len(line) < 2 or not line[0]:
            return None
        return (line[-1] - line[0]) / abs(line[0]) * 100.0

    @property
    def trail(self) -> list[int]:
        """The last moves, oldest first: 1 for up, −1 for down, 0 for none yet."""
        bits = self.trail_bits
        steps = [bits >> 2 * at & 3 for at in range(STEPS - 1, -1, -1)]
        return [1 if step == UP else -1 if step == DOWN else 0 for step in steps]

    @property
    def usual_move(self) -> float | None:
        """The root of the mean square of the moves of about five minutes, or None while too few are known."""
        count = self._move_count + sum(self._counts)
        if count < _ENOUGH_MOVES:
            return None
        return math.sqrt((self._moves_squared + sum(self._squares)) / count)
