"""One sentence at a time; the same again counts up; a click closes it."""

from __future__ import annotations

import pytest
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


@pytest.mark.parametrize("percent", [100, 150])
@pytest.mark.parametrize("words", [4, 14, 30])
def test_no_line_of_a_message_is_cut_at_its_first_showing(
    app: QApplication, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, percent: int, words: int
) -> None:
    app.setStyleSheet(f"QLabel, QPushButton {{ font-size: {13 * percent // 100}px; }}")
    try:
        over = QWidget()
        qtbot.addWidget(over)
        over.resize(1000, 600)
        toast = Toast(over)
        toast.dress(DARK)
        over.show()
        toast.say(" ".join(["instruments"] * words), action=("Reconnect now", lambda: None))
        app.processEvents()
        assert toast._label.height() >= toast._label.heightForWidth(toast._label.width())
    finally:
        app.setStyleSheet("")
