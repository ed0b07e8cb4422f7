"""Quantities in units and in lots."""

from __future__ import annotations

import pytest

from openalgo_desktop.presentation.book_style import BookStyle
from openalgo_desktop.presentation.columns import RowStyle

UNITS = BookStyle(RowStyle(lot=75))
LOTS = BookStyle(RowStyle(lot=75), in_lots=True)


def test_quantity_in_units_and_in_lots() -> None:
    assert (UNITS.quantity(1_24_350), LOTS.quantity(1_24_350)) == ("1,24,350", "1,658")
    assert LOTS.quantity(100) == "1.3", "a part of a lot is not rounded away"
    assert LOTS.quantity(None) == "–"


def test_lots_mean_nothing_where_a_lot_is_one() -> None:
    for lot in (None, 1, 0.001):
        style = BookStyle(RowStyle(lot=lot), in_lots=True)
        assert not style.has_lots
        assert style.quantity(300) == "300"


@pytest.mark.parametrize(
    ("value", "text"), [(9.94, "9.9"), (9.96, "10"), (1234.6, "1,235"), (0.04, "0"), (None, "–"), (75.0, "75")]
)
def test_averages_are_rounded(value: float | None, text: str) -> None:
    assert BookStyle(RowStyle(lot=1)).rounded(value) == text


def test_averages_of_coins_keep_their_fraction() -> None:
    assert BookStyle(RowStyle(lot=0.001)).rounded(0.0123) == "0.0123"


def test_short_quantities() -> None:
    style = BookStyle()
    assert [style.short(value) for value in (1_23_456, 99, 0.12345678)] == ["1.23 L", "99", "0.123"]


def test_orders_that_are_not_counted_are_unknown() -> None:
    assert (UNITS.count(0), UNITS.count(12)) == ("–", "12")
