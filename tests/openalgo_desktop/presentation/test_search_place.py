"""Where the search line stands: over its row, the results where there is room for them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openalgo_desktop.presentation.search_place import search_place

SIZES = {"line": 24, "item": 28, "hint": 20}


@pytest.mark.parametrize(
    ("room", "top", "count", "expected"),
    [
        (500, 100, 5, (5, False)),
        (500, 400, 10, (10, True)),
        (500, 250, 10, (8, True)),
        (500, 400, 0, (0, False)),
        (120, 40, 10, (1, False)),
    ],
)
def test_results_stand_below_or_above(room: int, top: int, count: int, expected: tuple[int, bool]) -> None:
    place = search_place(room, top, count, **SIZES)
    assert place[2:] == expected
    line_top = place.top + place.height - SIZES["line"] if place.is_above else place.top
    assert line_top == top, "the line stays where it is"


@given(st.integers(100, 2000), st.floats(0, 1), st.integers(0, 10))
def test_line_stays_over_its_row_and_results_stay_in_the_pane(room: int, share: float, count: int) -> None:
    top = int((room - SIZES["line"]) * share)
    place = search_place(room, top, count, **SIZES)
    line_top = place.top + place.height - SIZES["line"] if place.is_above else place.top
    assert line_top == top
    assert place.results <= count
    assert place.results > 0 or count == 0
    if place.results > 1:
        assert place.top >= 0
        assert place.top + place.height <= room
