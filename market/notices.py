"""What the user must know for as long as the application runs, and not only once."""

from __future__ import annotations

from typing import NamedTuple


class Notice(NamedTuple):
    """`word` is short enough for a status strip, `sentence` says what it means and what to do about it."""

    subject: str
    word: str
    sentence: str
