"""What the market watch says of its rows, for screen readers and for the key that reads the current row."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QWidget

from openalgo_desktop.presentation import row_texts
from openalgo_desktop.presentation.quote_board import QuoteBoard
from openalgo_desktop.presentation.quote_row import QuoteRow, value_of
from openalgo_desktop.presentation.row_selection import RowSelection
from openalgo_desktop.widgets.grid_places import GridPlaces


class ShownRows(Protocol):
    """The grid as far as it is spoken of."""

    board: QuoteBoard
    places: GridPlaces
    selection: RowSelection

    @property
    def current_position(self) -> int: ...

    def viewport(self) -> QWidget: ...


class GridSpeech:
    """Reads the rows of a grid as they are now."""

    def __init__(self, grid: ShownRows) -> None:
        self._grid = grid

    def count(self) -> int:
        """How many rows there are."""
        return len(self._grid.board.rows)

    def sentence(self, position: int) -> str:
        """Name, price, change and state of a row."""
        return row_texts.spoken(self._grid.board.rows[position])

    def current(self) -> str:
        """The sentence of the current row, or that there is none."""
        position = self._grid.current_position
        return self.sentence(position) if 0 <= position < self.count() else "No row is selected"

    def cells(self, position: int) -> list[str]:
        """Title and value of each cell; the title of a section has none."""
        row = self._grid.board.rows[position]
        if not isinstance(row, QuoteRow):
            return []
        return [
            row.title if not number else f"{column.title} {column.text(value_of(column, row), row.style)}"
            for number, column in enumerate(self._grid.board.columns)
        ]

    def rect(self, position: int) -> QRect:
        """Where a row is on the screen; empty where it is out of view."""
        view = self._grid.viewport()
        shown = self._grid.places.row_rect(position).intersected(view.rect())
        return QRect(view.mapToGlobal(QPoint(shown.x(), shown.y())), shown.size()) if not shown.isEmpty() else QRect()

    def state(self, position: int) -> tuple[bool, bool]:
        """Whether a row is the current one, and whether it is selected."""
        row = self._grid.board.rows[position]
        return position == self._grid.current_position, row.key in self._grid.selection.keys
