"""Paints an order book: levels with bars and marks, totals, figures. Knows colours and fonts, formats nothing."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QColor, QPainter

from openalgo_desktop.presentation.book_facts import Band
from openalgo_desktop.presentation.book_layout import Half, Part
from openalgo_desktop.presentation.depth_book import BookPicture, Side
from openalgo_desktop.presentation.order_size import Mark
from openalgo_desktop.widgets import fonts
from openalgo_desktop.widgets.scale import live, px
from openalgo_desktop.widgets.skin import Skin
from openalgo_desktop.widgets.text_metrics import TextMetrics
from openalgo_desktop.widgets.text_tiles import TextTiles

ROW = live(18)
COLUMNS = live(22)
PADDING = live(8)
CELL = live(5)
TOTALS = live(30)
METER = live(14)
_MOST_MEASURED = 5_000
_GAP = live(8)
_TITLES = {
    Part.AVERAGE: ("Avg order", "Avg order"),
    Part.ORDERS: ("Orders", "Orders"),
    Part.QUANTITY: ("Bid qty", "Ask qty"),
    Part.SHORT: ("Qty", "Qty"),
    Part.PRICE: ("Bid", "Ask"),
}


class DepthPainter:
    """Paints into a `QPainter` whose clip the caller has set."""

    def __init__(self, skin: Skin) -> None:
        self.plain = TextMetrics(fonts.font(fonts.LADDER_PX))
        self.strong = TextMetrics(fonts.font(fonts.LADDER_PX, strong=True))
        self._tiles = {False: TextTiles(self.plain), True: TextTiles(self.strong)}
        self._measured: dict[str, float] = {}
        self.set_skin(skin)
        self._ink = skin.primary
        self._orders = skin.secondary

    def set_skin(self, skin: Skin) -> None:
        """Use other colours."""
        self.skin = skin
        self._measured.clear()
        # Plain numbers for the loops over levels: a live one costs as much as a text.
        self._row, self._cell_gap = px(18), px(5)

    def prepare(self, pixel_ratio: float, *, stale: bool) -> None:
        """Paint on a screen of `pixel_ratio`, all in muted ink if `stale`."""
        for tiles in self._tiles.values():
            tiles.prepare(self._row, pixel_ratio)
        self._ink = self.skin.muted if stale else self.skin.primary
        self._orders = self.skin.muted if stale else self.skin.secondary

    # How much room things take

    def natural_widths(self, picture: BookPicture | None) -> dict[Part, int]:
        """The room that each column needs for its title and its widest text."""
        widths = {part: max(self.plain.width(title) for title in titles) for part, titles in _TITLES.items()}
        for pair in picture.rows if picture is not None else ():
            for side in pair:
                for part, text in zip(_TEXTS, side[:5], strict=True):
                    width = self._width(text)
                    if width > widths[part]:
                        widths[part] = width
        return {part: round(width) + 2 * int(CELL) for part, width in widths.items()}

    def _width(self, text: str) -> float:
        """The width of a text of the book; nearly all of them have been measured in an earlier frame."""
        found = self._measured.get(text)
        if found is None:
            if len(self._measured) >= _MOST_MEASURED:
                self._measured.clear()
            found = self._measured[text] = self.strong.width(text)
        return found

    def fact_width(self, picture: BookPicture) -> int:
        """The width that two columns of figures need."""
        pairs = [*picture.facts, *(() if picture.band is None else _band_pairs(picture.band))]
        widest = max((self.plain.width(name) + self.plain.width(text) for name, text in pairs), default=0.0)
        return 2 * (round(widest) + 2 * _GAP) + PADDING

    def height_below(self, facts: int, columns: int, *, has_band: bool) -> int:
        """The height of totals and figures."""
        band = 4 // columns * ROW + METER if has_band else 0
        return TOTALS + _GAP + -(-facts // columns) * ROW + band + _GAP

    def boxes(self, half: Half, width: int) -> list[tuple[Part, int, int]]:
        """(column, left, width) of both sides from left to right; the price is in the middle."""
        boxes, left = [], 0
        for part, room in half:
            boxes.append((part, left, room))
            left += room
        left = width - sum(room for _, room in half)
        for part, room in reversed(half):
            boxes.append((part, left, room))
            left += room
        return boxes

    # Levels

    def titles(self, painter: QPainter, half: Half, width: int) -> None:
        """Paint the titles of the columns."""
        painter.fillRect(0, 0, width, COLUMNS, self.skin.app)
        for number, (part, left, room) in enumerate(self.boxes(half, width)):
            box = QRect(left, 0, room - CELL, COLUMNS)
            self.text(painter, self.plain, self.skin.muted, _TITLES[part][number >= len(half)], box, right=True)

    def levels(
        self,
        painter: QPainter,
        half: Half,
        width: int,
        rows: Sequence[tuple[Side, Side]],
        *,
        first: int,
        pointed: tuple[int, int],
    ) -> None:
        """Paint `rows`, the first of which is the level number `first`; those up to the `pointed` one are lit."""
        boxes, middle = self.boxes(half, width), width // 2
        for number, pair in enumerate(rows):
            top, level = COLUMNS + number * self._row, first + number
            for side, shown in enumerate(pair):
                if side == pointed[0] and level <= pointed[1]:
                    left = middle + 1 if side else 0
                    painter.fillRect(left, top, middle, self._row, self.skin.hover)
                if shown.quantity:
                    self._bar(painter, shown, side, top, middle)
                    cells = boxes[len(half) :] if side else boxes[: len(half)]
                    self._level(painter, shown, cells, top, best=level == 0)
                    if shown.mark is not Mark.NONE:
                        paint_mark(painter, self.skin, shown.mark, width - 4 if side else 1, top)
        painter.fillRect(middle, COLUMNS, 1, len(rows) * self._row, self.skin.hairline)

    def _bar(self, painter: QPainter, shown: Side, side: int, top: int, middle: int) -> None:
        length = round(shown.bar * (middle - 2))
        if not length:
            return
        skin = self.skin
        paper, edge = (skin.sell_bar, skin.sell_edge) if side else (skin.buy_bar, skin.buy_edge)
        left = middle + 1 if side else middle - length
        if not shown.young:
            painter.fillRect(left, top + 1, length, self._row - 2, paper)
        painter.fillRect(middle + length if side else left, top + 1, 1, self._row - 2, edge)

    def _level(
        self, painter: QPainter, shown: Side, cells: Sequence[tuple[Part, int, int]], top: int, *, best: bool
    ) -> None:
        tiles = self._tiles[best]
        for part, left, room in cells:
            text = getattr(shown, part)
            if text:
                ink = self._ink if part in _MAIN else self._orders
                tiles.draw(painter, left + room - self._cell_gap, top, text, self.skin.disabled if shown.young else ink)

    def thumb(self, painter: QPainter, width: int, rows: int, first: int, count: int) -> None:
        """Paint where in the book the visible levels are."""
        height = rows * ROW
        length = max(height * rows // count, ROW)
        top = COLUMNS + (height - length) * first // max(count - rows, 1)
        painter.fillRect(width - 2, top, 2, length, self.skin.control)

    def note(self, painter: QPainter, note: str, width: int, bottom: int) -> None:
        """Paint a sentence in place of the levels."""
        area = QRect(PADDING, COLUMNS, width - 2 * PADDING, bottom - COLUMNS)
        painter.fillRect(0, COLUMNS, width, bottom - COLUMNS, self.skin.panel)
        painter.setFont(self.plain.font)
        painter.setPen(self.skin.muted)
        painter.drawText(area, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), note)

    # Figures

    def totals(self, painter: QPainter, picture: BookPicture, width: int, top: int, *, hint: str) -> int:
        """Paint the totals, or `hint` in their place, and their ratio as a bar; returns where the rest begins."""
        skin, room = self.skin, width - 2 * PADDING
        share = picture.buy_share
        line = QRect(PADDING, top, room, ROW)
        if hint:
            self.text(painter, self.plain, self._ink, self.plain.elided(hint, room), line)
        else:
            self._totals_line(painter, picture, line)
        at, thick = top + px(21), px(6)
        painter.fillRect(PADDING, at, room, thick, skin.hairline if share is None else skin.down)
        if share is not None:
            bar = round(share * room)
            painter.fillRect(PADDING, at, bar, thick, skin.up)
            painter.fillRect(PADDING + bar - 1, at, 2, thick, skin.panel)
        return top + TOTALS + _GAP

    def _totals_line(self, painter: QPainter, picture: BookPicture, line: QRect) -> None:
        skin, share = self.skin, picture.buy_share
        buy, sell = f"Buy {picture.total_buy}", f"Sell {picture.total_sell}"
        self.text(painter, self.strong, skin.up, buy, line)
        self.text(painter, self.strong, skin.down, sell, line, right=True)
        if share is None:
            return
        text = f"{share:.0%} : {1 - share:.0%}"
        left = line.left() + (line.width() - self.plain.width(text)) / 2
        free = left - line.left() - self.strong.width(buy), line.right() - left - self.plain.width(text)
        if min(free[0], free[1] - self.strong.width(sell)) >= _GAP:
            middle = QRect(round(left), line.top(), line.width(), line.height())
            self.text(painter, self.plain, skin.secondary, text, middle)

    def facts(self, painter: QPainter, picture: BookPicture, width: int, top: int, *, columns: int) -> None:
        """Paint the figures in one or two columns, then the circuits with a meter."""
        painter.fillRect(0, top - _GAP // 2, width, 1, self.skin.hairline)
        top = self._pairs(painter, picture.facts, width, top, columns)
        if picture.band is not None:
            top = self._pairs(painter, _band_pairs(picture.band), width, top, columns)
            self._meter(painter, picture.band, width, top)

    def _pairs(self, painter: QPainter, pairs: Sequence[tuple[str, str]], width: int, top: int, columns: int) -> int:
        room = (width - 2 * PADDING - (columns - 1) * 2 * _GAP) // columns
        for number, (name, text) in enumerate(pairs):
            left = PADDING + number % columns * (room + 2 * _GAP)
            box = QRect(left, top + number // columns * ROW, room, ROW)
            self.text(painter, self.plain, self.skin.muted, name, box)
            self.text(painter, self.plain, self._ink, text, box, right=True)
        return top + -(-len(pairs) // columns) * ROW

    def _meter(self, painter: QPainter, band: Band, width: int, top: int) -> None:
        """Paint the way from circuit to circuit, and where on it the last price is. No colour: near is neither good."""
        skin, room = self.skin, width - 2 * PADDING
        painter.fillRect(PADDING, top + 5, room, 1, skin.control)
        for wall in (PADDING, PADDING + room - 2):
            painter.fillRect(wall, top + 1, 2, 9, skin.control)
        painter.fillRect(PADDING + round((room - 4) * band.position), top + 1, 4, 9, self._ink)

    def text(
        self, painter: QPainter, metrics: TextMetrics, ink: QColor, text: str, box: QRect, *, right: bool = False
    ) -> None:
        """Paint one line into `box`."""
        if not text:
            return
        x = box.right() + 1 - metrics.width(text) if right else float(box.left())
        painter.setFont(metrics.font)
        painter.setPen(ink)
        painter.drawText(QPointF(x, box.top() + metrics.baseline(box.height())), text)


def paint_mark(painter: QPainter, skin: Skin, mark: Mark, left: int, top: int) -> None:
    """One block for one large order, three dots for a crowd of small ones: a shape, not a colour alone."""
    if mark is Mark.SINGLE:
        painter.fillRect(left, top + 3, 3, ROW - 6, skin.accent)
        return
    for number in range(3):
        painter.fillRect(left, top + 3 + number * 5, 3, 2, skin.accent)


# The fields of a side that are texts, in their order.
_TEXTS = tuple(Part(name) for name in Side._fields[:5])
_MAIN = (Part.QUANTITY, Part.SHORT, Part.PRICE)


def _band_pairs(band: Band) -> tuple[tuple[str, str], ...]:
    return (
        ("Lower circuit", band.lower),
        ("Upper circuit", band.upper),
        ("to lower", band.to_lower),
        ("to upper", band.to_upper),
    )
