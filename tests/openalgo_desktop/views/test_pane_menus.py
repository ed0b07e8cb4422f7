"""Depth, chart and status strip offer something to a right click."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from openalgo_desktop.views.main_window import MainWindow


@pytest.fixture
def window(app: QApplication, qtbot: QtBot) -> MainWindow:
    window = MainWindow()
    qtbot.addWidget(window)
    window.show()
    return window


def texts(menu: QMenu) -> list[str]:
    return [action.text().replace("&", "") for action in menu.actions() if not action.isSeparator()]


def test_depth_offers_its_options_and_the_row(window: MainWindow) -> None:
    offered = texts(window.pane_menus.depth_menu())
    assert "20 levels" in offered
    assert "Read the row aloud" in offered


def test_chart_offers_intervals_and_marks_the_chosen_one(window: MainWindow, qtbot: QtBot) -> None:
    menu = window.pane_menus.chart_menu()
    assert [action.text() for action in menu.actions() if action.isChecked()] == ["1m bars"]
    with qtbot.waitSignal(window.chart.intervalChosen) as heard:
        next(action for action in menu.actions() if action.text() == "5m bars").trigger()
    assert heard.args == [300]


def test_status_offers_sources_and_notices(window: MainWindow) -> None:
    assert texts(window.pane_menus.status_menu()) == ["Brokers…", "Settings…", "Notices…"]


def test_right_click_shows_a_menu_that_is_gone_when_it_closes(window: MainWindow) -> None:
    window.status.customContextMenuRequested.emit(window.status.rect().center())
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    menu.close()
    assert QApplication.activePopupWidget() is None
