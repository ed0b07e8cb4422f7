"""What can be done with the watchlists, with its keys: the menu of the menu bar, and of a right click on a tab."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

MOST_NUMBERED = 9


class ListMenu(QMenu):
    """Emits intent; every action has a key."""

    createRequested = Signal()
    starterRequested = Signal(str)  # name of a starter list
    renameRequested = Signal()
    deleteRequested = Signal()
    moveRequested = Signal(int)  # by how many places
    stepRequested = Signal(int)  # by how many lists
    numberRequested = Signal(int)  # position of the list, from 0

    def __init__(self, parent: QWidget) -> None:
        super().__init__("&Watchlist", parent)
        self._add("&New list", "Ctrl+T").triggered.connect(self.createRequested)
        self._starters = self.addMenu("New &from")
        self._starters.setToolTipsVisible(True)
        self._starters.setEnabled(False)
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

    def offer_starters(self, starters: Iterable[tuple[str, str]]) -> None:
        """Offer lists to begin with: name and explanation of each."""
        self._starters.clear()
        for name, about in starters:
            action = self._starters.addAction(name.replace("&", "&&"))
            action.setObjectName(f"list.new_from.{name}")
            action.setToolTip(about)
            action.triggered.connect(lambda _checked=False, each=name: self.starterRequested.emit(each))
        self._starters.setEnabled(not self._starters.isEmpty())

    def show_count(self, count: int) -> None:
        """The last list cannot be deleted."""
        self._delete.setEnabled(count > 1)

    def _add(self, text: str, keys: str) -> QAction:
        action = self.addAction(text)
        action.setShortcut(QKeySequence(keys))
        return action
