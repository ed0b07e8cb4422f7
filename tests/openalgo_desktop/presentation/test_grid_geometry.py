"""Pixels of columns and rows: the first column stands still, only rows in view are named."""

from __future__ import annotations

from openalgo_desktop.presentation.grid_geometry import GridGeometry, fitted

GRID = GridGeometry((100, 60, 40), 22)


def test_first_column_does_not_scroll() -> None:
    assert [GRID.column_left(column, 30) for column in range(3)] == [0, 70, 130]
    assert [GRID.column_at(x, 30) for x in (0, 99, 100, 129, 130, 169, 170)] == [0, 0, 1, 1, 2, 2, None]


def test_rows_between_are_those_that_touch_the_band() -> None:
    assert GRID.rows_between(0, 44, 0, 500) == (0, 2)
    assert GRID.rows_between(0, 44, 10, 500) == (0, 3)
    assert GRID.rows_between(22, 23, 22, 500) == (2, 3)
    assert GRID.rows_between(0, 4400, 0, 5) == (0, 5)
    assert GRID.rows_between(0, 44, 10_000, 5) == (454, 454)


def test_row_top_and_total_width() -> None:
    assert GRID.row_top(3, 50) == 16
    assert (GRID.total_width, GRID.frozen_width) == (200, 100)


def test_fitted_widths_are_whole_pixels_at_usual_scales() -> None:
    geometry = fitted([101, 59, 37], 400, row_height=22)
    assert all(width % 4 == 0 for width in geometry.widths)
    assert geometry.total_width <= 400
    assert geometry.total_width > 200
    assert fitted([100, 60], 50, row_height=22).widths == (100, 60)


def test_frozen_columns_stand_still_and_lie_above_the_others() -> None:
    grid = GridGeometry((100, 60, 40, 50), 22, 2)
    assert [grid.column_left(column, 30) for column in range(4)] == [0, 100, 130, 170]
    assert (grid.name_width, grid.frozen_width) == (100, 160)
    assert [grid.column_at(x, 30) for x in (-1, 99, 100, 159, 160, 169, 170, 219, 220)] == [
        None,
        0,
        1,
        1,
        2,
        2,
        3,
        3,
        None,
    ]


def test_frozen_columns_leave_room_for_one_that_scrolls() -> None:
    assert fitted([100, 100, 100, 100], 400, row_height=22, frozen=2).frozen == 2
    assert fitted([100, 100, 100, 100], 200, row_height=22, frozen=3).frozen == 1
    assert fitted([400, 100], 200, row_height=22).frozen == 1
