"""One sentence at a time; the same again counts up; a click closes it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from openalgo_desktop.presentation.palette import DARK
from openalgo_desktop.widgets.toast import Toast


def test_toast_counts_repeats_and_closes(app: QApplication, qtbot: QtBot) -> None:
    over = QWidget()
    qtbot.addWidget(over)
    over.resize(700, 400)
    toast = Toast(over)
    toast.dress(DARK)
    over.show()
    toast.say("TCS removed")
    assert (toast.text(), toast.isVisible()) == ("TCS removed", True)
    assert over.rect().contains(toast.geometry())
    toast.say("TCS removed")
    assert toast.text() == "TCS removed (×2)"
    toast.say("Undone")
    assert toast.text() == "Undone"
    over.resize(400, 300)
    assert over.rect().contains(toast.geometry())
    QTest.mouseClick(toast, Qt.MouseButton.LeftButton)
    assert not toast.isVisible()
    assert not toast._timer.isActive()
