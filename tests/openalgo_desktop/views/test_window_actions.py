"""Actions of the window: made from the catalogue, found again by name, with keys that change at once."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from openalgo_desktop.presentation.action_catalogue import CATALOGUE, Place
from openalgo_desktop.presentation.key_bindings import KeyBindings
from openalgo_desktop.views.main_window import MainWindow

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def window(app: QApplication, qtbot: QtBot) -> MainWindow:
    window = MainWindow()
    qtbot.addWidget(window)
    window.show()
    QTest.qWaitForWindowActive(window)
    return window


def test_every_action_can_be_reached_with_the_mouse(window: MainWindow) -> None:
    in_menus = {action for menu in window.findChildren(QMenu) for action in menu.actions()}
    assert not [info.id for info in CATALOGUE if window.actions_by_id[info.id] not in in_menus]


def test_every_action_does_something(window: MainWindow) -> None:
    deaf = [info.id for info in CATALOGUE if not window.actions_by_id[info.id].receivers("2triggered(bool)")]
    assert not deaf


def test_key_of_the_window_moves_with_its_binding(window: MainWindow, qtbot: QtBot) -> None:
    actions = window.actions_by_id
    actions.bind(KeyBindings().with_key(actions.info("edit.undo"), "Ctrl+U", actions.infos()))
    with qtbot.waitSignal(window.undoRequested):
        QTest.keyClick(window.watch.grid, Qt.Key.Key_U, CONTROL)
    with qtbot.assertNotEmitted(window.undoRequested):
        QTest.keyClick(window.watch.grid, Qt.Key.Key_Z, CONTROL)


def test_key_of_the_rows_moves_with_its_binding(window: MainWindow, qtbot: QtBot) -> None:
    actions, grid = window.actions_by_id, window.watch.grid
    assert actions["rows.remove"].text().endswith("\tDel")
    actions.bind(KeyBindings().with_key(actions.info("rows.add"), "F3", actions.infos()))
    with qtbot.waitSignal(grid.addRequested):
        QTest.keyClick(grid, Qt.Key.Key_F3)
    with qtbot.assertNotEmitted(grid.addRequested):
        QTest.keyClick(grid, Qt.Key.Key_Insert)


def test_action_of_somebody_else_takes_part(window: MainWindow) -> None:
    stranger = QAction("&Centre", window)
    stranger.setObjectName("tape.centre")
    stranger.setShortcut(QKeySequence("Ctrl+Space"))
    stranger.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
    window.depth_area.addAction(stranger)
    infos = {info.id: info for info in window.actions_by_id.infos()}
    info = infos["tape.centre"]
    assert (info.name, info.group, info.keys, info.place) == ("Centre", "Tape", ("Ctrl+Space",), Place.DEPTH)
    window.actions_by_id.bind(KeyBindings(changed={"tape.centre": ("Ctrl+J",)}))
    assert stranger.shortcut().toString() == "Ctrl+J"


def test_place_follows_the_keyboard(window: MainWindow) -> None:
    assert window.place() is Place.GRID
    window.actions_by_id["view.depth"].trigger()
    assert window.place() is Place.DEPTH
    window.watch.grid.header.setFocus()
    assert window.place() is Place.HEADER
    window.watch.search.open("")
    assert window.place() is Place.SEARCH
