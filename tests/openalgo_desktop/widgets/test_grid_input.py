"""Selecting, moving, sorting and copying in the grid with keys and mouse."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from market.ticks import Update
from openalgo_desktop.presentation.column_layout import ColumnLayout
from openalgo_desktop.presentation.quote_board import QuoteBoard
from openalgo_desktop.presentation.row_order import Sort
from openalgo_desktop.widgets.quote_grid import ARRANGE_EVERY_MS, QuoteGrid
from openalgo_desktop.widgets.quote_header import HEIGHT
from openalgo_desktop.widgets.skin import Skin
from tests.doubles.random_market import RandomMarket

SHIFT, CONTROL, ALT = (
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
)
LEFT = Qt.MouseButton.LeftButton
ROW = 22


@pytest.fixture
def grid(skin: Skin, qtbot: QtBot) -> Iterator[QuoteGrid]:
    market = RandomMarket(60, levels=1)
    board = QuoteBoard()
    board.set_keys(market.keys, market.find)
    board.apply(market.open_all(1_764_000_000_000.0))
    grid = QuoteGrid(board, skin)
    qtbot.addWidget(grid)
    grid.resize(1200, HEIGHT + 20 * ROW)
    grid.show()
    grid.rows_changed()
    yield grid
    grid.close()


def selected(grid: QuoteGrid) -> list[int]:
    return [at for at, row in enumerate(grid.board.rows) if row.key in grid.selection.keys]


def click(grid: QuoteGrid, row: int, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.mouseClick(grid.viewport(), LEFT, modifier, QPoint(300, row * ROW + 5))


def test_clicks_select_one_a_run_and_any(grid: QuoteGrid) -> None:
    click(grid, 3)
    assert selected(grid) == [3]
    click(grid, 6, SHIFT)
    assert selected(grid) == [3, 4, 5, 6]
    click(grid, 5, CONTROL)
    click(grid, 9, CONTROL)
    assert selected(grid) == [3, 4, 6, 9]
    assert grid.current_position == 9
    click(grid, 4)
    assert selected(grid) == [4]


def test_keys_select_a_run_all_and_any(grid: QuoteGrid) -> None:
    for _ in range(2):
        QTest.keyClick(grid, Qt.Key.Key_Down, SHIFT)
    assert selected(grid) == [0, 1, 2]
    QTest.keyClick(grid, Qt.Key.Key_Up, SHIFT)
    assert selected(grid) == [0, 1]
    QTest.keyClick(grid, Qt.Key.Key_Space, CONTROL)
    assert selected(grid) == [0]
    QTest.keyClick(grid, Qt.Key.Key_A, CONTROL)
    assert len(selected(grid)) == 60
    QTest.keyClick(grid, Qt.Key.Key_Down)
    assert selected(grid) == [2]


def test_delete_and_copy_mean_all_selected(grid: QuoteGrid, qtbot: QtBot) -> None:
    click(grid, 3)
    click(grid, 5, CONTROL)
    with qtbot.waitSignal(grid.removeRequested) as removed:
        QTest.keyClick(grid, Qt.Key.Key_Delete)
    assert removed.args == [[grid.board.rows[3].key, grid.board.rows[5].key]]
    for modifiers, formatted in ((CONTROL, False), (CONTROL | SHIFT, True)):
        with qtbot.waitSignal(grid.copyRequested) as copied:
            QTest.keyClick(grid, Qt.Key.Key_C, modifiers)
        assert copied.args == [formatted]


def test_alt_arrows_ask_to_move_what_is_selected(grid: QuoteGrid, qtbot: QtBot) -> None:
    click(grid, 3)
    click(grid, 5, CONTROL)
    keys = grid.selected_keys()
    for key, position in ((Qt.Key.Key_Up, 2), (Qt.Key.Key_Down, 7)):
        with qtbot.waitSignal(grid.moveRequested) as moved:
            QTest.keyClick(grid, key, ALT)
        assert moved.args == [keys, position]
    click(grid, 0)
    with qtbot.assertNotEmitted(grid.moveRequested):
        QTest.keyClick(grid, Qt.Key.Key_Up, ALT)


def drag(grid: QuoteGrid, start: int, end_y: int) -> None:
    view = grid.viewport()
    QTest.mousePress(view, LEFT, pos=QPoint(300, start * ROW + 10))
    for y in (start * ROW + 30, end_y):
        QTest.mouseMove(view, QPoint(300, y))


def test_drag_shows_a_line_and_asks_to_move(grid: QuoteGrid, qtbot: QtBot, skin: Skin) -> None:
    drag(grid, 2, 8 * ROW + 2)
    assert grid.drop_line == 8
    assert grid.viewport().grab().toImage().pixelColor(300, 8 * ROW) == skin.accent
    with qtbot.waitSignal(grid.moveRequested) as moved:
        QTest.mouseRelease(grid.viewport(), LEFT, pos=QPoint(300, 8 * ROW + 2))
    assert moved.args == [[grid.board.rows[2].key], 8]
    assert grid.drop_line == -1


def test_escape_ends_a_drag(grid: QuoteGrid, qtbot: QtBot) -> None:
    drag(grid, 2, 8 * ROW + 2)
    with qtbot.assertNotEmitted(grid.moveRequested):
        QTest.keyClick(grid, Qt.Key.Key_Escape)
        QTest.mouseRelease(grid.viewport(), LEFT, pos=QPoint(300, 8 * ROW + 2))
    assert grid.drop_line == -1


def test_all_selected_rows_are_dragged_and_a_click_narrows(grid: QuoteGrid, qtbot: QtBot) -> None:
    click(grid, 2)
    click(grid, 4, SHIFT)
    drag(grid, 3, 10 * ROW)
    with qtbot.waitSignal(grid.moveRequested) as moved:
        QTest.mouseRelease(grid.viewport(), LEFT, pos=QPoint(300, 10 * ROW))
    assert moved.args == [[row.key for row in grid.board.rows[2:5]], 10]
    click(grid, 3)
    assert selected(grid) == [3]


def test_sorted_rows_cannot_be_moved_and_that_is_said(grid: QuoteGrid, qtbot: QtBot) -> None:
    grid.set_layout(ColumnLayout(sort=Sort("ltp")))
    grid.set_current_row(5)
    with qtbot.assertNotEmitted(grid.moveRequested), qtbot.waitSignal(grid.noticed):
        QTest.keyClick(grid, Qt.Key.Key_Up, ALT)
    drag(grid, 2, 8 * ROW)
    assert grid.drop_line == -1


def prices(grid: QuoteGrid) -> list[float]:
    return [row.tick.ltp for row in grid.board.rows if row.tick is not None and row.tick.ltp is not None]


def test_sort_keeps_the_current_row_where_it_is_on_the_screen(grid: QuoteGrid) -> None:
    grid.set_current_row(30)
    key, top = grid.current_key, 30 * ROW - grid.verticalScrollBar().value()
    grid.set_layout(ColumnLayout(sort=Sort("ltp")))
    assert prices(grid) == sorted(prices(grid))
    assert grid.current_key == key
    bar = grid.verticalScrollBar()
    now = grid.current_position * ROW - bar.value()
    assert now == top or bar.value() in (0, bar.maximum())


def test_rows_are_sorted_again_at_most_every_two_seconds(grid: QuoteGrid) -> None:
    grid.set_layout(ColumnLayout(sort=Sort("ltp", descending=True)))
    grid.flush(1e12)
    last = grid.board.rows[-1]
    assert last.tick is not None
    grid.board.apply([Update(last.tick._replace(ltp=1e9), 0)])
    grid.flush(1e12 + ARRANGE_EVERY_MS - 1)
    assert grid.board.rows[-1] is last
    grid.flush(1e12 + ARRANGE_EVERY_MS)
    assert grid.board.rows[0] is last
    grid.set_layout(ColumnLayout())
    assert [row.key for row in grid.board.rows] == [row.key for row in grid.board.listed]


def test_rows_already_in_order_are_not_painted_again(grid: QuoteGrid, monkeypatch: pytest.MonkeyPatch) -> None:
    grid.set_layout(ColumnLayout(sort=Sort("ltp")))
    grid.flush(1e12)
    monkeypatch.setattr(grid, "rows_changed", lambda: pytest.fail("the order had not changed"))
    grid.flush(1e12 + ARRANGE_EVERY_MS)


def test_gone_run_gives_way_to_the_row_that_follows(grid: QuoteGrid) -> None:
    click(grid, 3)
    click(grid, 6, SHIFT)
    keys = [row.key for row in grid.board.listed]
    grid.board.set_keys(keys[:3] + keys[7:], lambda _key: None)
    grid.rows_changed()
    assert grid.current_key == keys[7]
    assert selected(grid) == [3]
