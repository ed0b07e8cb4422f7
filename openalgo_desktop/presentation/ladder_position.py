"""Where a ladder stands. It is still by default: a row that moves under the eye is a row that is misread.

It moves by itself only when the inside market (best bid and offer) comes within three rows of an edge, or ten seconds
after the reader scrolled. Time arrives as an argument, in monotonic ms.
"""

from __future__ import annotations

from typing import NamedTuple

MARGIN = 3
HOLD_MS = 10_000.0
SLIDE_MS = 120.0


class Inside(NamedTuple):
    """The rows of the best bid and the best offer; rows grow with the price."""

    bid: int
    ask: int


def centred_top(inside: Inside, rows: int) -> int:
    """The uppermost of `rows` rows with the inside market in the middle."""
    return (inside.bid + inside.ask + rows) // 2


def is_near_edge(top: int, rows: int, inside: Inside) -> bool:
    """Whether the inside market stands within three rows of an edge, or beyond it."""
    return top - inside.ask < MARGIN or inside.bid - (top - rows + 1) < MARGIN


class LadderPosition:
    """The uppermost row, and how it comes to another place."""

    def __init__(self) -> None:
        self.top: int | None = None
        self.pinned = False
        self._rows = 0
        self._held_until: float | None = None
        self._from = 0
        self._slide_began: float | None = None

    def begin(self) -> None:
        """Another instrument: centre at the next book. A pin stays where it is, on the ladder."""
        self.top = self._held_until = self._slide_began = None

    def held_ms(self, now_ms: float) -> float:
        """How long a scrolled ladder will still stay where it is; 0 if it was not scrolled."""
        return 0.0 if self._held_until is None or self.pinned else max(self._held_until - now_ms, 0.0)

    def follow(self, inside: Inside | None, rows: int, now_ms: float, *, slides: bool) -> bool:
        """Move if it must be, to show `inside` in `rows` rows; returns whether it did."""
        if rows != self._rows and self.top is not None:
            # A taller ladder grows on both sides, so that the prices in the middle stay there.
            self.top += (rows - self._rows) // 2
        self._rows = rows
        if inside is None or rows <= 0:
            return False
        if self.top is None:
            self.top = centred_top(inside, rows)
            return True
        if self.pinned:
            return False
        if self._held_until is not None:
            if now_ms < self._held_until:
                return False
        elif not is_near_edge(self.top, rows, inside):
            return False
        return self.centre(inside, now_ms, slides=slides)

    def centre(self, inside: Inside | None, now_ms: float, *, slides: bool) -> bool:
        """Put the inside market in the middle; returns whether that is another place."""
        self._held_until = None
        if inside is None:
            return False
        target = centred_top(inside, self._rows)
        if target == self.top:
            return False
        # What is not on the screen yet cannot slide in from where it was: that would be a blur.
        if slides and self.top is not None and abs(target - self.top) < self._rows:
            self._from, self._slide_began = self.top, now_ms
        self.top = target
        return True

    def scroll(self, rows: int, now_ms: float) -> None:
        """Move up by `rows` (down if negative) as the reader asks, and stay there for ten seconds."""
        if self.top is not None:
            self.top += rows
            self._held_until = now_ms + HOLD_MS
            self._slide_began = None

    def regroup(self, before: int, after: int) -> None:
        """The same prices in the middle, with rows of `after` ticks where they had `before`."""
        if self.top is not None:
            middle = (self.top - self._rows / 2) * before / after
            self.top = round(middle + self._rows / 2)
            self._slide_began = None

    def offset(self, now_ms: float) -> float:
        """How many rows below its place the ladder is drawn now, while it slides; 0 at rest."""
        if self._slide_began is None or self.top is None:
            return 0.0
        part = (now_ms - self._slide_began) / SLIDE_MS
        if part >= 1.0:
            self._slide_began = None
            return 0.0
        return (self._from - self.top) * (1.0 - max(part, 0.0)) ** 2

    @property
    def sliding(self) -> bool:
        """Whether it is on its way."""
        return self._slide_began is not None
