"""Where rows and cells of the market watch are in its viewport, for the scroll bars as they stand."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from PySide6.QtCore import QRect
from PySide6.QtWidgets import QAbstractScrollArea

from openalgo_desktop.presentation.grid_geometry import GridGeometry, fitted
from openalgo_desktop.widgets.density import Density

SIDE_STEP = 24


class GridPlaces:
    """Turns rows and columns into rectangles of the viewport of `area`, and keeps its scroll ranges."""

    def __init__(self, area: QAbstractScrollArea) -> None:
        self._area = area
        self.geometry = GridGeometry((), Density.STANDARD)

    @property
    def offset_x(self) -> int:
        """How far the columns are scrolled, in logical pixels."""
        return self._area.horizontalScrollBar().value()

    @property
    def offset_y(self) -> int:
        """How far the rows are scrolled, in logical pixels."""
        return self._area.verticalScrollBar().value()

    def fit(
        self, widths: Sequence[int], *, row_height: int, count: int, chosen: Mapping[int, int], frozen: int = 1
    ) -> None:
        """Lay out columns of natural `widths` (`chosen`: position to the user's) and `count` rows."""
        view = self._area.viewport()
        self.geometry = fitted(widths, view.width(), row_height=row_height, chosen=chosen, frozen=frozen)
        vertical, horizontal = self._area.verticalScrollBar(), self._area.horizontalScrollBar()
        vertical.setRange(0, max(count * row_height - view.height(), 0))
        vertical.setPageStep(max(view.height(), 1))
        vertical.setSingleStep(row_height)
        horizontal.setRange(0, max(self.geometry.total_width - view.width(), 0))
        horizontal.setPageStep(max(view.width(), 1))
        horizontal.setSingleStep(SIDE_STEP)

    def visible_rows(self, count: int) -> tuple[int, int]:
        """The rows in view, of `count`: first, and last exclusive."""
        return self.rows_between(0, self._area.viewport().height(), count)

    def rows_between(self, top: int, bottom: int, count: int) -> tuple[int, int]:
        """The rows that touch the band from `top` to `bottom`, of `count`: first, and last exclusive."""
        return self.geometry.rows_between(top, bottom, self.offset_y, count)

    def row_at(self, y: int, count: int) -> int:
        """The position of the row at `y`, or -1."""
        position = (y + self.offset_y) // self.geometry.row_height
        return position if 0 <= position < count else -1

    def row_top(self, position: int) -> int:
        """The top edge of a row."""
        return self.geometry.row_top(position, self.offset_y)

    def row_rect(self, position: int) -> QRect:
        """The whole of a row, as wide as the viewport."""
        return QRect(0, self.row_top(position), self._area.viewport().width(), self.geometry.row_height)

    def cells_rect(self, position: int, cells: Collection[int]) -> QRect:
        """The part of a row from the first to the last of `cells`, less what frozen columns cover."""
        rect, geometry, offset = self.row_rect(position), self.geometry, self.offset_x
        first, last = min(cells), max(cells)
        if first >= geometry.frozen:
            rect.setLeft(max(geometry.column_left(first, offset), geometry.frozen_width))
        elif first > 0:
            rect.setLeft(geometry.column_left(first, offset))
        if last < len(geometry.widths) - 1:
            right = geometry.column_left(last, offset) + geometry.widths[last]
            # What is scrolled may end left of frozen cells that changed too.
            rect.setRight((right if first >= geometry.frozen else max(right, geometry.frozen_width)) - 1)
        return rect

    def reveal(self, position: int) -> None:
        """Scroll until the row is in view."""
        bar, height, view = self._area.verticalScrollBar(), self.geometry.row_height, self._area.viewport()
        top = position * height
        if top < bar.value():
            bar.setValue(top)
        elif top + height > bar.value() + view.height():
            bar.setValue(top + height - view.height())
