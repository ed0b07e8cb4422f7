"""Words that begin with what was typed but for one slip: a wrong, missing, extra or swapped letter. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

LEAST_LETTERS = 4
_WIDEST = 24

Letters = NDArray[np.uint8]
"""One row of letters a word; 0 behind its end."""


def letters_of(words: Sequence[str]) -> Letters:
    """Return the letters of `words` for `one_slip_away`. Letters that are not ASCII are equal to each other."""
    width = _WIDEST + 2
    table = np.array([word[:width].encode("ascii", "replace") for word in words], dtype=f"S{width}")
    # Looked at letter by letter, for all words at once.
    return np.asfortranarray(table.view(np.uint8).reshape(len(words), width))


def may_be_slipped(typed: str) -> bool:
    """Whether `typed` is long enough, and enough of it letters, to be taken for something else."""
    return len(typed) < _WIDEST and sum(letter.isalpha() for letter in typed) >= LEAST_LETTERS


def one_slip_away(typed: str, letters: Letters) -> NDArray[np.intp]:
    """Return the rows of `letters` whose words begin with something that differs from `typed` by exactly one slip.

    A slip replaces one letter, leaves one out, puts one in, or swaps two neighbours; it may be in the first letter.
    Every place that the slip can have is tried for all words at once.
    """
    if not len(letters) or not may_be_slipped(typed):
        return np.zeros(0, dtype=np.intp)
    size = len(typed)
    meant = np.frombuffer(typed.encode("ascii", "replace"), dtype=np.uint8)
    # For each word and place: whether the rest of `typed` stands in the word one letter earlier, there, or later.
    earlier, same, later = (_rest_equal(letters, meant, shift) for shift in (-1, 0, 1))
    begins_equal = np.ones(len(letters), dtype=bool)
    slipped = np.zeros(len(letters), dtype=bool)
    for place in range(size):
        here = letters[:, place] == meant[place]
        found = same[place + 1] | earlier[place + 1] | later[place]
        if place + 1 < size:
            crossed = (letters[:, place] == meant[place + 1]) & (letters[:, place + 1] == meant[place])
            found |= crossed & same[place + 2]
        slipped |= begins_equal & ~here & found
        begins_equal &= here
    return np.flatnonzero(slipped & ~begins_equal)


def _rest_equal(letters: Letters, meant: NDArray[np.uint8], shift: int) -> list[NDArray[np.bool_]]:
    """By place: whether `meant` from that place on stands `shift` letters further in each word."""
    size = len(meant)
    equal = [np.ones(len(letters), dtype=bool)] * (size + 1)
    for place in range(size - 1, -1, -1):
        if place + shift >= 0:
            equal[place] = equal[place + 1] & (letters[:, place + shift] == meant[place])
        else:
            equal[place] = np.zeros(len(letters), dtype=bool)
    return equal
