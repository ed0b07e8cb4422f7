"""Paints rows of the market watch: backgrounds, flashes, figures. Knows colours and fonts, formats nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect
from PySide6.QtGui import QColor, QPainter, QPen

from market.freshness import Freshness
from openalgo_desktop.presentation.columns import Align, Column, Ink, Visual
from openalgo_desktop.presentation.flash import FlashStyle
from openalgo_desktop.presentation.grid_geometry import GridGeometry
from openalgo_desktop.presentation.quote_row import QuoteRow
from openalgo_desktop.widgets import fonts
from openalgo_desktop.widgets.cell_visuals import PADDING as PADDING
from openalgo_desktop.widgets.cell_visuals import CellVisuals
from openalgo_desktop.widgets.mark_painter import CHIP, CHIP_GAP, paint_chip, paint_corner
from openalgo_desktop.widgets.scale import live, px
from openalgo_desktop.widgets.skin import Skin
from openalgo_desktop.widgets.text_metrics import TextMetrics
from openalgo_desktop.widgets.text_tiles import TextTiles

STALE_EDGE = 2
EXPIRES_TODAY = "last day"
SORT_MARK = live(13)
_WRITTEN = frozenset({Visual.NONE, Visual.CIRCUIT})
_GLYPHS = {1: "▲", -1: "▼"}


@dataclass(frozen=True, slots=True)
class RowPlace:
    """Where and how a row is painted."""

    top: int
    offset_x: int
    paper: QColor
    selected: bool = False
    focused: bool = False


class QuotePainter:
    """Paints cells into a `QPainter` whose clip the caller has set."""

    def __init__(self, skin: Skin) -> None:
        self.skin = skin
        self.visuals = CellVisuals(skin)
        self.flash_style = FlashStyle.BACKGROUND
        self._padding = px(6)
        self.plain = TextMetrics(fonts.font(fonts.GRID_PX))
        self.strong = TextMetrics(fonts.font(fonts.GRID_PX, strong=True))
        self.italic = TextMetrics(fonts.font(fonts.GRID_PX, italic=True))
        self.small = TextMetrics(fonts.font(fonts.AXIS_PX))
        self._tiles = {metrics: TextTiles(metrics) for metrics in (self.plain, self.strong, self.italic)}
        self._glyphs = TextTiles(TextMetrics(fonts.font(8)))

    def set_skin(self, skin: Skin) -> None:
        """Paint in other colours."""
        self.skin = skin
        self.visuals.set_skin(skin)

    def prepare(self, height: int, pixel_ratio: float) -> None:
        """Paint for rows of `height` on a screen of `pixel_ratio`; cheap if nothing changed."""
        self._padding = px(6)
        for tiles in (*self._tiles.values(), self._glyphs):
            tiles.prepare(height, pixel_ratio)

    def column_widths(self, columns: Iterable[Column]) -> list[int]:
        """The natural widths of `columns` from their samples and titles."""
        mark = SORT_MARK
        return [
            round(max(self.strong.width(column.sample), self.plain.width(column.title) + mark)) + 2 * PADDING
            for column in columns
        ]

    def paint_cells(
        self,
        painter: QPainter,
        row: QuoteRow,
        place: RowPlace,
        cells: Sequence[int],
        columns: tuple[Column, ...],
        geometry: GridGeometry,
    ) -> None:
        """Paint the scrolled cells (not the first column) of `row`."""
        if row.says and row.tick is None:
            self._paint_reason(painter, row, place, geometry)
            return
        if not cells:
            return
        skin, height = self.skin, geometry.row_height
        inks = {Ink.PRIMARY: skin.primary, Ink.SECONDARY: skin.secondary, Ink.DAY: skin.direction(row.direction)}
        begin = geometry.column_left(cells[0], place.offset_x)
        end = geometry.column_left(cells[-1], place.offset_x) + geometry.widths[cells[-1]]
        # One background for all: a fill costs nearly as much as a price.
        painter.fillRect(begin, place.top, end - begin, height, place.paper)
        for number in cells:
            left, width = geometry.column_left(number, place.offset_x), geometry.widths[number]
            step, column = row.flash_steps[number], columns[number]
            if step and self.flash_style is FlashStyle.BACKGROUND:
                painter.fillRect(left, place.top, width, height, skin.flash(row.flash_signs[number], step, place.paper))
            elif step and self.flash_style is FlashStyle.DOT:
                self._paint_dot(painter, left, place.top, row.flash_signs[number], height)
            self._paint_cell(painter, row, number, column, QRect(left, place.top, width, height), inks[column.ink])

    def _paint_cell(
        self, painter: QPainter, row: QuoteRow, number: int, column: Column, cell: QRect, ink: QColor
    ) -> None:
        if column.visual is not Visual.NONE:
            self.visuals.paint(painter, column.visual, row, cell)
        if column.chip:
            paint_chip(painter, row.style.flag, cell, self.small, self.skin)
        elif column.words:
            self._paint_words(painter, row.texts[number], cell, ink)
        elif column.visual in _WRITTEN:
            right = cell.left() + cell.width() - self._padding
            if column.align is not Align.RIGHT:
                right = self._end_of(row.texts[number], column, cell)
            self._paint_text(painter, row, number, column, right, cell.top(), ink)

    def _end_of(self, text: str, column: Column, cell: QRect) -> int:
        """Where `text` ends that stands at the left or in the middle of `cell`."""
        wide = self._glyphs.metrics.width("▲") + 3 if column.glyph else 0.0
        wide += (self.strong if column.strong else self.plain).width(text)
        if column.align is Align.LEFT:
            return round(cell.left() + self._padding + wide)
        return round(cell.left() + (cell.width() + wide) / 2)

    def _paint_text(
        self, painter: QPainter, row: QuoteRow, number: int, column: Column, right: int, top: int, ink: QColor
    ) -> None:
        metrics = self.strong if column.strong else self.plain
        if row.stale:
            metrics, ink = self.italic, self.skin.muted
        elif row.expired:
            ink = self.skin.muted
        elif row.flash_steps[number] and self.flash_style is FlashStyle.BACKGROUND:
            ink = self.skin.primary
        x, text, tiles = float(right), row.texts[number], self._tiles[metrics]
        if row.flash_steps[number] and self.flash_style is FlashStyle.DIGITS:
            changed = text[len(text) - row.flash_digits[number] :]
            text = text[: len(text) - len(changed)]
            x = tiles.draw(painter, x, top, changed, self.skin.direction(row.flash_signs[number]))
            ink = ink if column.ink is not Ink.DAY or row.stale else self.skin.primary
        x = tiles.draw(painter, x, top, text, ink)
        if column.glyph and row.direction:
            self._glyphs.draw(painter, x - px(3), top, _GLYPHS[row.direction], ink)

    def _paint_dot(self, painter: QPainter, left: int, top: int, sign: int, height: int) -> None:
        """A mark at the left of the cell: high for a rise, low for a fall."""
        middle = top + height // 2
        painter.fillRect(left + 3, middle - 6 if sign > 0 else middle + 1, 5, 5, self.skin.direction(sign))

    def _paint_words(self, painter: QPainter, text: str, cell: QRect, ink: QColor) -> None:
        painter.setFont(self.plain.font)
        painter.setPen(ink)
        shown = self.plain.elided(text, cell.width() - 2 * PADDING)
        painter.drawText(QPointF(cell.left() + PADDING, cell.top() + self.plain.baseline(cell.height())), shown)

    def _paint_reason(self, painter: QPainter, row: QuoteRow, place: RowPlace, geometry: GridGeometry) -> None:
        left = geometry.name_width
        width = max(geometry.total_width - left, 1)
        painter.fillRect(left, place.top, width, geometry.row_height, place.paper)
        painter.setFont(self.italic.font)
        painter.setPen(self.skin.muted)
        text = self.italic.elided(row.says, width - 2 * PADDING)
        painter.drawText(QPointF(left + PADDING, place.top + self.italic.baseline(geometry.row_height)), text)

    def paint_name(self, painter: QPainter, row: QuoteRow, place: RowPlace, geometry: GridGeometry) -> None:
        """Paint the first column: name, exchange, and the edge of a row that cannot be trusted."""
        width, height = geometry.name_width, geometry.row_height
        painter.fillRect(0, place.top, width, height, place.paper)
        self._paint_edge(painter, row.freshness, place.top, height)
        metrics = self.italic if row.stale else self.strong
        venue = row.expired if row.expired and row.tick is not None else row.venue
        chip_room = CHIP + CHIP_GAP if row.style.flag else 0
        badge_room = self.small.width(EXPIRES_TODAY) + px(6) if row.expires_today else 0.0
        room = width - 2 * PADDING - STALE_EDGE - self.small.width(venue) - px(8) - chip_room - badge_room
        name = metrics.elided(row.title, room)
        x = float(PADDING + STALE_EDGE)
        painter.setFont(metrics.font)
        painter.setPen(self.skin.muted if row.stale or row.expired else self.skin.primary)
        painter.drawText(QPointF(x, place.top + metrics.baseline(height)), name)
        painter.setFont(self.small.font)
        painter.setPen(self.skin.muted)
        x += metrics.width(name) + px(7)
        painter.drawText(QPointF(x, place.top + metrics.baseline(height)), venue)
        if row.expires_today:
            painter.setPen(self.skin.warn)
            x += self.small.width(venue) + px(6)
            painter.drawText(QPointF(x, place.top + metrics.baseline(height)), EXPIRES_TODAY)
        cell = QRect(0, place.top, width, height)
        if row.style.flag:
            paint_chip(painter, row.style.flag, cell, self.small, self.skin)
        if row.style.note:
            paint_corner(painter, cell, self.skin)

    def _paint_edge(self, painter: QPainter, freshness: Freshness, top: int, height: int) -> None:
        """Amber for a price that may be old, in dashes where the instrument alone is frozen; grey for late data."""
        if freshness is Freshness.STALE:
            painter.fillRect(0, top, STALE_EDGE, height, self.skin.warn)
        elif freshness is Freshness.FROZEN:
            for dash in range(top + 1, top + height - 3, 7):
                painter.fillRect(0, dash, STALE_EDGE, 4, self.skin.warn)
        elif freshness in (Freshness.DELAYED, Freshness.SNAPSHOT):
            painter.fillRect(0, top, STALE_EDGE, height, self.skin.control)

    def paint_focus(self, painter: QPainter, rect: QRect) -> None:
        """Paint the ring around the current row while the grid has the keyboard."""
        painter.setPen(QPen(self.skin.accent, 2))
        painter.drawRect(rect.adjusted(1, 1, -1, -1))
