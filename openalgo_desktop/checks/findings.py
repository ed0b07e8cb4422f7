"""What a check found."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Verdict(StrEnum):
    """How bad it is. A `note` is worth knowing and stops nothing."""

    GOOD = "good"
    NOTE = "note"
    BAD = "bad"


class Finding(NamedTuple):
    """`what` was looked at, in a word or two; `said` is a sentence without a full stop."""

    what: str
    verdict: Verdict
    said: str
