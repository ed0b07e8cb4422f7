"""What the window does with instruments that a source refuses late, and with a list that was emptied on purpose."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication

from market.modes import Mode
from market.subscriptions import Subscription
from openalgo_desktop.controllers.main_controller import MainController
from openalgo_desktop.views.main_window import MainWindow
from tests.doubles.desktop import Desktop


async def test_late_rejection_is_shown_in_its_row(app: QApplication) -> None:
    desktop, window = Desktop(count=3), MainWindow()
    controller = MainController(window, desktop.services())
    key = window.board.rows[1].key
    desktop.desk.rejections[Subscription(key, Mode.QUOTE)] = "No such token"
    controller._watch.each_second()
    assert [row.note for row in window.board.rows] == ["", "No such token", ""]
    controller.close()
    window.close()


async def test_starters_are_offered_once_in_the_life_of_a_profile(app: QApplication) -> None:
    desktop, window = Desktop([], count=40), MainWindow()
    controller = MainController(window, desktop.services())
    controller._watch.each_second()
    assert len(window.board) > 0
    assert desktop.settings.flag("starters_offered")
    controller.close()
    window.close()
    again = Desktop([], count=40)
    again.settings = desktop.settings
    window = MainWindow()
    controller = MainController(window, again.services())
    controller._watch.each_second()
    assert len(window.board) == 0
    controller.close()
    window.close()
