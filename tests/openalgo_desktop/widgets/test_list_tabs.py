"""Tabs of watchlists: what a click, a drag and a double click ask for."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from openalgo_desktop.widgets.list_tabs import ListTab, ListTabs

LEFT = Qt.MouseButton.LeftButton
LISTS = [ListTab(1, "Nifty & Bank", 17), ListTab(5, "F&O", 1), ListTab(3, "Crypto", 0)]


@pytest.fixture
def tabs(app: QApplication, qtbot: QtBot) -> ListTabs:
    pane = QWidget()
    pane.resize(700, 60)
    qtbot.addWidget(pane)
    tabs = ListTabs(pane)
    tabs.show_lists(LISTS, 1)
    tabs.resize(600, 30)
    pane.show()
    return tabs


def centre(tabs: ListTabs, position: int) -> QPoint:
    return tabs.tabRect(position).center()


def test_tabs_show_names_counts_and_keys(tabs: ListTabs) -> None:
    assert [tabs.tabText(at) for at in range(3)] == ["Nifty && Bank  17", "F&&O  1", "Crypto  0"]
    assert tabs.tabToolTip(1) == "F&O · 1 instrument · Ctrl+2"


def test_tab_says_how_many_prices_may_be_old(tabs: ListTabs) -> None:
    tabs.show_doubts({1: 3})
    assert [tabs.tabText(at) for at in range(3)] == ["Nifty && Bank  17  ⚠ 3", "F&&O  1", "Crypto  0"]
    assert "3 with a price that may be old" in tabs.tabToolTip(0)
    tabs.show_lists(LISTS[::-1], 1)
    assert tabs.tabText(2).endswith("⚠ 3"), "it belongs to the list, not to the place"
    tabs.show_doubts({})
    assert "⚠" not in tabs.tabText(2)
    tabs.moveTab(0, 2)
    tabs.show_doubts({5: 1})
    assert [tabs.tabText(at) for at in range(3)] == ["F&&O  1  ⚠ 1", "Nifty && Bank  17", "Crypto  0"]


def test_click_chooses_and_showing_tells_nobody(tabs: ListTabs, qtbot: QtBot) -> None:
    with qtbot.waitSignal(tabs.listChosen) as signal:
        QTest.mouseClick(tabs, LEFT, pos=centre(tabs, 1))
    assert signal.args == [5]
    with qtbot.assertNotEmitted(tabs.listChosen):
        tabs.show_lists(LISTS[:2], 1)
        tabs.show_lists(LISTS, 3)
    assert tabs.currentIndex() == 2


def test_drag_tells_the_new_order_once_when_let_go(tabs: ListTabs, qtbot: QtBot) -> None:
    told: list[list[int]] = []
    tabs.reordered.connect(told.append)
    start, end = centre(tabs, 0), centre(tabs, 2) + QPoint(40, 0)
    QTest.mousePress(tabs, LEFT, pos=start)
    for step in range(1, 21):
        QTest.mouseMove(tabs, start + (end - start) * step / 20)
    assert told == []
    QTest.mouseRelease(tabs, LEFT, pos=end)
    QTest.mouseRelease(tabs, LEFT, pos=end)
    assert told == [[5, 3, 1]]


def test_double_click_renames_in_place(tabs: ListTabs, qtbot: QtBot) -> None:
    QTest.mouseDClick(tabs, LEFT, pos=centre(tabs, 1))
    assert tabs.editor.isVisible()
    assert tabs.editor.selectedText() == "F&O"
    QTest.keyClicks(tabs.editor, "Options")
    with qtbot.waitSignal(tabs.renamed) as signal, qtbot.waitSignal(tabs.editingDone):
        QTest.keyClick(tabs.editor, Qt.Key.Key_Return)
    assert signal.args == [5, "Options"]
    assert not tabs.editor.isVisible()


@pytest.mark.parametrize(("typed", "key"), [("Other", Qt.Key.Key_Escape), ("", Qt.Key.Key_Return)])
def test_renaming_can_be_left(tabs: ListTabs, qtbot: QtBot, typed: str, key: Qt.Key) -> None:
    tabs.edit_current()
    tabs.editor.setText(typed)
    with qtbot.assertNotEmitted(tabs.renamed):
        QTest.keyClick(tabs.editor, key)
    assert not tabs.editor.isVisible()


def test_right_click_chooses_and_asks_for_the_menu(tabs: ListTabs, qtbot: QtBot) -> None:
    at = centre(tabs, 2)
    with qtbot.waitSignals([tabs.listChosen, tabs.menuRequested]):
        tabs.contextMenuEvent(QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, tabs.mapToGlobal(at)))
    assert tabs.currentIndex() == 2
