"""The order book of the selected instrument, as Indian terminals show it: bids left, offers right, figures below."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from openalgo_desktop.presentation.depth_book import BookPicture, Side
from openalgo_desktop.widgets import fonts
from openalgo_desktop.widgets.skin import Skin
from openalgo_desktop.widgets.text_metrics import TextMetrics

ROW = 18
HEAD = 44
COLUMNS = 22
GAP = 8
PADDING = 8
FACT_ROWS = 6
WIDTH = 352


class DepthPanel(QWidget):
    """Paints a `BookPicture`. Its height follows the number of levels."""

    def __init__(self, skin: Skin, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._skin = skin
        self._title = ""
        self._subtitle = ""
        self._note = ""
        self._stale = False
        self._picture: BookPicture | None = None
        self._plain = TextMetrics(fonts.font(fonts.LADDER_PX))
        self._strong = TextMetrics(fonts.font(fonts.LADDER_PX, strong=True))
        self._heading = TextMetrics(fonts.font(fonts.TITLE_PX, strong=True))
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setMinimumWidth(WIDTH)
        self.setAccessibleName("Market depth")

    def set_skin(self, skin: Skin) -> None:
        """Paint in other colours."""
        self._skin = skin
        self.update()

    def show_book(
        self, title: str, subtitle: str, picture: BookPicture, *, note: str = "", stale: bool = False
    ) -> None:
        """Show the book of one instrument; the same again costs nothing.

        `note` is a sentence in place of the levels; a `stale` book is written in muted ink under an amber edge.
        """
        shown = (title, subtitle, picture, note, stale)
        if shown == (self._title, self._subtitle, self._picture, self._note, self._stale):
            return
        before = self._levels()
        self._title, self._subtitle, self._picture, self._note, self._stale = shown
        if self._levels() != before:
            self.setMinimumHeight(self._height())
        self.setAccessibleDescription(f"{title}, {subtitle}")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(WIDTH, self._height())

    @property
    def _ink(self) -> QColor:
        return self._skin.muted if self._stale else self._skin.primary

    def _levels(self) -> int:
        return len(self._picture.rows) if self._picture is not None else 5

    def _height(self) -> int:
        return HEAD + COLUMNS + self._levels() * ROW + GAP + 30 + GAP + FACT_ROWS * ROW + GAP

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(event.rect(), self._skin.panel)
        if self._stale:
            painter.fillRect(0, 0, 2, self.height(), self._skin.warn)
        self._text(painter, self._heading, self._ink, self._title, QRect(PADDING, 4, self.width(), 22))
        self._text(painter, self._plain, self._skin.muted, self._subtitle, QRect(PADDING, 22, self.width(), 18))
        if self._picture is not None:
            top = self._paint_columns(painter, HEAD)
            top = self._paint_levels(painter, self._picture, top)
            top = self._paint_totals(painter, self._picture, top + GAP)
            self._paint_facts(painter, self._picture, top + GAP)
        painter.end()

    def _paint_columns(self, painter: QPainter, top: int) -> int:
        painter.fillRect(0, top, self.width(), COLUMNS, self._skin.app)
        for box, title in zip(self._boxes(top, COLUMNS), _TITLES, strict=True):
            self._text(painter, self._plain, self._skin.muted, title, box, right=True)
        return top + COLUMNS

    def _paint_levels(self, painter: QPainter, picture: BookPicture, top: int) -> int:
        first = top
        for number, (bid, ask) in enumerate(picture.rows):
            self._paint_level(painter, bid, ask, top, best=number == 0)
            top += ROW
        painter.fillRect(self.width() // 2, first, 1, top - first, self._skin.hairline)
        if self._note:
            area = QRect(PADDING, first, self.width() - 2 * PADDING, top - first)
            painter.fillRect(area, self._skin.panel)
            painter.setFont(self._plain.font)
            painter.setPen(self._skin.muted)
            painter.drawText(area, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), self._note)
        return top

    def _paint_level(self, painter: QPainter, bid: Side, ask: Side, top: int, *, best: bool) -> None:
        skin, middle = self._skin, self.width() // 2
        length = round(bid.bar * (middle - 2))
        if length:
            painter.fillRect(middle - length, top + 1, length, ROW - 2, skin.buy_bar)
            painter.fillRect(middle - length, top + 1, 1, ROW - 2, skin.buy_edge)
        length = round(ask.bar * (middle - 2))
        if length:
            painter.fillRect(middle + 1, top + 1, length, ROW - 2, skin.sell_bar)
            painter.fillRect(middle + length, top + 1, 1, ROW - 2, skin.sell_edge)
        metrics = self._strong if best else self._plain
        texts = (bid.orders, bid.quantity, bid.price, ask.price, ask.quantity, ask.orders)
        orders = skin.muted if self._stale else skin.secondary
        inks = (orders, self._ink, self._ink, self._ink, self._ink, orders)
        for box, text, ink in zip(self._boxes(top, ROW), texts, inks, strict=True):
            self._text(painter, metrics, ink, text, box, right=True)

    def _paint_totals(self, painter: QPainter, picture: BookPicture, top: int) -> int:
        skin, width = self._skin, self.width() - 2 * PADDING
        share = picture.buy_share
        line = QRect(PADDING, top, width, ROW)
        self._text(painter, self._strong, skin.up, f"Buy {picture.total_buy}", line)
        self._text(painter, self._strong, skin.down, f"Sell {picture.total_sell}", line, right=True)
        if share is not None:
            middle = QRect(PADDING, top, width, ROW)
            text = f"{share:.0%} : {1 - share:.0%}"
            middle.setLeft(round(PADDING + (width - self._plain.width(text)) / 2))
            self._text(painter, self._plain, skin.secondary, text, middle)
        bar = 0 if share is None else round(share * width)
        painter.fillRect(PADDING, top + 22, width, 6, skin.hairline if share is None else skin.down)
        painter.fillRect(PADDING, top + 22, bar, 6, skin.up)
        if share is not None:
            painter.fillRect(PADDING + bar - 1, top + 22, 2, 6, skin.panel)
        return top + 30

    def _paint_facts(self, painter: QPainter, picture: BookPicture, top: int) -> None:
        painter.fillRect(0, top - GAP // 2, self.width(), 1, self._skin.hairline)
        width = (self.width() - 2 * PADDING - 2 * GAP) // 2
        for number, (name, text) in enumerate(picture.facts):
            left = PADDING + (number % 2) * (width + 2 * GAP)
            box = QRect(left, top + number // 2 * ROW, width, ROW)
            self._text(painter, self._plain, self._skin.muted, name, box)
            self._text(painter, self._plain, self._ink, text, box, right=True)

    def _boxes(self, top: int, height: int) -> list[QRect]:
        """The six boxes of a level: orders, quantity, price | price, quantity, orders."""
        half = self.width() // 2
        shares = (0.24, 0.33, 0.43)
        widths = [round(half * share) for share in shares]
        boxes, left = [], 0
        for width in (*widths, *reversed(widths)):
            boxes.append(QRect(left, top, width - 5, height))
            left += width
        return boxes

    def _text(
        self, painter: QPainter, metrics: TextMetrics, ink: QColor, text: str, box: QRect, *, right: bool = False
    ) -> None:
        if not text:
            return
        x = box.right() + 1 - metrics.width(text) if right else float(box.left())
        painter.setFont(metrics.font)
        painter.setPen(ink)
        painter.drawText(QPointF(x, box.top() + metrics.baseline(box.height())), text)


_TITLES = ("Orders", "Bid qty", "Bid", "Ask", "Ask qty", "Orders")
