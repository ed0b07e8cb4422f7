"""How far an order would reach."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.ticks import Level
from openalgo_desktop.presentation.book_reach import reach, sentence
from openalgo_desktop.presentation.book_style import BookStyle

levels = st.lists(st.builds(Level, st.floats(1, 1e5), st.integers(1, 10**6)), min_size=1, max_size=50)


def test_quantity_adds_up_and_the_average_is_weighted() -> None:
    found = reach((Level(100.0, 100), Level(99.0, 300)))
    assert found is not None
    assert found == (400, pytest.approx(99.25))
    assert sentence(found, BookStyle()) == "cumulative to here: 400 @ avg 99.25"


def test_nothing_reaches_nowhere() -> None:
    assert reach(()) is None
    assert sentence(None, BookStyle()) == "nothing rests from the best price to here"


@given(levels)
def test_the_average_lies_between_the_prices(found: list[Level]) -> None:
    answer = reach(found)
    assert answer is not None
    prices = [level.price for level in found]
    assert min(prices) * (1 - 1e-9) <= answer.average <= max(prices) * (1 + 1e-9)
    assert answer.quantity == sum(level.quantity for level in found)
