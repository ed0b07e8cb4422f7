"""What a screen reader finds in the painted market watch."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import shiboken6
from PySide6.QtCore import QPoint
from PySide6.QtGui import QAccessible, QAccessibleInterface
from pytestqt.qtbot import QtBot

from openalgo_desktop.presentation.quote_board import QuoteBoard
from openalgo_desktop.widgets import grid_accessible
from openalgo_desktop.widgets.quote_grid import QuoteGrid
from openalgo_desktop.widgets.skin import Skin
from tests.doubles.random_market import RandomMarket

NAME = QAccessible.Text.Name


@pytest.fixture
def grid(skin: Skin, qtbot: QtBot) -> Iterator[QuoteGrid]:
    market = RandomMarket(60, levels=1)
    board = QuoteBoard()
    board.set_keys(market.keys, market.find)
    board.apply(market.open_all(1_764_000_000_000.0))
    grid = QuoteGrid(board, skin)
    grid.resize(1200, 466)
    grid.show()
    grid.rows_changed()
    yield grid
    shiboken6.delete(grid)


def interface(grid: QuoteGrid) -> QAccessibleInterface:
    found = QAccessible.queryAccessibleInterface(grid)
    assert found is not None
    return found


def test_grid_is_a_list_of_its_rows(grid: QuoteGrid) -> None:
    found = interface(grid)
    assert (found.role(), found.childCount()) == (QAccessible.Role.List, 60)
    row = found.child(4)
    assert row.role() == QAccessible.Role.ListItem
    assert row.text(NAME).startswith("RELIANCE NSE, LTP ")
    assert found.indexOfChild(row) == 4
    assert row.parent().role() == QAccessible.Role.List
    assert found.child(60) is None


def test_row_has_a_cell_per_column_with_title_and_value(grid: QuoteGrid) -> None:
    row = interface(grid).child(4)
    names = [row.child(number).text(NAME) for number in range(row.childCount())]
    assert names[0] == "RELIANCE"
    assert names[1].startswith("LTP ")
    assert len(names) == len(grid.board.columns)
    assert row.indexOfChild(row.child(2)) == 2


def test_row_says_what_it_is_now(grid: QuoteGrid) -> None:
    found = interface(grid)
    grid.set_current_row(3)
    grid.set_current_row(5, extend=True)
    assert [found.child(at).state().selected for at in (2, 3, 4, 5, 6)] == [False, True, True, True, False]
    assert not found.child(5).state().offscreen
    assert found.child(59).state().offscreen
    grid.setFocus()
    assert found.child(5).state().focused == grid.hasFocus()


def test_rows_are_where_they_are_on_the_screen(grid: QuoteGrid) -> None:
    found = interface(grid)
    place = found.child(2).rect()
    top = grid.viewport().mapToGlobal(QPoint(0, 0)).y()
    assert (place.top() - top, place.height()) == (44, 22)
    assert found.childAt(place.center().x(), place.center().y()).text(NAME) == found.child(2).text(NAME)


def test_row_that_is_gone_is_not_valid(grid: QuoteGrid) -> None:
    last = interface(grid).child(59)
    grid.board.set_keys([row.key for row in grid.board.rows[:10]], lambda _key: None)
    grid.rows_changed()
    assert not last.isValid()
    assert last.text(NAME) == ""
    assert interface(grid).childCount() == 10


def test_current_row_is_told_only_to_a_reader_that_listens(grid: QuoteGrid, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(
        grid_accessible.QAccessible,
        "updateAccessibility",
        lambda event: told.append(event.accessibleInterface().text(NAME)),
    )
    monkeypatch.setattr(grid, "hasFocus", lambda: True)
    grid.set_current_row(4)
    assert not told
    monkeypatch.setattr(grid_accessible.QAccessible, "isActive", lambda: True)
    grid.set_current_row(6)
    assert told == [grid.speech.sentence(6)]
