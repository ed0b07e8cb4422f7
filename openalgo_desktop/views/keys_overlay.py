"""The overlay that `?` opens: the keys of the part of the window that has the keyboard, then those of everywhere."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from openalgo_desktop.presentation.action_catalogue import Place
from openalgo_desktop.presentation.key_help import KeySection, key_help
from openalgo_desktop.views.dialog import Dialog
from openalgo_desktop.views.window_actions import WindowActions
from openalgo_desktop.widgets.scale import px


class KeysOverlay(Dialog):
    """Any key closes it."""

    def __init__(self, actions: WindowActions, place: Place, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keys")
        self.setObjectName("keysOverlay")
        sections = key_help(place, actions.infos(), actions.keys_text)
        columns: tuple[QVBoxLayout, QVBoxLayout] = (QVBoxLayout(), QVBoxLayout())
        heights = [0, 0]
        for section in sections:
            shorter = heights.index(min(heights))
            heights[shorter] += len(section.lines) + 2
            columns[shorter].addWidget(_section(section, self))
        body = QWidget(self)
        across = QHBoxLayout(body)
        across.setContentsMargins(20, 16, 20, 16)
        across.setSpacing(36)
        for column in columns:
            column.setSpacing(16)
            column.addStretch(1)
            across.addLayout(column)
        scroll = QScrollArea(self)
        scroll.setWidget(body)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setAccessibleName("Keys")
        hint = QLabel(f"{_keys_hint(actions)}   ·   Any key closes this", self)
        hint.setProperty("role", "muted")
        hint.setContentsMargins(20, 8, 20, 12)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(scroll, 1)
        layout.addWidget(hint)
        self._body = body

    def sizeHint(self) -> QSize:
        wanted = self._body.sizeHint()
        return QSize(wanted.width() + px(24), wanted.height() + px(48))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() not in (Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_AltGr):
            self.accept()


def _keys_hint(actions: WindowActions) -> str:
    keys = actions.keys_text("help.shortcuts")
    return f"{keys} changes keys" if keys else "Help → Change keys"


def _section(section: KeySection, parent: QWidget) -> QWidget:
    part = QWidget(parent)
    grid = QGridLayout(part)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(20)
    grid.setVerticalSpacing(5)
    title = QLabel(section.title, part)
    title.setProperty("role", "title")
    grid.addWidget(title, 0, 0, 1, 2)
    for row, (keys, meaning) in enumerate(section.lines, 1):
        grid.addWidget(QLabel(keys, part), row, 0)
        what = QLabel(meaning, part)
        what.setProperty("role", "muted")
        grid.addWidget(what, row, 1)
    grid.setColumnMinimumWidth(0, 150)
    grid.setColumnStretch(1, 1)
    return part
