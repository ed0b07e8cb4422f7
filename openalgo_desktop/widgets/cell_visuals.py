"""Paints the cells that are pictures. Each takes a few microseconds: rectangles, and one line that is kept."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRect
from PySide6.QtGui import QPainter, QPen, QPolygonF

from market.instruments import InstrumentKey
from market.ticks import Tick
from openalgo_desktop.presentation.column_catalogue import range_position, share_of_range
from openalgo_desktop.presentation.columns import Visual
from openalgo_desktop.presentation.quote_row import QuoteRow
from openalgo_desktop.presentation.row_history import POINTS, RowHistory
from openalgo_desktop.presentation.visual_columns import pressure, to_lower, to_upper
from openalgo_desktop.widgets.scale import live, px
from openalgo_desktop.widgets.skin import Skin

PADDING = live(6)
_MOST_LINES = 2_000


class CellVisuals:
    """Paints pictures of rows into a `QPainter`."""

    def __init__(self, skin: Skin) -> None:
        self._paint = {
            Visual.RANGE: self._paint_range,
            Visual.SPARK: self._paint_spark,
            Visual.TRAIL: self._paint_trail,
            Visual.PRESSURE: self._paint_pressure,
            Visual.CIRCUIT: self._paint_circuit,
        }
        # The line of a row holds until its next point.
        self._lines: dict[InstrumentKey, tuple[RowHistory, tuple[int, int, int], QPolygonF, int]] = {}
        self.set_skin(skin)

    def set_skin(self, skin: Skin) -> None:
        """Paint in other colours."""
        self._skin = skin
        self._pens = {sign: QPen(colour, 1.0) for sign, colour in ((1, skin.up), (-1, skin.down), (0, skin.secondary))}
        self._muted_pen = QPen(skin.muted, 1.0)

    def paint(self, painter: QPainter, visual: Visual, row: QuoteRow, cell: QRect) -> None:
        """Paint the picture `visual` of `row` into `cell`."""
        padding = px(6)
        inside = QRect(cell.left() + padding, cell.top(), cell.width() - 2 * padding, cell.height())
        self._paint[visual](painter, row, inside)

    def _paint_range(self, painter: QPainter, row: QuoteRow, cell: QRect) -> None:
        """Low to high as a line, the open as a tick, the last price as a mark in the day's colour."""
        tick = row.tick
        position = None if tick is None else range_position(tick)
        if tick is None or position is None:
            return
        left, room, middle = cell.left(), cell.width(), cell.center().y()
        painter.fillRect(left, middle - 1, room, 3, self._skin.hairline)
        opened = share_of_range(tick, tick.open)
        if opened is not None:
            painter.fillRect(left + round((room - 1) * opened / 100), middle - 4, 1, 9, self._skin.control)
        ink = self._skin.muted if row.stale or row.expired else self._skin.direction(row.direction)
        painter.fillRect(left + round((room - 4) * position / 100), middle - 4, 4, 9, ink)

    def _paint_spark(self, painter: QPainter, row: QuoteRow, cell: QRect) -> None:
        """Five minutes as a line over the whole width: what is not known yet is left empty."""
        line, sign = self._line_of(row, cell)
        if line.size() < 2:
            return
        painter.setPen(self._muted_pen if row.stale or row.expired else self._pens[sign])
        painter.translate(cell.left(), cell.top())
        painter.drawPolyline(line)
        painter.translate(-cell.left(), -cell.top())

    def _line_of(self, row: QuoteRow, cell: QRect) -> tuple[QPolygonF, int]:
        """The line of a row in a cell of that size, and whether it rises; made anew with each point."""
        history = row.history
        size = (history.points, cell.width(), cell.height())
        kept = self._lines.get(row.key)
        if kept is not None and kept[0] is history and kept[1] == size:
            return kept[2:]
        if len(self._lines) >= _MOST_LINES:
            self._lines.clear()
        prices = history.line
        change = prices[-1] - prices[0] if prices else 0.0
        line, sign = _polygon(prices, cell.width() - 1, cell.height() - 9), (change > 0) - (change < 0)
        self._lines[row.key] = (history, size, line, sign)
        return line, sign

    def _paint_trail(self, painter: QPainter, row: QuoteRow, cell: QRect) -> None:
        """Ten steps, oldest left: above the middle up, below it down, so that colour alone says nothing."""
        bits = row.history.trail_bits
        if not bits:
            return
        skin = self._skin
        up, down = (skin.muted, skin.muted) if row.stale or row.expired else (skin.up, skin.down)
        step = max(cell.width() // 10, 3)
        x, middle = cell.right() - step + 2, cell.center().y()
        painter.fillRect(x - 9 * step, middle, 10 * step - 1, 1, skin.hairline)
        while bits:
            if bits & 3 == 1:
                painter.fillRect(x, middle - 6, step - 1, 6, up)
            else:
                painter.fillRect(x, middle + 1, step - 1, 6, down)
            bits >>= 2
            x -= step

    def _paint_pressure(self, painter: QPainter, row: QuoteRow, cell: QRect) -> None:
        """Buyers from the left, sellers from the right, a tick where both would be even."""
        tick = row.tick
        share = None if tick is None else pressure(tick)
        if share is None:
            return
        skin = self._skin
        left, room, middle = cell.left(), cell.width(), cell.center().y()
        buyers = round((room - 1) * share / 100)
        buy, sell = (skin.hairline, skin.control) if row.stale or row.expired else (skin.buy_edge, skin.sell_edge)
        painter.fillRect(left, middle - 3, buyers, 7, buy)
        painter.fillRect(left + buyers + 1, middle - 3, room - buyers - 1, 7, sell)
        painter.fillRect(left + room // 2, middle - 5, 1, 11, skin.control)

    def _paint_circuit(self, painter: QPainter, row: QuoteRow, cell: QRect) -> None:
        """A band from the lower to the upper circuit below the text; its mark turns amber within one percent."""
        tick = row.tick
        position = None if tick is None else _band_position(tick)
        if position is None:
            return
        share, nearest = position
        skin = self._skin
        left, room, bottom = cell.left(), cell.width(), cell.bottom() - 2
        painter.fillRect(left, bottom, room, 1, skin.hairline)
        ink = skin.warn if nearest < 1.0 else skin.secondary
        painter.fillRect(left + round((room - 4) * share), bottom - 1, 4, 3, ink)


def _polygon(prices: Sequence[float], room: int, tall: int) -> QPolygonF:
    """The line through `prices`, the last one at the right edge; a price that never moved is a line in the middle."""
    low, high = min(prices, default=0.0), max(prices, default=0.0)
    across, up = room / POINTS, tall / (high - low) if high > low else 0.0
    first, top = POINTS + 1 - len(prices), 4.0 if high > low else 4.0 + tall / 2
    return QPolygonF([QPointF((first + at) * across, top + (high - price) * up) for at, price in enumerate(prices)])


def _band_position(tick: Tick) -> tuple[float, float] | None:
    """Where the price stands between the circuits (0 to 1), and how far the nearer one is in percent."""
    lower, upper = to_lower(tick), to_upper(tick)
    if lower is None or upper is None or lower + upper <= 0:
        return None
    return min(max(lower / (lower + upper), 0.0), 1.0), min(lower, upper)
