"""Paints a price ladder: rows of prices with bars towards them, circuits as walls. Formats nothing."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QBrush, QColor, QPainter

from openalgo_desktop.presentation.ladder_layout import Columns, Part
from openalgo_desktop.presentation.ladder_scene import NO_CELL, Cell, LadderScene, Line
from openalgo_desktop.presentation.order_size import Mark
from openalgo_desktop.widgets import fonts
from openalgo_desktop.widgets.depth_painter import paint_mark
from openalgo_desktop.widgets.scale import live, px
from openalgo_desktop.widgets.skin import Skin
from openalgo_desktop.widgets.text_metrics import TextMetrics
from openalgo_desktop.widgets.text_tiles import TextTiles

ROW = live(18)
FOOT = live(22)
CELL = live(5)
WALL = 3
_HEAD, _SECOND_LINE = live(22), live(12)
_MOST_MEASURED = 5_000
_TITLES = {
    Part.CUMULATIVE: ("Cumul.", "Cumul."),
    Part.CHANGE: ("Δ 5 s", "Δ 5 s"),
    Part.AVERAGE: ("Avg order", "Avg order"),
    Part.TRADED: ("Sold", "Bought"),
    Part.ORDERS: ("Orders", "Orders"),
    Part.QUANTITY: ("Bid qty", "Ask qty"),
    Part.SHORT: ("Bid", "Ask"),
}
_INFERRED = "inferred"
# The fields of a cell that are texts, in their order.
_TEXTS = tuple(Part(name) for name in Cell._fields[:7])

Marked = tuple[int | None, int | None]
"""The row under the mouse and the selected one."""


class LadderPainter:
    """Paints into a `QPainter` whose clip the caller has set."""

    def __init__(self, skin: Skin) -> None:
        self.plain = TextMetrics(fonts.font(fonts.LADDER_PX))
        self.strong = TextMetrics(fonts.font(fonts.LADDER_PX, strong=True))
        self._tiles = {False: TextTiles(self.plain), True: TextTiles(self.strong)}
        self._measured: dict[str, float] = {}
        self.set_skin(skin)

    def set_skin(self, skin: Skin) -> None:
        """Use other colours."""
        self.skin = skin
        self._hatch = QBrush(skin.control, Qt.BrushStyle.BDiagPattern)
        self._ink, self._orders = skin.primary, skin.secondary
        self._measured.clear()
        # Plain numbers for the loops over rows: a live one costs as much as a text.
        self._row, self._cell_gap = px(18), px(5)

    def prepare(self, pixel_ratio: float, *, stale: bool) -> None:
        """Paint on a screen of `pixel_ratio`, all in muted ink if `stale`."""
        for tiles in self._tiles.values():
            tiles.prepare(self._row, pixel_ratio)
        self._ink = self.skin.muted if stale else self.skin.primary
        self._orders = self.skin.muted if stale else self.skin.secondary

    # How much room things take

    def natural_widths(self, lines: Sequence[Line]) -> dict[Part, int]:
        """The room that each column needs for its title and its widest text."""
        widths = {part: max(self.plain.width(title) for title in titles) for part, titles in _TITLES.items()}
        widths[Part.TRADED] = max(widths[Part.TRADED], self.plain.width(_INFERRED))
        measured = self._width
        for line in lines:
            for cell in (line.bid, line.ask):
                if cell is NO_CELL:
                    continue
                for part, text in zip(_TEXTS, cell[:7], strict=True):
                    if text:
                        width = measured(text)
                        if width > widths[part]:
                            widths[part] = width
        return {part: round(width) + 2 * int(CELL) for part, width in widths.items()}

    def price_width(self, lines: Sequence[Line]) -> int:
        """The room that the prices need."""
        return round(max((self._width(line.price) for line in lines), default=40.0)) + 4 * CELL

    def head_height(self, parts: Sequence[Part]) -> int:
        """Two lines where something in the columns is inferred, for that is said."""
        return int(_HEAD) + (int(_SECOND_LINE) if Part.TRADED in parts else 0)

    def _width(self, text: str) -> float:
        found = self._measured.get(text)
        if found is None:
            if len(self._measured) >= _MOST_MEASURED:
                self._measured.clear()
            found = self._measured[text] = self.strong.width(text)
        return found

    # What is painted

    def head(self, painter: QPainter, columns: Columns, width: int, price_width: int, height: int) -> None:
        """Paint the titles of the columns."""
        painter.fillRect(0, 0, width, height, self.skin.app)
        painter.setFont(self.plain.font)
        painter.setPen(self.skin.muted)
        baseline = self.plain.baseline(int(_HEAD)) + (height - _HEAD)
        middle = width // 2
        painter.drawText(QPointF(middle - self.plain.width("Price") / 2, baseline), "Price")
        for side in (0, 1):
            for part, left, room in _boxes(columns, width, price_width, side):
                title = _TITLES[part][side]
                painter.drawText(QPointF(left + room - CELL - self.plain.width(title), baseline), title)
                if part is Part.TRADED:
                    x = left + room - CELL - self.plain.width(_INFERRED)
                    painter.drawText(QPointF(x, baseline - _SECOND_LINE), _INFERRED)

    def rows(
        self,
        painter: QPainter,
        scene: LadderScene,
        lines: Sequence[Line],
        columns: Columns,
        price_width: int,
        first: QRect,
        marked: Marked,
    ) -> None:
        """Paint `lines`, the first of which has the box `first`."""
        boxes = [_boxes(columns, first.width(), price_width, side) for side in (0, 1)]
        price = QRect((first.width() - price_width) // 2, first.top(), price_width, self._row)
        best = scene.best
        box = QRect(first)
        for line in lines:
            self._paper(painter, scene, line, box, price, marked)
            for side, cell in enumerate((line.bid, line.ask)):
                if cell.quantity or cell.traded or cell.change:
                    self._cell(painter, cell, boxes[side], box.top(), side, best=line.row == best[side])
                if cell.mark is not Mark.NONE:
                    paint_mark(painter, self.skin, cell.mark, box.right() - 3 if side else 1, box.top())
            self._price(painter, scene, line, price)
            self._walls(painter, scene, line.row, box)
            box.translate(0, self._row)
            price.translate(0, self._row)

    def _paper(
        self, painter: QPainter, scene: LadderScene, line: Line, box: QRect, price: QRect, marked: Marked
    ) -> None:
        skin, row = self.skin, line.row
        if line.beyond:
            painter.fillRect(box, self._hatch)
        if row == marked[1]:
            painter.fillRect(box, skin.selected)
        elif row == marked[0] or _is_between(row, marked[0], scene):
            painter.fillRect(box, skin.hover)
        bid, ask = scene.best
        paper = skin.buy_bar if row == bid else skin.sell_bar if row == ask else skin.app
        painter.fillRect(price, paper)

    def _cell(
        self,
        painter: QPainter,
        cell: Cell,
        boxes: Sequence[tuple[Part, int, int]],
        top: int,
        side: int,
        *,
        best: bool,
    ) -> None:
        skin, tiles = self.skin, self._tiles[best]
        _part, left, room = boxes[0]
        length = round(cell.bar * (room - 1))
        if length:
            # From the outside towards the price, which all bars therefore point at.
            start = left + room - length if side else left
            if not cell.young:
                painter.fillRect(start, top + 1, length, self._row - 2, skin.sell_bar if side else skin.buy_bar)
            end = start if side else start + length - 1
            painter.fillRect(end, top + 1, 1, self._row - 2, skin.sell_edge if side else skin.buy_edge)
        for part, left, room in boxes:
            text = getattr(cell, part)
            if text:
                tiles.draw(painter, left + room - self._cell_gap, top, text, self._ink_of(part, cell))

    def _ink_of(self, part: Part, cell: Cell) -> QColor:
        if cell.young and part in (Part.QUANTITY, Part.SHORT, Part.ORDERS):
            return self.skin.disabled
        if part is Part.CHANGE and self._ink is not self.skin.muted:
            return self.skin.direction(cell.change_sign)
        return self._ink if part in (Part.QUANTITY, Part.SHORT) else self._orders

    def _price(self, painter: QPainter, scene: LadderScene, line: Line, box: QRect) -> None:
        is_last = line.row == scene.last_row
        is_best = line.row in scene.best
        width = self._width(line.price) if is_last or is_best else self.plain.width(line.price)
        ink = self.skin.muted if line.beyond else self._ink
        self._tiles[is_last or is_best].draw(painter, box.center().x() + width / 2, box.top(), line.price, ink)
        if is_last:
            # A frame and a mark: the last price is found without colours.
            painter.setPen(self.skin.accent)
            painter.drawRect(box.adjusted(0, 0, -1, -1))

    def _walls(self, painter: QPainter, scene: LadderScene, row: int, box: QRect) -> None:
        lower, upper = scene.walls
        if row == upper:
            painter.fillRect(0, box.top(), box.width(), WALL, self.skin.warn)
        if row == lower:
            painter.fillRect(0, box.bottom() + 1 - WALL, box.width(), WALL, self.skin.warn)
        text = "Upper circuit" if row - 1 == upper else "Lower circuit" if row + 1 == lower else ""
        if text:
            painter.fillRect(
                0, box.top(), round(self.plain.width(text)) + 2 * self._cell_gap, self._row, self.skin.panel
            )
            painter.setFont(self.plain.font)
            painter.setPen(self.skin.warn)
            painter.drawText(QPointF(self._cell_gap, box.top() + self.plain.baseline(self._row)), text)

    def note(self, painter: QPainter, note: str, body: QRect) -> None:
        """Paint a sentence in place of the rows."""
        painter.setFont(self.plain.font)
        painter.setPen(self.skin.muted)
        area = body.adjusted(2 * CELL, 0, -2 * CELL, 0)
        painter.drawText(area, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), note)

    def foot(self, painter: QPainter, text: str, box: QRect) -> None:
        """Paint the line at the bottom."""
        painter.fillRect(box, self.skin.app)
        painter.setFont(self.plain.font)
        painter.setPen(self._orders)
        text = self.plain.elided(text, box.width() - 4 * CELL)
        painter.drawText(QPointF(2 * CELL, box.top() + self.plain.baseline(box.height())), text)


def _boxes(columns: Columns, width: int, price_width: int, side: int) -> list[tuple[Part, int, int]]:
    """(column, left, width) of one side from the price outwards."""
    boxes = []
    edge = (width - price_width) // 2 + (price_width if side else 0)
    for part, room in columns:
        left = edge if side else edge - room
        boxes.append((part, left, room))
        edge += room if side else -room
    return boxes


def _is_between(row: int, pointed: int | None, scene: LadderScene) -> bool:
    """Whether an order that reaches to the row under the mouse would pass `row`."""
    if pointed is None or scene.inside is None:
        return False
    if pointed >= scene.inside.ask:
        return scene.inside.ask <= row <= pointed
    return pointed <= row <= scene.inside.bid
