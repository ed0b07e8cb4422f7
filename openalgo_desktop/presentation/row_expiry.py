"""What a row says of a contract that is no more."""

from __future__ import annotations

from datetime import date

from openalgo_desktop.presentation import formats


def expired(expiry: date | None, today: date | None) -> str:
    """Return `expired 28 Nov`, with the year where it is another one; empty while the contract may still trade."""
    if expiry is None or today is None or expiry >= today:
        return ""
    day, month, year = formats.day(expiry).split()
    return f"expired {day} {month}" if expiry.year == today.year else f"expired {day} {month} {year}"
