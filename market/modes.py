"""Subscription modes: what a subscriber wants to know of an instrument.

One normaliser for every spelling that clients use: 1, "1", "LTP", "ltp" (protocol rule 2).
"""

from __future__ import annotations

from enum import IntEnum

from market.errors import InvalidModeError


class Mode(IntEnum):
    """LTP ⊂ Quote ⊂ Depth: each mode carries all fields of the ones below it."""

    LTP = 1
    QUOTE = 2
    DEPTH = 3

    @property
    def label(self) -> str:
        """The spelling of acknowledgements: `LTP`, `Quote`, `Depth`."""
        return _LABELS[self]

    @property
    def bit(self) -> int:
        """This mode's bit in a set of changed modes."""
        return 1 << self


_LABELS = {Mode.LTP: "LTP", Mode.QUOTE: "Quote", Mode.DEPTH: "Depth"}
_BY_TEXT = {mode.name: mode for mode in Mode} | {str(mode.value): mode for mode in Mode}


def parse_mode(value: object) -> Mode:
    """Return the mode that `value` names: 1, 2, 3 as a number or as text, or a label in any case.

    Raises:
        InvalidModeError: anything else; the sentence says what was expected.
    """
    if isinstance(value, bool) or not isinstance(value, int | str):
        got = f"bool ({value})" if isinstance(value, bool) else type(value).__name__
        raise InvalidModeError(f"Mode must be int or str, got {got}")
    if isinstance(value, int):
        if 1 <= value <= 3:
            return Mode(value)
        raise InvalidModeError(f"Invalid mode {value}; expected 1 (LTP), 2 (Quote), or 3 (Depth)")
    found = _BY_TEXT.get(value.strip().upper())
    if found is None:
        shown = repr(value[:32])
        raise InvalidModeError(f"Invalid mode {shown}; expected 'LTP', 'Quote', or 'Depth' (case-insensitive)")
    return found
