"""A miniature of the market watch that most have: a table of items, one per cell, whose text is set at every tick."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QBrush, QColor, QPaintEvent
from PySide6.QtWidgets import QTableWidget, QTableWidgetItem

from market.instruments import InstrumentKey
from market.ticks import Update
from openalgo_desktop.presentation.columns import COLUMNS, RowStyle
from openalgo_desktop.presentation.formats import NumberStyle

_UP, _DOWN = QBrush(QColor("#26a69a")), QBrush(QColor("#ef5350"))


class PeerGrid(QTableWidget):
    """The same rows and columns, in the same formats, as ours."""

    def __init__(self, keys: Sequence[InstrumentKey]) -> None:
        super().__init__(len(keys), len(COLUMNS))
        self._style = RowStyle(2, NumberStyle.INDIAN)
        self._cells = {key: [QTableWidgetItem("") for _ in COLUMNS] for key in keys}
        for row, cells in enumerate(self._cells.values()):
            for column, item in enumerate(cells):
                self.setItem(row, column, item)
        self.verticalHeader().setDefaultSectionSize(22)
        self.verticalHeader().hide()
        self.paints = 0

    def take(self, updates: Sequence[Update]) -> None:
        """Show `updates` at once."""
        for tick, _changed in updates:
            colour = _UP if (tick.change or 0) >= 0 else _DOWN
            for item, column in zip(self._cells[tick.key], COLUMNS, strict=True):
                text = column.text(column.value(tick), self._style)
                if text != item.text():
                    item.setText(text)
                    item.setForeground(colour)

    def paintEvent(self, event: QPaintEvent) -> None:
        self.paints += 1
        super().paintEvent(event)
