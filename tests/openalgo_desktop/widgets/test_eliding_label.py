"""A label that gives way: its text ends with … where it must, and is a tool tip then."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from openalgo_desktop.widgets.eliding_label import ElidingLabel


def test_a_text_without_room_ends_with_an_ellipsis_and_is_explained(app: QApplication, qtbot: QtBot) -> None:
    label = ElidingLabel()
    qtbot.addWidget(label)
    label.setText("no history from this feed: bars begin now")
    label.resize(label.sizeHint())
    label.show()
    assert (label.shown(), label.toolTip()) == (label.text(), "")
    whole = label.grab().toImage()
    label.resize(label.width() // 2, label.height())
    assert label.shown().endswith("…")
    assert label.text() == label.toolTip() == "no history from this feed: bars begin now"
    assert label.minimumSizeHint().width() < label.width()
    assert label.grab().toImage() != whole
    label.setText("")
    assert (label.shown(), label.toolTip()) == ("", "")
