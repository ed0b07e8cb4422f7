"""The price ladder on screen: it stands still, and what is traded and rested moves on it.

Nothing here can trade: a click selects a row, and tells which price that is.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from openalgo_desktop.presentation import formats
from openalgo_desktop.presentation.ladder_layout import Columns, Part, fitted
from openalgo_desktop.presentation.ladder_position import LadderPosition
from openalgo_desktop.presentation.ladder_rows import step_group
from openalgo_desktop.presentation.ladder_scene import LadderScene
from openalgo_desktop.widgets.frame_clock import now_ms
from openalgo_desktop.widgets.ladder_painter import FOOT, ROW, LadderPainter
from openalgo_desktop.widgets.scale import live, px
from openalgo_desktop.widgets.skin import Skin

LEAST_WIDTH = live(280)
LEAST_ROWS = 9
_TURN = 120
_ROWS_A_TURN = 3
_SLIDE_EVERY_MS = 16


class LadderView(QWidget):
    """Shows a `LadderScene`."""

    priceSelected = Signal(float)

    def __init__(self, skin: Skin, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.scene = LadderScene()
        self.position = LadderPosition()
        self.slides = True
        self._painter = LadderPainter(skin)
        self._extras: tuple[Part, ...] = ()
        self._columns: Columns = ()
        self._natural = self._painter.natural_widths([])
        self._price_width = self._painter.price_width([])
        self._pointed: int | None = None
        self._selected: int | None = None
        self._note = ""
        self._stale = False
        self._turned = 0
        self._slide = QTimer(self)
        self._slide.setInterval(_SLIDE_EVERY_MS)
        self._slide.setTimerType(Qt.TimerType.PreciseTimer)
        self._slide.timeout.connect(self._slid)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._set_least_size()
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Price ladder")

    def sizeHint(self) -> QSize:
        return QSize(px(352), px(640))

    @property
    def columns(self) -> Columns:
        """The columns of one side that fit, from the price outwards."""
        return self._columns

    @property
    def extras(self) -> tuple[Part, ...]:
        """The columns that were asked for beyond the usual ones, whether they fit or not."""
        return self._extras

    @property
    def note(self) -> str:
        """The sentence in place of the rows, or nothing."""
        return self._note

    @property
    def stale(self) -> bool:
        """Whether the book is written as one that may be old."""
        return self._stale

    @property
    def selected_row(self) -> int | None:
        """The row that was clicked, or None."""
        return self._selected

    def rows(self) -> int:
        """How many whole rows fit."""
        return max((self.height() - self._head() - FOOT) // ROW, 1)

    def set_skin(self, skin: Skin) -> None:
        """Paint in other colours."""
        self._painter.set_skin(skin)
        self._set_least_size()
        self._begin_widths()
        self.update()

    def _set_least_size(self) -> None:
        self.setMinimumSize(LEAST_WIDTH, self._painter.head_height(()) + LEAST_ROWS * ROW + FOOT)

    def set_extras(self, extras: tuple[Part, ...]) -> None:
        """Show these columns too, as far as they fit."""
        self._extras = extras
        self._lay_out()
        self.update()

    def begin(self) -> None:
        """Another instrument: centre, select nothing, begin the widths of the columns anew."""
        self.position.begin()
        self._selected = self._pointed = None
        self._begin_widths()
        self.update()

    def _begin_widths(self) -> None:
        self._natural = self._painter.natural_widths([])
        self._price_width = self._painter.price_width([])
        self._lay_out()

    def refresh(self, at_ms: float, *, note: str = "", stale: bool = False) -> None:
        """The scene has another book: move if the inside market is at an edge, and paint. `at_ms` is monotonic."""
        self._note, self._stale = note, stale
        if self.position.follow(self.scene.inside, self.rows(), at_ms, slides=self.slides) and self.position.sliding:
            self._slide.start()
        self._measure()
        self.update()

    def centre(self) -> None:
        """Put the inside market in the middle."""
        if self.position.centre(self.scene.inside, now_ms(), slides=self.slides) and self.position.sliding:
            self._slide.start()
        self.update()

    def toggle_pin(self) -> None:
        """Stay where it is whatever the market does, or follow it again."""
        self.position.pinned = not self.position.pinned
        self.update()

    def step_group(self, steps: int) -> None:
        """Gather more ticks in a row, or fewer if negative; the prices in the middle stay there."""
        before = max(self.scene.group, 1)
        after = step_group(before, steps)
        if after == before:
            return
        self.position.regroup(before, after)
        for name in ("_selected", "_pointed"):
            row = getattr(self, name)
            setattr(self, name, None if row is None else row * before // after)
        self.scene.set_group(after)
        self._measure()
        self.update()

    def _slid(self) -> None:
        if not self.position.sliding:
            self._slide.stop()
        self.update()

    # Layout

    def _head(self) -> int:
        return self._painter.head_height(tuple(part for part, _ in self._columns))

    def _measure(self) -> None:
        """Columns only grow while an instrument is shown: figures that jump from side to side cannot be read."""
        top = self.position.top
        if top is None:
            return
        lines = self.scene.lines(top, self.rows())
        seen, price = self._painter.natural_widths(lines), self._painter.price_width(lines)
        natural = {part: max(width, self._natural[part]) for part, width in seen.items()}
        if natural != self._natural or price > self._price_width:
            self._natural, self._price_width = natural, max(price, self._price_width)
            self._lay_out()

    def _lay_out(self) -> None:
        self._columns = fitted(self._natural, self._extras, (self.width() - self._price_width) // 2)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    def row_at(self, y: int) -> int | None:
        """The row at `y`, or None."""
        head, top = self._head(), self.position.top
        if top is None or not head <= y < self.height() - FOOT:
            return None
        return top - (y - head) // ROW

    def row_top(self, row: int) -> int:
        """Where `row` begins at rest, in pixels from the top; it need not be in view."""
        return self._head() + ((self.position.top or 0) - row) * ROW

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        paint, head = self._painter, self._head()
        painter = QPainter(self)
        paint.prepare(self.devicePixelRatioF(), stale=self._stale)
        painter.fillRect(event.rect(), paint.skin.panel)
        paint.head(painter, self._columns, self.width(), self._price_width, head)
        # Whole rows only: half a price at the bottom would be half a text.
        body = QRect(0, head, self.width(), self.rows() * ROW)
        top = self.position.top
        if self._note or top is None:
            paint.note(painter, self._note, body)
        else:
            painter.setClipRect(body)
            shift = top + self.position.offset(now_ms())
            first = int(shift // 1) + 1
            lines = self.scene.lines(first, body.height() // ROW + 3)
            y = head + round((shift - first) * ROW)
            paint.rows(
                painter,
                self.scene,
                lines,
                self._columns,
                self._price_width,
                QRect(0, y, body.width(), ROW),
                (self._pointed, self._selected),
            )
            painter.setClipping(False)
        paint.foot(painter, self._foot_text(), QRect(0, self.height() - FOOT, self.width(), FOOT))
        if self._stale:
            painter.fillRect(0, 0, 2, self.height(), paint.skin.warn)
        painter.end()

    def _foot_text(self) -> str:
        row = self._pointed if self._pointed is not None else self._selected
        if self._note or self.position.top is None:
            return ""
        if row is not None:
            return self.scene.said(row)
        if self.position.pinned:
            return f"Pinned · {self.scene.row_height_text}"
        held = self.position.held_ms(now_ms())
        if held:
            return f"Stays here for {formats.age(held)} · Space centres"
        return f"{self.scene.row_height_text} · Ctrl+wheel changes it"

    # What the user does

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._turned += event.angleDelta().y()
        turns = int(self._turned / _TURN)
        self._turned -= turns * _TURN
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.step_group(-turns)
        elif turns:
            self.move_by(turns * _ROWS_A_TURN)
        event.accept()

    def move_by(self, rows: int) -> None:
        """Go up by `rows` (down if negative)."""
        self.position.scroll(rows, now_ms())
        self._pointed = None
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        page = max(self.rows() - 1, 1)
        steps = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1, Qt.Key.Key_PageUp: page, Qt.Key.Key_PageDown: -page}
        step = steps.get(Qt.Key(event.key()))
        if step is None or event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            super().keyPressEvent(event)
        else:
            self.move_by(step)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        if event.button() == Qt.MouseButton.MiddleButton:
            self.centre()
        elif event.button() == Qt.MouseButton.LeftButton:
            self._select(self.row_at(event.position().toPoint().y()))

    def _select(self, row: int | None) -> None:
        self._selected = row
        if row is not None:
            self.setAccessibleDescription(self.scene.said(row))
            self.priceSelected.emit(self.scene.price_of(row))
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._point(self.row_at(event.position().toPoint().y()))

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._point(None)

    def _point(self, row: int | None) -> None:
        if row != self._pointed:
            self._pointed = row
            self.update()
