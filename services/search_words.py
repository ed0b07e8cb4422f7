"""One field of all instruments, and the words it is found by: a base, a company's name, an expiry in many spellings.

A field has few different values, however many instruments there are, so a typed word is compared with the values alone.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from services.typing_slips import letters_of, may_be_slipped, one_slip_away

EXACT, PREFIX, INSIDE, SLIPPED, SLIPPED_NAME, NONE = range(6)
"""How a typed word meets a word of the index, best first."""

Levels = NDArray[np.uint8]
_REMEMBERED = 64
_HIGHEST = "\U0010ffff"


class WordColumn:
    """The words of the values 0, 1, 2 … of one field.

    Args:
        words_of: the words by which each value is found, upper case.
    """

    def __init__(self, words_of: Sequence[Iterable[str]]) -> None:
        pairs = sorted({(word, value) for value, words in enumerate(words_of) for word in words if word})
        self._count = len(words_of)
        self._words = sorted({word for word, _ in pairs})
        numbers = {word: number for number, word in enumerate(self._words)}
        self._values = np.array([value for _, value in pairs], dtype=np.int32)
        self._word_of = np.array([numbers[word] for word, _ in pairs], dtype=np.int32)
        # From the pairs of one word to the pairs of the next.
        self._starts = np.searchsorted(self._word_of, np.arange(len(self._words) + 1))
        self._text = "\n" + "\n".join(self._words)
        lengths = np.array([len(word) + 1 for word in self._words], dtype=np.int64)
        self._begins = np.cumsum(lengths) - lengths
        self._letters = letters_of(self._words)
        # What was typed a key ago is looked for again with the next key.
        self.match = lru_cache(maxsize=_REMEMBERED)(self._match)

    def _match(self, typed: str) -> Levels | None:
        """Return how well each value meets the word `typed`, or None where none does. `match` remembers; read only."""
        levels = np.full(self._count, NONE, dtype=np.uint8)
        self._mark_inside(typed, levels)
        first, end = bisect_left(self._words, typed), bisect_left(self._words, typed + _HIGHEST)
        levels[self._values_of(first, end)] = PREFIX
        if first < end and self._words[first] == typed:
            levels[self._values_of(first, first + 1)] = EXACT
        return levels if levels.size and levels.min() < NONE else None

    def match_slipped(self, typed: str) -> Levels | None:
        """Return which values have a word that begins with `typed` but for one slip of a key."""
        levels = np.full(self._count, NONE, dtype=np.uint8)
        if may_be_slipped(typed):
            meant = np.zeros(len(self._words), dtype=bool)
            meant[one_slip_away(typed, self._letters)] = True
            levels[self._values[meant[self._word_of]]] = SLIPPED
        return levels if levels.size and levels.min() < NONE else None

    def _values_of(self, first: int, end: int) -> NDArray[np.int32]:
        return self._values[self._starts[first] : self._starts[end]]

    def _mark_inside(self, typed: str, levels: Levels) -> None:
        # A single letter is inside of nearly everything, which tells nothing.
        if len(typed) < 2:
            return
        hits, text = list[int](), self._text
        at = text.find(typed)
        while at >= 0:
            hits.append(at)
            at = text.find(typed, at + 1)
        if hits:
            meant = np.zeros(len(self._words), dtype=bool)
            meant[np.searchsorted(self._begins, hits, side="right") - 1] = True
            levels[self._values[meant[self._word_of]]] = INSIDE
