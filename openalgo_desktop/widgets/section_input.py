"""What keys and mouse do on the titles of sections: fold, go to the title, rename, remove, move with all rows."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QPoint, Qt, SignalInstance
from PySide6.QtGui import QKeyEvent

from openalgo_desktop.presentation.quote_board import QuoteBoard
from openalgo_desktop.presentation.section_row import SectionRow
from openalgo_desktop.widgets.grid_places import GridPlaces
from openalgo_desktop.widgets.scale import live

MARK_WIDTH = live(22)
_FOLD = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)


class Titles(Protocol):
    """The grid as this input sees it."""

    board: QuoteBoard
    places: GridPlaces

    @property
    def foldRequested(self) -> SignalInstance: ...

    @property
    def sectionRemoveRequested(self) -> SignalInstance: ...

    @property
    def sectionMoveRequested(self) -> SignalInstance: ...

    @property
    def noticed(self) -> SignalInstance: ...

    @property
    def current_position(self) -> int: ...

    @property
    def current_section(self) -> SectionRow | None: ...

    def set_current_row(self, position: int, *, extend: bool = False, keep: bool = False) -> None: ...

    def edit_section(self) -> None: ...


class SectionInput:
    """Turns events on titles into the signals of `grid`."""

    def __init__(self, grid: Titles) -> None:
        self._grid = grid

    def key(self, event: QKeyEvent) -> bool:
        """Whether the key meant something for a title, or goes to one."""
        grid, key = self._grid, Qt.Key(event.key())
        modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        title = grid.current_section
        if modifiers != Qt.KeyboardModifier.NoModifier:
            return False
        if title is None:
            return key == Qt.Key.Key_Left and self._go_to_title()
        if key in _FOLD or (key == Qt.Key.Key_Left and not title.collapsed):
            grid.foldRequested.emit(title.key.id, not title.collapsed)
        elif key == Qt.Key.Key_Right:
            if title.collapsed:
                grid.foldRequested.emit(title.key.id, False)
        elif key == Qt.Key.Key_F2:
            grid.edit_section()
        else:
            return key == Qt.Key.Key_Left
        return True

    def press(self, at: QPoint, position: int) -> bool:
        """Fold or unfold where the mark of a title was clicked."""
        row = self._grid.board.rows[position]
        if not isinstance(row, SectionRow) or at.x() >= MARK_WIDTH:
            return False
        self._grid.set_current_row(position)
        self._grid.foldRequested.emit(row.key.id, not row.collapsed)
        return True

    def double_click(self, position: int) -> bool:
        """Fold or unfold the title that was clicked."""
        row = self._grid.board.rows[position]
        if isinstance(row, SectionRow):
            self._grid.foldRequested.emit(row.key.id, not row.collapsed)
        return isinstance(row, SectionRow)

    def shift(self, by: int) -> bool:
        """Move the section of the current title before the one above, or behind the one below."""
        title = self._grid.current_section
        if title is None:
            return False
        board = self._grid.board
        titles = [row for row in board.rows if isinstance(row, SectionRow)]
        at = titles.index(title)
        if by < 0 and at > 0:
            self.move_to(board.rows.index(titles[at - 1]))
        elif by > 0 and at + 1 < len(titles):
            beyond = titles[at + 2 : at + 3]
            self.move_to(board.rows.index(beyond[0]) if beyond else len(board.rows))
        return True

    def move_to(self, line: int) -> bool:
        """Ask to move the section of the current title before the shown row at `line`."""
        title = self._grid.current_section
        if title is not None:
            self._grid.sectionMoveRequested.emit(title.key.id, self._grid.board.line_before(line))
        return title is not None

    def _go_to_title(self) -> bool:
        """Go to the title of the section that the current row is in, where the columns cannot go further left."""
        grid = self._grid
        if grid.places.offset_x > 0:
            return False
        for position in range(grid.current_position, -1, -1):
            if isinstance(grid.board.rows[position], SectionRow):
                grid.set_current_row(position)
                return True
        return False
