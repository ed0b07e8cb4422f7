"""The header above the market watch: column names over their columns, the first one standing still."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QToolTip, QWidget

from openalgo_desktop.presentation.columns import Align, Column
from openalgo_desktop.presentation.grid_geometry import GridGeometry
from openalgo_desktop.widgets.quote_painter import PADDING, STALE_EDGE
from openalgo_desktop.widgets.skin import Skin
from openalgo_desktop.widgets.text_metrics import TextMetrics

HEIGHT = 26


class QuoteHeader(QWidget):
    """Paints the titles of `columns`; the grid tells it the geometry and the offset."""

    def __init__(self, parent: QWidget, columns: tuple[Column, ...], skin: Skin, metrics: TextMetrics) -> None:
        super().__init__(parent)
        self._columns = columns
        self._metrics = metrics
        self._geometry = GridGeometry((), 22)
        self._offset_x = 0
        self.skin = skin
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def place(self, geometry: GridGeometry, offset_x: int) -> None:
        """Take the widths and the horizontal scroll offset of the grid."""
        if (geometry, offset_x) != (self._geometry, self._offset_x):
            self._geometry, self._offset_x = geometry, offset_x
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.skin.app)
        painter.setFont(self._metrics.font)
        painter.setPen(self.skin.muted)
        for number in range(len(self._geometry.widths) - 1, -1, -1):
            self._paint_title(painter, number)
        painter.fillRect(0, self.height() - 1, self.width(), 1, self.skin.hairline)
        painter.end()

    def _paint_title(self, painter: QPainter, number: int) -> None:
        column, width = self._columns[number], self._geometry.widths[number]
        left = self._geometry.column_left(number, self._offset_x)
        if number == 0:
            painter.fillRect(0, 0, width, self.height(), self.skin.app)
        if column.align is Align.RIGHT:
            x = left + width - PADDING - self._metrics.width(column.title)
        else:
            x = float(left + PADDING + STALE_EDGE)
        painter.drawText(QPointF(x, self._metrics.baseline(self.height())), column.title)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            column = self._geometry.column_at(event.pos().x(), self._offset_x)
            QToolTip.showText(event.globalPos(), "" if column is None else self._columns[column].help, self)
            return True
        return super().event(event)
