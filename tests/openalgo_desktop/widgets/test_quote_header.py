"""The header: clicks sort, drags move and resize, and every one of them has a key."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from openalgo_desktop.presentation.columns import COLUMNS
from openalgo_desktop.presentation.grid_geometry import GridGeometry
from openalgo_desktop.presentation.row_order import Sort
from openalgo_desktop.widgets import fonts
from openalgo_desktop.widgets.quote_header import HEIGHT, QuoteHeader
from openalgo_desktop.widgets.skin import Skin
from openalgo_desktop.widgets.text_metrics import TextMetrics

LEFT = Qt.MouseButton.LeftButton
SHIFT, CONTROL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def header(skin: Skin, qtbot: QtBot) -> Iterator[QuoteHeader]:
    pane = QWidget()
    qtbot.addWidget(pane)
    header = QuoteHeader(pane, COLUMNS[:4], skin, TextMetrics(fonts.font(fonts.GRID_PX)))
    header.place(GridGeometry((200, 100, 100, 100), 22), 0)
    header.resize(600, HEIGHT)
    pane.resize(600, HEIGHT)
    pane.show()
    yield header
    pane.close()


def at(x: int) -> QPoint:
    return QPoint(x, 10)


def drag(header: QuoteHeader, start: int, end: int) -> None:
    QTest.mousePress(header, LEFT, pos=at(start))
    QTest.mouseMove(header, at((start + end) // 2))
    QTest.mouseMove(header, at(end))
    QTest.mouseRelease(header, LEFT, pos=at(end))


def test_click_asks_to_sort(header: QuoteHeader, qtbot: QtBot) -> None:
    with qtbot.waitSignal(header.sortRequested) as signal:
        QTest.mouseClick(header, LEFT, pos=at(350))
    assert signal.args == ["change"]
    with qtbot.assertNotEmitted(header.sortRequested):
        QTest.mouseClick(header, LEFT, pos=at(580))


def test_sorted_column_has_a_mark(header: QuoteHeader, skin: Skin) -> None:
    def marks() -> bool:
        image = header.grab().toImage()
        return any(image.pixelColor(x, y) == skin.accent for x in range(200, 300) for y in range(HEIGHT))

    assert not marks()
    header.show_columns(COLUMNS[:4], Sort("ltp"))
    assert marks()


def test_drag_of_an_edge_resizes(header: QuoteHeader, qtbot: QtBot) -> None:
    widths: list[tuple[str, int]] = []
    header.resizeRequested.connect(lambda column, width: widths.append((column, width)))
    with qtbot.assertNotEmitted(header.sortRequested):
        drag(header, 299, 340)
    assert widths[-1] == ("ltp", 141)
    QTest.mouseDClick(header, LEFT, pos=at(301))
    assert widths[-1] == ("ltp", 0)


@pytest.mark.parametrize(("end", "line"), [(470, 4), (320, 2), (5, 1)])
def test_drag_of_a_title_moves(header: QuoteHeader, qtbot: QtBot, end: int, line: int) -> None:
    with qtbot.waitSignal(header.moveRequested) as moved:
        drag(header, 250, end)
    assert moved.args == ["ltp", line]


def test_first_column_does_not_move(header: QuoteHeader, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(header.moveRequested), qtbot.assertNotEmitted(header.sortRequested):
        drag(header, 50, 350)


def test_keys_do_what_the_mouse_does(header: QuoteHeader, qtbot: QtBot) -> None:
    QTest.keyClick(header, Qt.Key.Key_Right)
    with qtbot.waitSignal(header.sortRequested) as sort:
        QTest.keyClick(header, Qt.Key.Key_Return)
    assert sort.args == ["ltp"]
    with qtbot.waitSignal(header.resizeRequested) as size:
        QTest.keyClick(header, Qt.Key.Key_Right, SHIFT)
    assert size.args == ["ltp", 108]
    with qtbot.waitSignal(header.moveRequested) as moved:
        QTest.keyClick(header, Qt.Key.Key_Right, CONTROL)
    assert moved.args == ["ltp", 3]
    with qtbot.waitSignal(header.hideRequested) as hidden:
        QTest.keyClick(header, Qt.Key.Key_Delete)
    assert hidden.args == ["change"], "the ring went along with the place"
