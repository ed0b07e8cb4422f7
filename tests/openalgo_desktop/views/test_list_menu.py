"""Every action on watchlists has a key that works wherever the keyboard is."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from openalgo_desktop.views.main_window import MainWindow

CONTROL = Qt.KeyboardModifier.ControlModifier
BOTH = CONTROL | Qt.KeyboardModifier.ShiftModifier


@pytest.mark.parametrize(
    ("key", "modifiers", "signal", "args"),
    [
        (Qt.Key.Key_T, CONTROL, "createRequested", []),
        (Qt.Key.Key_F2, Qt.KeyboardModifier.NoModifier, "renameRequested", []),
        (Qt.Key.Key_Delete, BOTH, "deleteRequested", []),
        (Qt.Key.Key_PageUp, BOTH, "moveRequested", [-1]),
        (Qt.Key.Key_PageDown, BOTH, "moveRequested", [1]),
        (Qt.Key.Key_Tab, CONTROL, "stepRequested", [1]),
        (Qt.Key.Key_Backtab, BOTH, "stepRequested", [-1]),
        (Qt.Key.Key_1, CONTROL, "numberRequested", [0]),
        (Qt.Key.Key_9, CONTROL, "numberRequested", [8]),
    ],
)
def test_key_asks_for_its_action(
    app: QApplication, qtbot: QtBot, key: Qt.Key, modifiers: Qt.KeyboardModifier, signal: str, args: list[int]
) -> None:
    window = MainWindow()
    qtbot.addWidget(window)
    window.watch.tabs.edit_current = lambda: None  # type: ignore[method-assign]
    window.list_menu.show_count(2)
    window.show()
    QTest.qWaitForWindowActive(window)
    with qtbot.waitSignal(getattr(window.list_menu, signal)) as heard:
        QTest.keyClick(window.watch.grid, key, modifiers)
    assert heard.args == args


def test_last_list_cannot_be_deleted(app: QApplication, qtbot: QtBot) -> None:
    window = MainWindow()
    qtbot.addWidget(window)
    window.list_menu.show_count(1)
    assert not window.list_menu._delete.isEnabled()
    window.list_menu.show_count(2)
    assert window.list_menu._delete.isEnabled()


def test_undo_and_redo_have_keys(app: QApplication, qtbot: QtBot) -> None:
    window = MainWindow()
    qtbot.addWidget(window)
    window.show()
    QTest.qWaitForWindowActive(window)
    with qtbot.waitSignal(window.undoRequested):
        QTest.keyClick(window.watch.grid, Qt.Key.Key_Z, CONTROL)
    with qtbot.waitSignal(window.redoRequested):
        QTest.keyClick(window.watch.grid, Qt.Key.Key_Y, CONTROL)


def test_starter_lists_are_offered_by_name_and_explained(app: QApplication, qtbot: QtBot) -> None:
    window = MainWindow()
    qtbot.addWidget(window)
    menu = window.list_menu
    assert not menu._starters.isEnabled()
    menu.offer_starters([("F&O near month", "The next future"), ("Crypto majors", "Large coins")])
    first = menu._starters.actions()[0]
    assert (first.text(), first.toolTip(), menu._starters.isEnabled()) == ("F&&O near month", "The next future", True)
    with qtbot.waitSignal(menu.starterRequested) as heard:
        first.trigger()
    assert heard.args == ["F&O near month"]
