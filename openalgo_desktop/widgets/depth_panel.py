"""The order book of an instrument as Indian terminals show it: bids left, offers right, figures below."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from openalgo_desktop.presentation.book_layout import Half, Part, fitted
from openalgo_desktop.presentation.depth_book import BookPicture
from openalgo_desktop.widgets.depth_painter import COLUMNS, ROW, DepthPainter
from openalgo_desktop.widgets.scale import live
from openalgo_desktop.widgets.skin import Skin

WIDTH = live(352)
LEAST_WIDTH = live(280)
LEAST_ROWS = 5
GAP = live(8)
_TURN = 120
_ROWS_A_TURN = 3


class DepthPanel(QWidget):
    """Paints a `BookPicture`. Levels that do not fit are reached with the wheel; the figures stay in view.

    `levelPointed(side, number)` tells which level the mouse is on: side 0 buys, 1 sells, number −1 for none.
    """

    levelPointed = Signal(int, int)

    def __init__(self, skin: Skin, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._painter = DepthPainter(skin)
        self._picture: BookPicture | None = None
        self._note = ""
        self._hint = ""
        self._stale = False
        self._first = 0
        self._turned = 0
        self._pointed = (0, -1)
        self._natural = self._painter.natural_widths(None)
        self._half: Half = ()
        self._fact_columns = 2
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumWidth(LEAST_WIDTH)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Market depth")

    @property
    def picture(self) -> BookPicture | None:
        """What is shown."""
        return self._picture

    @property
    def note(self) -> str:
        """The sentence in place of the levels, or nothing."""
        return self._note

    @property
    def stale(self) -> bool:
        """Whether the book is written as one that may be old."""
        return self._stale

    @property
    def half(self) -> Half:
        """The columns of one side that fit, from the outside to the price."""
        return self._half

    def set_skin(self, skin: Skin) -> None:
        """Paint in other colours."""
        self._painter.set_skin(skin)
        self.setMinimumWidth(LEAST_WIDTH)
        self.begin()
        self._lay_out()
        self.update()

    def begin(self) -> None:
        """Another instrument: the widths of its columns and the place in its book start anew."""
        self._first = 0
        self._natural = self._painter.natural_widths(None)
        self._point(0, -1)

    def show_book(self, picture: BookPicture, *, note: str = "", hint: str = "", stale: bool = False) -> None:
        """Show the book; the same again costs nothing.

        `note` is a sentence in place of the levels, `hint` one in place of the totals; a `stale` book is written in
        muted ink under an amber edge.
        """
        shown = (picture, note, hint, stale)
        if shown == (self._picture, self._note, self._hint, self._stale):
            return
        self._picture, self._note, self._hint, self._stale = shown
        # Columns only grow while an instrument is shown: figures that jump from side to side cannot be read.
        seen = self._painter.natural_widths(picture)
        self._natural = {part: max(width, self._natural[part]) for part, width in seen.items()}
        self._lay_out()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(WIDTH, COLUMNS + self._levels() * ROW + self._below())

    def visible_rows(self) -> int:
        """How many levels fit."""
        return max(min(self._levels(), (self.height() - COLUMNS - self._below()) // ROW), LEAST_ROWS)

    def row_top(self, number: int) -> int:
        """Where the level `number` begins, in pixels from the top; it need not be in view."""
        return COLUMNS + (number - self._first) * ROW

    def _levels(self) -> int:
        return len(self._picture.rows) if self._picture is not None else LEAST_ROWS

    def _below(self) -> int:
        facts = len(self._picture.facts) if self._picture is not None else 0
        band = self._picture is not None and self._picture.band is not None
        return GAP + self._painter.height_below(facts, self._fact_columns, has_band=band)

    def _lay_out(self) -> None:
        self._half = fitted(self._natural, (self.width() - 1) // 2)
        picture = self._picture
        self._fact_columns = 1 if picture is not None and self._painter.fact_width(picture) > self.width() else 2
        self.setMinimumHeight(COLUMNS + LEAST_ROWS * ROW + self._below())
        self._first = min(self._first, max(self._levels() - self.visible_rows(), 0))

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        paint, picture, width = self._painter, self._picture, self.width()
        painter = QPainter(self)
        paint.prepare(self.devicePixelRatioF(), stale=self._stale)
        painter.fillRect(event.rect(), paint.skin.panel)
        if picture is not None:
            paint.titles(painter, self._half, width)
            rows = self.visible_rows()
            shown = picture.rows[self._first : self._first + rows]
            paint.levels(painter, self._half, width, shown, first=self._first, pointed=self._pointed)
            bottom = COLUMNS + rows * ROW
            if len(shown) < len(picture.rows):
                paint.thumb(painter, width, rows, self._first, len(picture.rows))
            if self._note:
                paint.note(painter, self._note, width, bottom)
            top = paint.totals(painter, picture, width, bottom + GAP, hint=self._hint)
            paint.facts(painter, picture, width, top, columns=self._fact_columns)
        if self._stale:
            painter.fillRect(0, 0, 2, self.height(), paint.skin.warn)
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    # What the user does

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._turned += event.angleDelta().y()
        turns = int(self._turned / _TURN)
        self._turned -= turns * _TURN
        self._scroll(-turns * _ROWS_A_TURN)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        page = max(self.visible_rows() - 1, 1)
        steps = {
            Qt.Key.Key_Up: -1,
            Qt.Key.Key_Down: 1,
            Qt.Key.Key_PageUp: -page,
            Qt.Key.Key_PageDown: page,
            Qt.Key.Key_Home: -self._levels(),
            Qt.Key.Key_End: self._levels(),
        }
        step = steps.get(Qt.Key(event.key()))
        if step is None or event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            super().keyPressEvent(event)
        else:
            self._scroll(step)

    def _scroll(self, rows: int) -> None:
        first = min(max(self._first + rows, 0), max(self._levels() - self.visible_rows(), 0))
        if first != self._first:
            self._first = first
            self._point(0, -1)
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.position().toPoint()
        row = (at.y() - COLUMNS) // ROW
        inside = at.y() >= COLUMNS and row < self.visible_rows() and not self._note
        self._point(int(at.x() > self.width() // 2), self._first + row if inside else -1)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._point(0, -1)

    def _point(self, side: int, number: int) -> None:
        if number >= self._levels():
            number = -1
        if (side, number) != self._pointed:
            self._pointed = (side, number)
            self.levelPointed.emit(side, number)
            self.update()

    def column_box(self, part: Part, side: int) -> tuple[int, int]:
        """Left edge and width of a column of one side; (0, 0) where there is no room for it."""
        boxes = self._painter.boxes(self._half, self.width())
        for number, (shown, left, width) in enumerate(boxes):
            if shown is part and number // len(self._half) == side:
                return left, width
        return 0, 0
