"""The life of one flash: how strong the background of a changed cell is, and when it may flash again."""

from __future__ import annotations

import math
from enum import StrEnum

FULL_MS = 120.0
END_MS = 450.0
REST_MS = 250.0
STEPS = 8
"""Strengths are whole steps, so that painters need a handful of colours and no arithmetic per cell."""


ATTENTION = (4.0, 3.0, 2.0, 1.0, 0.0)
"""How large a move must be to flash, from calm to everything: in usual moves of the same instrument."""


class FlashStyle(StrEnum):
    """What of a changed cell lights up."""

    BACKGROUND = "background"
    DIGITS = "digits"
    DOT = "dot"


def strength(elapsed_ms: float) -> int:
    """Return how strong a flash is `elapsed_ms` after it began: `STEPS` (full) down to 0 (over)."""
    if elapsed_ms <= FULL_MS:
        return STEPS
    if elapsed_ms >= END_MS:
        return 0
    return max(1, round(STEPS * (END_MS - elapsed_ms) / (END_MS - FULL_MS)))


def steadiness(elapsed_ms: float) -> int:
    """Return the same for what does not fade: digits and dots are there or not."""
    return STEPS if elapsed_ms < END_MS else 0


def changed_digits(before: str, after: str) -> int:
    """Return how many letters at the end of `after` are not those of `before`; all of them if it has other places."""
    if len(before) != len(after):
        return len(after)
    same = next((at for at, (one, other) in enumerate(zip(before, after, strict=True)) if one != other), len(after))
    return len(after) - same


def stands_out(move: float, ticks: int, usual_move: float | None, least: float) -> bool:
    """Whether a move over `ticks` ticks is `least` times what the instrument usually makes in as many.

    Moves that have nothing to do with each other add up with the square root of their number. While it is not known
    what is usual, everything stands out.
    """
    if least <= 0.0 or usual_move is None or usual_move == 0.0:
        return True
    return abs(move) > least * usual_move * math.sqrt(max(ticks, 1))


def may_start(elapsed_ms: float) -> bool:
    """Whether a cell whose last flash began `elapsed_ms` ago may flash again."""
    return elapsed_ms >= REST_MS
