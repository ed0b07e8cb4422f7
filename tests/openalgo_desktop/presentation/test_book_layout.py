"""The columns of a book fit the room that there is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openalgo_desktop.presentation.book_layout import Part, fitted

NATURAL = {Part.AVERAGE: 60, Part.ORDERS: 40, Part.QUANTITY: 60, Part.SHORT: 45, Part.PRICE: 70}


@pytest.mark.parametrize(
    ("room", "first", "count"),
    [(230, Part.AVERAGE, 4), (229, Part.ORDERS, 3), (170, Part.ORDERS, 3), (169, Part.ORDERS, 3), (154, Part.SHORT, 2)],
)
def test_what_matters_least_goes_first(room: int, first: Part, count: int) -> None:
    half = fitted(NATURAL, room)
    assert (half[0][0], len(half)) == (first, count)
    assert half[-1][0] is Part.PRICE


def test_quantities_are_shortened_before_orders_go() -> None:
    assert [part for part, _ in fitted(NATURAL, 155)] == [Part.ORDERS, Part.SHORT, Part.PRICE]


@given(st.fixed_dictionaries({part: st.integers(10, 150) for part in Part}), st.integers(0, 900))
def test_columns_are_never_narrower_than_their_text_and_fill_the_room(natural: dict[Part, int], room: int) -> None:
    half = fitted(natural, room)
    assert all(width >= natural[part] for part, width in half)
    total = sum(width for _, width in half)
    assert total == max(room, sum(natural[part] for part, _ in half))
