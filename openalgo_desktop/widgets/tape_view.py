"""Time and sales on screen: newest on top, tinted by size, standing still while somebody reads further down."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QSize, Qt
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from openalgo_desktop.presentation import formats
from openalgo_desktop.presentation.book_style import BookStyle
from openalgo_desktop.presentation.palette import blend
from openalgo_desktop.presentation.tape import STRONGEST, Sale, Tape, TapePlace, step_size
from openalgo_desktop.presentation.trade_side import BOUGHT, SOLD, UNKNOWN_SIDE
from openalgo_desktop.widgets import fonts
from openalgo_desktop.widgets.scale import live, px
from openalgo_desktop.widgets.skin import Skin
from openalgo_desktop.widgets.text_metrics import TextMetrics
from openalgo_desktop.widgets.text_tiles import TextTiles

ROW = live(18)
HEAD = live(22)
FOOT = live(22)
LEAST_WIDTH = live(300)
LEAST_ROWS = 9
CELL = live(6)
_TURN = 120
_ROWS_A_TURN = 3
_STRONGEST_TINT = 0.34
_GLYPHS = {BOUGHT: "▲", SOLD: "▼", UNKNOWN_SIDE: ""}
_SIDES = {BOUGHT: "bought", SOLD: "sold", UNKNOWN_SIDE: formats.UNKNOWN}
_TITLES = ("Time (IST)", "Price", "Quantity", "Side, inferred")
# The widest usual texts; what is left over of the width is shared out.
_SAMPLES = ("14:03:22.005", "1,23,456.05", "12,34,567", "bought ▲")


class TapeView(QWidget):
    """Shows a `Tape`. The side of a trade is inferred, and its column says so."""

    def __init__(self, skin: Skin, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.style_of_book = BookStyle()
        self.place = TapePlace(Tape())
        self._skin = skin
        self._stale = False
        self._note = ""
        self._turned = 0
        self._painted_total = -1
        self._plain = TextMetrics(fonts.font(fonts.LADDER_PX))
        self._strong = TextMetrics(fonts.font(fonts.LADDER_PX, strong=True))
        self._tiles = {False: TextTiles(self._plain), True: TextTiles(self._strong)}
        self._tints: dict[tuple[int, int], QColor] = {}
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Time and sales")
        self.set_skin(skin)

    def sizeHint(self) -> QSize:
        return QSize(px(352), px(640))

    def set_skin(self, skin: Skin) -> None:
        """Paint in other colours."""
        self._skin = skin
        palette, strongest = skin.palette, STRONGEST + 1
        self._tints = {
            (side, strength): QColor(blend(colour, palette.bg_panel, _STRONGEST_TINT * (strength + 1) / strongest))
            for side, colour in ((BOUGHT, palette.up), (SOLD, palette.down), (UNKNOWN_SIDE, palette.border_control))
            for strength in range(strongest)
        }
        self.setMinimumSize(LEAST_WIDTH, HEAD + LEAST_ROWS * ROW + FOOT)
        self.update()

    @property
    def tape(self) -> Tape:
        """The trades."""
        return self.place.tape

    def begin(self, style: BookStyle) -> None:
        """Another instrument."""
        self.style_of_book = style
        self.place = TapePlace(Tape())
        self.update()

    def restyle(self, style: BookStyle) -> None:
        """Write numbers in another way."""
        self.style_of_book = style
        self.update()

    def refresh(self, *, note: str = "", stale: bool = False) -> None:
        """There may be more trades: paint if there are."""
        shown = (note, stale, self.tape.total)
        if shown != (self._note, self._stale, self._painted_total):
            self._note, self._stale, self._painted_total = shown
            self.update()

    def rows(self) -> int:
        """How many whole lines fit."""
        return max((self.height() - HEAD - FOOT) // ROW, 1)

    def step_least(self, steps: int) -> None:
        """Leave out more small trades, or fewer if negative."""
        tape = self.tape
        tape.set_least(step_size(tape.least, steps, self.style_of_book.row.lot or 1.0))
        self.resume()

    def resume(self) -> None:
        """Show the newest trades again."""
        self.place.resume()
        self.update()

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        skin, row = self._skin, px(18)
        for tiles in self._tiles.values():
            tiles.prepare(row, self.devicePixelRatioF())
        painter = QPainter(self)
        painter.fillRect(event.rect(), skin.panel)
        rights = self._rights()
        self._paint_head(painter, rights)
        if self._note or not len(self.tape):
            self._paint_note(painter)
        else:
            top = int(HEAD)
            for sale in self.place.lines(self.rows()):
                self._paint_sale(painter, sale, top, row, rights)
                top += row
        self._paint_foot(painter)
        if self._stale:
            painter.fillRect(0, 0, 2, self.height(), skin.warn)
        painter.end()

    def _rights(self) -> list[int]:
        """Where each column ends."""
        plain, strong = self._plain, self._strong
        needed = [max(plain.width(title), strong.width(text)) for title, text in zip(_TITLES, _SAMPLES, strict=True)]
        spare = max(self.width() - 2 * px(6) - sum(needed), 0.0) / len(needed)
        rights, right = [], float(px(6))
        for number, width in enumerate(needed):
            right += width + (spare if number else 0.0)
            rights.append(round(right))
        rights[-1] = self.width() - px(6)
        return rights

    def _paint_head(self, painter: QPainter, rights: list[int]) -> None:
        painter.fillRect(0, 0, self.width(), HEAD, self._skin.app)
        painter.setFont(self._plain.font)
        painter.setPen(self._skin.muted)
        baseline = self._plain.baseline(int(HEAD))
        for title, right in zip(_TITLES, rights, strict=True):
            painter.drawText(QPointF(right - self._plain.width(title), baseline), title)

    def _paint_sale(self, painter: QPainter, sale: Sale, top: int, row: int, rights: list[int]) -> None:
        trade, style, skin = sale.trade, self.style_of_book, self._skin
        painter.fillRect(0, top, self.width(), row - 1, self._tints[trade.side, sale.strength])
        ink = skin.muted if self._stale else skin.primary
        tiles = self._tiles[sale.strength == STRONGEST]
        quantity = style.quantity(trade.quantity)
        texts = (
            formats.clock_ms(trade.ms),
            style.price(trade.price),
            quantity if sale.prints == 1 else f"{sale.prints}× {quantity}",
            f"{_SIDES[trade.side]} {_GLYPHS[trade.side]}".rstrip(),
        )
        for text, right in zip(texts, rights, strict=True):
            tiles.draw(painter, right, top, text, ink)

    def _paint_note(self, painter: QPainter) -> None:
        painter.setFont(self._plain.font)
        painter.setPen(self._skin.muted)
        area = QRect(2 * CELL, HEAD, self.width() - 4 * CELL, self.height() - HEAD - FOOT)
        painter.drawText(
            area, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), self._note or self._empty_text()
        )

    def _empty_text(self) -> str:
        if self.tape.total:
            return f"No trade of {self.style_of_book.quantity(self.tape.least)} or more so far."
        return "Trades are listed from now on, as they come."

    def foot_text(self) -> str:
        """The line at the bottom: what stands still, or what is shown."""
        if self.place.paused:
            return f"Paused, {self.place.missed:,} new · Esc or a click resumes"
        least = self.tape.least
        sizes = f"{self.style_of_book.quantity(least)} and more" if least else "all sizes"
        return f"{sizes} · Ctrl+wheel filters"

    def _paint_foot(self, painter: QPainter) -> None:
        skin, paused = self._skin, self.place.paused
        box = QRect(0, self.height() - FOOT, self.width(), FOOT)
        painter.fillRect(box, skin.accent if paused else skin.app)
        painter.setFont(self._plain.font)
        painter.setPen(skin.on_accent if paused else skin.secondary)
        text = self._plain.elided(self.foot_text(), box.width() - 2 * px(10))
        painter.drawText(QPointF(px(10), box.top() + self._plain.baseline(box.height())), text)

    # What the user does

    def move_by(self, lines: int) -> None:
        """Go towards older trades (newer if negative)."""
        self.place.scroll(lines, self.rows())
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._turned += event.angleDelta().y()
        turns = int(self._turned / _TURN)
        self._turned -= turns * _TURN
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.step_least(turns)
        elif turns:
            self.move_by(-turns * _ROWS_A_TURN)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, page = Qt.Key(event.key()), max(self.rows() - 1, 1)
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -page, Qt.Key.Key_PageDown: page}
        if key == Qt.Key.Key_Escape and self.place.paused:
            self.resume()
        elif key in steps and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            self.move_by(steps[key])
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        if event.position().y() >= self.height() - FOOT:
            self.resume()
