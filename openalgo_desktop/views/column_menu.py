"""The menu of columns: show or hide each by group, take a set that has a name, go back to the usual ones."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from openalgo_desktop.presentation.column_catalogue import CATALOGUE, GROUPS, PRESETS
from openalgo_desktop.presentation.column_layout import ColumnLayout
from openalgo_desktop.presentation.columns import SYMBOL


class ColumnMenu(QMenu):
    """Emits intent."""

    toggled = Signal(str)  # column id
    presetChosen = Signal(str)  # name of a preset
    naturalWidthsChosen = Signal()
    resetChosen = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__("C&olumns", parent)
        self._actions: dict[str, QAction] = {}
        for group in GROUPS:
            menu = self.addMenu(group)
            menu.setToolTipsVisible(True)
            for column in CATALOGUE:
                if column.group == group and column.id != SYMBOL.id:
                    action = menu.addAction(column.title)
                    action.setToolTip(column.help)
                    action.setCheckable(True)
                    action.triggered.connect(lambda _checked=False, each=column.id: self.toggled.emit(each))
                    self._actions[column.id] = action
        self.addSeparator()
        presets = self.addMenu("&Presets")
        for name in PRESETS:
            action = presets.addAction(name.replace("&", "&&"))
            action.triggered.connect(lambda _checked=False, each=name: self.presetChosen.emit(each))
        self.addAction("&Natural widths").triggered.connect(self.naturalWidthsChosen)
        self.addAction("&Reset columns").triggered.connect(self.resetChosen)

    def show_layout(self, layout: ColumnLayout) -> None:
        """Mark the columns that are shown."""
        for column, action in self._actions.items():
            action.setChecked(column in layout.ids)
