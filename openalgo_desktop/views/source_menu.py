"""A menu of sources, one of which is chosen. Hidden where there is nothing to choose between."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Signal
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from openalgo_desktop.presentation.source_columns import title_of


class SourceMenu(QMenu):
    """Emits `chosen(name)`, empty for `nobody`, the first choice."""

    chosen = Signal(str)

    def __init__(self, title: str, nobody: str, parent: QWidget) -> None:
        super().__init__(title, parent)
        self._nobody = nobody
        self._group = QActionGroup(self)
        self._group.triggered.connect(lambda action: self.chosen.emit(action.data()))
        self.show_sources((), "")

    def show_sources(self, names: Iterable[str], current: str) -> None:
        """Offer `names`; `current` is chosen now, and offered although it may not be there at the moment."""
        for action in self._group.actions():
            self._group.removeAction(action)
        self.clear()
        offered = list(dict.fromkeys((*names, *([current] if current else []))))
        for name in ("", *offered):
            action = self.addAction(title_of(name).replace("&", "&&") if name else self._nobody)
            action.setCheckable(True)
            action.setChecked(name == current)
            action.setData(name)
            self._group.addAction(action)
        self.menuAction().setVisible(len(offered) > 1 or bool(current))
