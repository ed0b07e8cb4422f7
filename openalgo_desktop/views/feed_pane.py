"""A feed from near: how it does, what happened lately, and the two things that can be done about it."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from openalgo_desktop.presentation.feed_report import EventLine

SIZE = (640, 420)


class FeedPane(QDialog):
    """Shown above the chip that was clicked; stays until it is closed. Emits intent."""

    reconnectRequested = Signal()
    copyRequested = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setModal(False)
        self._facts: list[tuple[QLabel, QLabel]] = []
        self._shown: tuple[EventLine, ...] = ()
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(1, 1)
        self.events = self._make_events()
        self.reconnect = QPushButton("&Reconnect", self)
        self.reconnect.setToolTip("End the connection and open it anew; every subscription is asked for again")
        self.copy = QPushButton("&Copy diagnostics", self)
        self.copy.setToolTip("Put all of this on the clipboard as text, without keys and passwords")
        close = QPushButton("Close", self)
        self.reconnect.clicked.connect(self.reconnectRequested)
        self.copy.clicked.connect(self.copyRequested)
        close.clicked.connect(self.close)
        buttons = QHBoxLayout()
        for button in (self.reconnect, self.copy):
            button.setAutoDefault(False)
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(close)
        close.setDefault(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 14, 16, 14)
        layout.setSpacing(12)
        layout.addLayout(self._grid)
        layout.addWidget(self.events, 1)
        layout.addLayout(buttons)
        self.resize(*SIZE)

    def _make_events(self) -> QTreeWidget:
        tree = QTreeWidget(self)
        tree.setAccessibleName("What happened to this feed, newest first")
        tree.setHeaderLabels(["Time", "State", "What happened"])
        tree.setRootIsDecorated(False)
        tree.setUniformRowHeights(True)
        tree.setAlternatingRowColors(True)
        tree.setSelectionMode(QTreeWidget.SelectionMode.ExtendedSelection)
        header = tree.header()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)
        header.resizeSection(0, 110)
        header.resizeSection(1, 100)
        header.setStretchLastSection(True)
        return tree

    def show_feed(self, name: str, facts: Sequence[tuple[str, str]], events: Sequence[EventLine]) -> None:
        """Show a feed; called again every second, so that only what differs is changed."""
        self.setWindowTitle(f"Feed {name}")
        while len(self._facts) < len(facts):
            row = len(self._facts)
            title, value = QLabel(self), QLabel(self)
            title.setProperty("role", "muted")
            value.setWordWrap(True)
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._grid.addWidget(title, row, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(value, row, 1)
            self._facts.append((title, value))
        for (title, value), fact in itertools.zip_longest(self._facts, facts):
            title.setVisible(fact is not None)
            value.setVisible(fact is not None)
            if fact is not None:
                title.setText(fact[0])
                value.setText(fact[1])
        if tuple(events) != self._shown:
            self._shown = tuple(events)
            self.events.clear()
            for event in events:
                item = QTreeWidgetItem(list(event))
                item.setToolTip(2, event.sentence)
                self.events.addTopLevelItem(item)

    def open_above(self, corner: QPoint) -> None:
        """Show with the lower left corner at `corner`, a global position, inside the screen."""
        self.show()
        screen = self.screen().availableGeometry()
        place = self.frameGeometry()
        place.moveBottomLeft(corner - QPoint(0, 6))
        left = min(max(place.left(), screen.left()), screen.right() - place.width())
        self.move(left, max(place.top(), screen.top()))
        self.raise_()
        self.activateWindow()
