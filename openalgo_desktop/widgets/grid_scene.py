"""Paints the part of the market watch that Qt asks for: rows and cells, their paper, and what is around them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from openalgo_desktop.presentation.list_lines import RowKey
from openalgo_desktop.presentation.quote_board import QuoteBoard
from openalgo_desktop.presentation.quote_row import QuoteRow
from openalgo_desktop.presentation.section_row import Row, SectionRow
from openalgo_desktop.widgets.grid_places import GridPlaces
from openalgo_desktop.widgets.quote_painter import QuotePainter, RowPlace
from openalgo_desktop.widgets.section_painter import SectionPainter

EMPTY = "The list is empty.\nType a name, or press / to add an instrument."
NO_MATCH = "Nothing in this list matches the filter."


@dataclass(frozen=True, slots=True)
class Marks:
    """What of the rows is marked: the row under the mouse, the selected ones, the current one of a focused grid.

    `drop_line` is the row before which dragged rows would go. Positions are -1 for none.
    """

    selected: Collection[RowKey]
    hovered: int = -1
    focused: Row | None = None
    drop_line: int = -1


class GridScene:
    """Rows of a board at their places, painted by `painter`."""

    def __init__(self, board: QuoteBoard, places: GridPlaces, painter: QuotePainter) -> None:
        self._board = board
        self._places = places
        self._painter = painter
        self._sections = SectionPainter(painter)

    def paint(self, view: QWidget, event: QPaintEvent, marks: Marks) -> None:
        """Paint what `event` asks for."""
        places, board = self._places, self._board
        self._painter.prepare(places.geometry.row_height, view.devicePixelRatioF())
        painter = QPainter(view)
        area, region = event.rect(), event.region()
        first, last = places.rows_between(area.top(), area.bottom() + 1, len(board))
        for position in range(first, last):
            part = region.intersected(places.row_rect(position)).boundingRect()
            if not part.isEmpty():
                self._paint_row(painter, position, part, marks)
        self._paint_rest(painter, area, view.rect(), last)
        if marks.drop_line >= 0:
            top = places.row_top(marks.drop_line)
            painter.fillRect(0, max(top - 1, 0), view.width(), 2, self._painter.skin.accent)
        painter.end()

    def _paint_row(self, painter: QPainter, position: int, area: QRect, marks: Marks) -> None:
        geometry, row = self._places.geometry, self._board.rows[position]
        rect, offset = self._places.row_rect(position), self._places.offset_x
        if isinstance(row, SectionRow):
            self._sections.paint(painter, row, rect, self._title_paper(position, row, marks))
            if row is marks.focused:
                self._painter.paint_focus(painter, rect)
            return
        place = RowPlace(rect.top(), offset, self._paper(position, row, marks))
        columns = self._board.columns
        scrolled = self._cells(area, range(geometry.frozen, len(geometry.widths)))
        self._painter.paint_cells(painter, row, place, scrolled, columns, geometry)
        end = geometry.total_width - offset
        if area.right() >= end:
            painter.fillRect(end, rect.top(), rect.width(), rect.height(), place.paper)
        if area.left() < geometry.frozen_width:
            standing = self._cells(area, range(1, geometry.frozen))
            self._painter.paint_cells(painter, row, place, standing, columns, geometry)
            self._painter.paint_name(painter, row, place, geometry)
            if geometry.frozen > 1:
                skin = self._painter.skin
                painter.fillRect(geometry.frozen_width - 1, rect.top(), 1, rect.height(), skin.hairline)
        if row is marks.focused:
            self._painter.paint_focus(painter, rect)

    def _cells(self, area: QRect, numbers: Iterable[int]) -> list[int]:
        """Those of the columns `numbers` that touch `area`."""
        geometry, offset, cells = self._places.geometry, self._places.offset_x, []
        for number in numbers:
            left = geometry.column_left(number, offset)
            if left + geometry.widths[number] > area.left() and left <= area.right():
                cells.append(number)
        return cells

    def _paper(self, position: int, row: QuoteRow, marks: Marks) -> QColor:
        skin = self._painter.skin
        if row.key in marks.selected:
            return skin.selected
        if position == marks.hovered:
            return skin.hover
        return skin.row_alt if position % 2 else skin.panel

    def _title_paper(self, position: int, row: SectionRow, marks: Marks) -> QColor:
        skin = self._painter.skin
        if row.key in marks.selected:
            return skin.selected
        return skin.hover if position == marks.hovered else skin.app

    def _paint_rest(self, painter: QPainter, area: QRect, view: QRect, last: int) -> None:
        bottom, skin = self._places.row_top(last), self._painter.skin
        if area.bottom() >= bottom:
            painter.fillRect(0, bottom, view.width(), view.height() - bottom, skin.panel)
        if not self._board.rows:
            painter.setFont(self._painter.plain.font)
            painter.setPen(skin.muted)
            painter.drawText(view, int(Qt.AlignmentFlag.AlignCenter), NO_MATCH if self._board.row_keys else EMPTY)
