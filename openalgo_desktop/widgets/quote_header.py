"""The header above the market watch: titles over their columns, the first standing still; sorts, moves and resizes."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QApplication, QToolTip, QWidget

from openalgo_desktop.presentation.columns import Align, Column
from openalgo_desktop.presentation.grid_geometry import GridGeometry
from openalgo_desktop.presentation.row_order import Sort
from openalgo_desktop.widgets import fonts
from openalgo_desktop.widgets.quote_painter import PADDING, SORT_MARK, STALE_EDGE
from openalgo_desktop.widgets.scale import live, px, unscaled
from openalgo_desktop.widgets.skin import Skin
from openalgo_desktop.widgets.text_metrics import TextMetrics

HEIGHT = live(26)
GRIP = 4
STEP = 8


class QuoteHeader(QWidget):
    """Paints the titles of `columns`; the grid tells it the geometry and the offset."""

    sortRequested = Signal(str)  # column id
    resizeRequested = Signal(str, int)  # column id, width at 100 %; 0 for the natural one
    moveRequested = Signal(str, int)  # column id, position before which it goes, counted before the move
    hideRequested = Signal(str)
    menuRequested = Signal(QPoint, str)  # global position, column id or nothing

    def __init__(self, parent: QWidget, columns: tuple[Column, ...], skin: Skin, metrics: TextMetrics) -> None:
        super().__init__(parent)
        self._columns = columns
        self._metrics = metrics
        self._mark = TextMetrics(fonts.font(8))
        self._geometry = GridGeometry((), 22)
        self._offset_x = 0
        self._sort: Sort | None = None
        self._focused = 0
        self._pressed: QPoint | None = None
        self._grip: tuple[int, int] | None = None  # the column that is resized, and its width less the mouse's x
        self._drop = -1
        self.skin = skin
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName("Columns")

    def place(self, geometry: GridGeometry, offset_x: int) -> None:
        """Take the widths and the horizontal scroll offset of the grid."""
        if (geometry, offset_x) != (self._geometry, self._offset_x):
            self._geometry, self._offset_x = geometry, offset_x
            self.update()

    def show_columns(self, columns: tuple[Column, ...], sort: Sort | None) -> None:
        """Take the titles, and the column by which rows are sorted."""
        self._columns, self._sort = columns, sort
        self._focused = min(self._focused, len(columns) - 1)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.skin.app)
        painter.setFont(self._metrics.font)
        for number in range(len(self._geometry.widths) - 1, -1, -1):
            self._paint_title(painter, number)
        painter.fillRect(0, self.height() - 1, self.width(), 1, self.skin.hairline)
        if self._drop > 0:
            painter.fillRect(self._left(self._drop) - 1, 2, 2, self.height() - 4, self.skin.accent)
        if self.hasFocus():
            painter.setPen(QPen(self.skin.accent, 2))
            width = self._geometry.widths[self._focused]
            painter.drawRect(QRect(self._left(self._focused), 0, width, self.height()).adjusted(1, 1, -1, -2))
        painter.end()

    def _left(self, number: int) -> int:
        return self._geometry.column_left(number, self._offset_x)

    def _paint_title(self, painter: QPainter, number: int) -> None:
        column, width, left = self._columns[number], self._geometry.widths[number], self._left(number)
        if number < self._geometry.frozen:
            painter.fillRect(left, 0, width, self.height(), self.skin.app)
        sort = self._sort if self._sort is not None and self._sort.column == column.id else None
        room = width - 2 * PADDING - (SORT_MARK if sort is not None else 0)
        title = self._metrics.elided(column.title, room)
        wide, baseline = self._metrics.width(title), self._metrics.baseline(self.height())
        right = column.align is Align.RIGHT
        x = left + width - PADDING - wide if right else float(left + PADDING + (STALE_EDGE if number == 0 else 0))
        if column.align is Align.CENTRE:
            x = left + (width - wide) / 2
        painter.setPen(self.skin.muted if sort is None else self.skin.primary)
        painter.drawText(QPointF(x, baseline), title)
        if sort is not None:
            painter.setPen(self.skin.accent)
            mark = x - SORT_MARK if right else x + wide + px(4)
            painter.setFont(self._mark.font)
            painter.drawText(QPointF(mark, baseline - 1), "▼" if sort.descending else "▲")
            painter.setFont(self._metrics.font)

    # Mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        self._pressed = event.position().toPoint()
        column = self._gripped(self._pressed.x())
        self._grip = None if column is None else (column, self._geometry.widths[column] - self._pressed.x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.position().toPoint()
        gripped = self._grip is not None or (self._pressed is None and self._gripped(at.x()) is not None)
        self.setCursor(Qt.CursorShape.SplitHCursor if gripped else Qt.CursorShape.ArrowCursor)
        if self._pressed is None:
            return
        if self._grip is not None:
            column, extra = self._grip
            self.resizeRequested.emit(self._columns[column].id, unscaled(at.x() + extra))
        elif self._drop >= 0 or (at - self._pressed).manhattanLength() >= QApplication.startDragDistance():
            self._show_drop(self._line_at(at.x()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        pressed, grip, drop = self._pressed, self._grip, self._drop
        self._pressed = self._grip = None
        self._show_drop(-1)
        if pressed is None or grip is not None:
            return
        column = self._geometry.column_at(pressed.x(), self._offset_x)
        if column is None:
            return
        if drop < 0:
            self.sortRequested.emit(self._columns[column].id)
        elif column > 0:
            self.moveRequested.emit(self._columns[column].id, drop)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        column = self._gripped(event.position().toPoint().x())
        if column is None:
            self.mousePressEvent(event)
        else:
            self.resizeRequested.emit(self._columns[column].id, 0)

    def _gripped(self, x: int) -> int | None:
        """The column whose right edge is at `x`."""
        for number, width in enumerate(self._geometry.widths):
            if abs(self._left(number) + width - x) <= GRIP:
                return number
        return None

    def _line_at(self, x: int) -> int:
        """The position before which a column goes that is let go at `x`; never before the first."""
        for number in range(1, len(self._geometry.widths)):
            if x < self._left(number) + self._geometry.widths[number] // 2:
                return number
        return len(self._geometry.widths)

    def _show_drop(self, line: int) -> None:
        if line != self._drop:
            self._drop = line
            self.update()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if event.reason() is QContextMenuEvent.Reason.Keyboard:
            column: int | None = self._focused
            at = self.mapToGlobal(QPoint(self._left(self._focused), self.height()))
        else:
            column, at = self._geometry.column_at(event.pos().x(), self._offset_x), event.globalPos()
        self.menuRequested.emit(at, "" if column is None else self._columns[column].id)

    # Keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        column, key = self._columns[self._focused], event.key()
        by = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(key), 0)
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.sortRequested.emit(column.id)
        elif key == Qt.Key.Key_Delete and self._focused:
            self.hideRequested.emit(column.id)
        elif by:
            self._arrow(by, event.modifiers(), column)
        else:
            super().keyPressEvent(event)

    def _arrow(self, by: int, modifiers: Qt.KeyboardModifier, column: Column) -> None:
        target = self._focused + by
        if modifiers & Qt.KeyboardModifier.ShiftModifier:
            self.resizeRequested.emit(column.id, unscaled(self._geometry.widths[self._focused]) + by * STEP)
            return
        if not 0 <= target < len(self._columns):
            return
        if modifiers & Qt.KeyboardModifier.ControlModifier:
            if not self._focused or not target:
                return
            self.moveRequested.emit(column.id, target if by < 0 else target + 1)
        self._focused = target
        self.setAccessibleDescription(self._columns[target].title)
        self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            column = self._geometry.column_at(event.pos().x(), self._offset_x)
            QToolTip.showText(event.globalPos(), "" if column is None else self._columns[column].help, self)
            return True
        return super().event(event)
