"""What can be done with the watchlists, with its keys: the menu of the menu bar, and of a right click on a tab."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

MOST_NUMBERED = 9


class ListMenu(QMenu):
    """Emits intent; every action has a key."""

    createRequested = Signal()
    renameRequested = Signal()
    deleteRequested = Signal()
    moveRequested = Signal(int)  # by how many places
    stepRequested = Signal(int)  # by how many lists
    numberRequested = Signal(int)  # position of the list, from 0

    def __init__(self, parent: QWidget) -> None:
        super().__init__("&Watchlist", parent)
        self._add("&New list", "Ctrl+T").triggered.connect(self.createRequested)
        self._add("&Rename", "F2").triggered.connect(self.renameRequested)
        self._delete = self._add("&Delete", "Ctrl+Shift+Del")
        self._delete.triggered.connect(self.deleteRequested)
        self.addSeparator()
        self._add("Move &left", "Ctrl+Shift+PgUp").triggered.connect(lambda: self.moveRequested.emit(-1))
        self._add("Move r&ight", "Ctrl+Shift+PgDown").triggered.connect(lambda: self.moveRequested.emit(1))
        self.addSeparator()
        self._add("Ne&xt list", "Ctrl+Tab").triggered.connect(lambda: self.stepRequested.emit(1))
        self._add("&Previous list", "Ctrl+Shift+Tab").triggered.connect(lambda: self.stepRequested.emit(-1))
        for position in range(MOST_NUMBERED):
            action = QAction(parent)
            action.setShortcut(QKeySequence(f"Ctrl+{position + 1}"))
            action.triggered.connect(lambda _checked=False, at=position: self.numberRequested.emit(at))
            parent.addAction(action)

    def show_count(self, count: int) -> None:
        """The last list cannot be deleted."""
        self._delete.setEnabled(count > 1)

    def _add(self, text: str, keys: str) -> QAction:
        action = self.addAction(text)
        action.setShortcut(QKeySequence(keys))
        return action
