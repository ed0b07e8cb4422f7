"""A side of a book is what a plain dictionary of its changes says."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from adapters.book_side import BookSide
from market.ticks import Level

_LEVELS = st.lists(st.tuples(st.integers(1, 9).map(float), st.integers(0, 3)), max_size=12)


_SNAPSHOTS = _LEVELS.map(lambda levels: list(dict(levels).items()))
"""A snapshot names a price once."""


@given(_SNAPSHOTS, st.lists(_LEVELS, max_size=6))
def test_changes_add_up(first: list[tuple[float, int]], changes: list[list[tuple[float, int]]]) -> None:
    side, plain = BookSide(first), dict(first)
    for change in changes:
        side.change(change)
        plain |= dict(change)
    expected = sorted((price, quantity) for price, quantity in plain.items() if quantity)
    assert side.lowest(99) == tuple(Level(price, quantity) for price, quantity in expected)
    assert side.highest(99) == side.lowest(99)[::-1]
    assert side.highest(2) == side.highest(99)[:2]
    assert len(side) == len(expected)
