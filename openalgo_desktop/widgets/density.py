"""How close the rows of the market watch stand."""

from __future__ import annotations

from enum import IntEnum


class Density(IntEnum):
    """Row heights in logical pixels."""

    COMPACT = 18
    STANDARD = 22
    COMFORTABLE = 28
