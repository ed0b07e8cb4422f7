"""The life of one flash: how strong the background of a changed cell is, and when it may flash again."""

from __future__ import annotations

FULL_MS = 120.0
END_MS = 450.0
REST_MS = 250.0
STEPS = 8
"""Strengths are whole steps, so that painters need a handful of colours and no arithmetic per cell."""


def strength(elapsed_ms: float) -> int:
    """Return how strong a flash is `elapsed_ms` after it began: `STEPS` (full) down to 0 (over)."""
    if elapsed_ms <= FULL_MS:
        return STEPS
    if elapsed_ms >= END_MS:
        return 0
    return max(1, round(STEPS * (END_MS - elapsed_ms) / (END_MS - FULL_MS)))


def may_start(elapsed_ms: float) -> bool:
    """Whether a cell whose last flash began `elapsed_ms` ago may flash again."""
    return elapsed_ms >= REST_MS
