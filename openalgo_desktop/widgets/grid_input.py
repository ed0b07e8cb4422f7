"""What keys and mouse do in the market watch: move, select, drag rows to another place. The grid only paints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from PySide6.QtCore import QPoint, Qt, SignalInstance
from PySide6.QtGui import QKeyEvent, QKeySequence, QMouseEvent
from PySide6.QtWidgets import QApplication, QScrollBar, QWidget

from market.instruments import InstrumentKey
from openalgo_desktop.presentation.action_catalogue import CATALOGUE, Place
from openalgo_desktop.presentation.quote_board import QuoteBoard
from openalgo_desktop.presentation.row_selection import RowSelection
from openalgo_desktop.widgets.section_input import MARK_WIDTH, SectionInput, Titles

_KEYPAD = Qt.KeyboardModifier.KeypadModifier
_SHIFT = Qt.KeyboardModifier.ShiftModifier
_CONTROL = Qt.KeyboardModifier.ControlModifier
_NONE = Qt.KeyboardModifier.NoModifier
_MOVES = {
    Qt.Key.Key_Up,
    Qt.Key.Key_Down,
    Qt.Key.Key_PageUp,
    Qt.Key.Key_PageDown,
    Qt.Key.Key_Home,
    Qt.Key.Key_End,
}
USUAL_KEYS = {key: info.id for info in CATALOGUE if info.place is Place.GRID for key in info.keys}


class DropZone(Protocol):
    """A place outside the grid that rows can be dropped on, such as the tabs of the lists."""

    def hover(self, at: QPoint | None) -> bool:
        """Show that rows are dragged over the global position `at` (None: nowhere); whether they may be dropped."""

    def drop(self, at: QPoint, keys: list[InstrumentKey], *, copy: bool) -> bool:
        """Take the rows; whether there was anything at `at` that takes them."""


class Rows(Titles, Protocol):
    """The grid as its input sees it. `keys` says which action of the catalogue a key (as portable text) means."""

    board: QuoteBoard
    keys: Mapping[str, str]
    selection: RowSelection
    drop_line: int
    drop_zone: DropZone | None

    @property
    def addRequested(self) -> SignalInstance: ...

    @property
    def removeRequested(self) -> SignalInstance: ...

    @property
    def moveRequested(self) -> SignalInstance: ...

    @property
    def copyRequested(self) -> SignalInstance: ...

    @property
    def current_key(self) -> InstrumentKey | None: ...

    @property
    def row_height(self) -> int: ...

    def selected_keys(self) -> list[InstrumentKey]: ...

    def select_all(self) -> None: ...

    def toggle(self, position: int) -> None: ...

    def row_at(self, y: int) -> int: ...

    def edit_note(self) -> None: ...

    def show_drop_line(self, line: int) -> None: ...

    def viewport(self) -> QWidget: ...

    def verticalScrollBar(self) -> QScrollBar: ...


class GridInput:
    """Turns events into selections of `grid`, and into its signals."""

    def __init__(self, grid: Rows) -> None:
        self._grid = grid
        self._titles = SectionInput(grid)
        self._pressed: QPoint | None = None
        self._narrow_on_release = False
        self._is_dragging = False

    # Keys

    def key(self, event: QKeyEvent) -> bool:
        """Whether the key meant something here."""
        key, modifiers = Qt.Key(event.key()), event.modifiers() & ~_KEYPAD
        if key in _MOVES and modifiers in (_NONE, _SHIFT):
            self._go(key, extend=modifiers == _SHIFT)
        elif key == Qt.Key.Key_Escape and self._is_dragging:
            self._end_drag()
        else:
            action = self._action(event, key, modifiers)
            return self._titles.key(event) or (self.run(action) if action else self._search(event, modifiers))
        return True

    def _action(self, event: QKeyEvent, key: Qt.Key, modifiers: Qt.KeyboardModifier) -> str:
        """The action that a key means here; `/` is the same wherever it is on the keyboard."""
        text = QKeySequence(int(key) | modifiers.value).toString(QKeySequence.SequenceFormat.PortableText)
        return self._grid.keys.get(text) or self._grid.keys.get("" if modifiers & ~_SHIFT else event.text(), "")

    def run(self, action: str) -> bool:
        """Do what an action of the catalogue says to what is selected; whether there was something to do."""
        grid = self._grid
        keys = grid.selected_keys()
        if action == "rows.add":
            grid.addRequested.emit("")
        elif action == "rows.select_all":
            grid.select_all()
        elif action == "rows.toggle" and grid.current_key is not None:
            grid.toggle(grid.current_position)
        elif action in ("rows.up", "rows.down"):
            self._shift(-1 if action == "rows.up" else 1)
        elif action == "rows.remove" and grid.current_section is not None and not keys:
            grid.sectionRemoveRequested.emit(grid.current_section.key.id)
        elif keys:
            return self._run_on(keys, action)
        else:
            return False
        return True

    def _run_on(self, keys: list[InstrumentKey], action: str) -> bool:
        grid = self._grid
        if action == "rows.remove":
            grid.removeRequested.emit(keys)
        elif action in ("rows.copy", "rows.copy_shown"):
            grid.copyRequested.emit(action == "rows.copy_shown")
        else:
            return False
        return True

    def _search(self, event: QKeyEvent, modifiers: Qt.KeyboardModifier) -> bool:
        if not event.text().isalnum() or modifiers & ~_SHIFT:
            return False
        self._grid.addRequested.emit(event.text())
        return True

    def _go(self, key: Qt.Key, *, extend: bool) -> None:
        grid = self._grid
        at, page, last = (
            grid.current_position,
            max(self._grid.viewport().height() // self._grid.row_height - 1, 1),
            len(grid.board) - 1,
        )
        target = {
            Qt.Key.Key_Up: at - 1,
            Qt.Key.Key_Down: at + 1,
            Qt.Key.Key_PageUp: at - page,
            Qt.Key.Key_PageDown: at + page,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }[key]
        if last >= 0:
            grid.set_current_row(min(max(target, 0), last), extend=extend)

    def _shift(self, by: int) -> None:
        """Ask to move the selected rows one place up or down."""
        if self._titles.shift(by):
            return
        grid, rows = self._grid, self._grid.board.rows
        keys = set(grid.selected_keys())
        places = [at for at, row in enumerate(rows) if row.key in keys]
        if not places:
            return
        if by < 0 and places[0] > 0:
            self._move_to(places[0] - 1)
        elif by > 0 and places[-1] < len(rows) - 1:
            self._move_to(places[-1] + 2)

    def _move_to(self, line: int) -> None:
        """Ask to move the selected rows before the shown row at `line`."""
        grid, board = self._grid, self._grid.board
        if self._titles.move_to(line):
            return
        if board.sort is not None:
            grid.noticed.emit("Rows are sorted by a column: rows can be moved in the list's own order only")
            return
        grid.moveRequested.emit(grid.selected_keys(), board.line_before(line))

    # Mouse

    def press(self, event: QMouseEvent) -> None:
        """Select; a press on one of several selected rows may begin to drag them all."""
        grid, at = self._grid, event.position().toPoint()
        position, modifiers = grid.row_at(at.y()), event.modifiers()
        if position < 0:
            return
        left = event.button() == Qt.MouseButton.LeftButton
        self._narrow_on_release = False
        if left and not modifiers and self._titles.press(at, position):
            return
        if left and modifiers & _SHIFT:
            grid.set_current_row(position, extend=True)
        elif left and modifiers & _CONTROL:
            grid.toggle(position)
        elif grid.board.rows[position].key in grid.selection.keys:
            self._narrow_on_release = left
            grid.set_current_row(position, keep=True)
        else:
            grid.set_current_row(position)
        self._pressed = at if left and not modifiers else None

    def move(self, event: QMouseEvent) -> None:
        """Drag the selected rows; the line shows where they would go, unless it is to another list."""
        grid, at = self._grid, event.position().toPoint()
        if self._pressed is None or not event.buttons() & Qt.MouseButton.LeftButton:
            return
        if not self._is_dragging and (at - self._pressed).manhattanLength() < QApplication.startDragDistance():
            return
        self._is_dragging = True
        if grid.drop_zone is not None and grid.drop_zone.hover(event.globalPosition().toPoint()):
            grid.show_drop_line(-1)
            return
        if grid.board.sort is not None and grid.current_section is None:
            return
        bar, height = grid.verticalScrollBar(), grid.row_height
        bar.setValue(bar.value() + height * ((at.y() >= grid.viewport().height()) - (at.y() < 0)))
        line = (at.y() + bar.value() + height // 2) // height
        grid.show_drop_line(min(max(line, 0), len(grid.board)))

    def release(self, event: QMouseEvent) -> None:
        """Drop what is dragged, or select the one row that was clicked."""
        grid, line, dragged = self._grid, self._grid.drop_line, self._is_dragging
        narrow = self._narrow_on_release and not dragged
        self._end_drag()
        if dragged and line < 0 and grid.drop_zone is not None:
            copy = bool(event.modifiers() & _CONTROL)
            grid.drop_zone.drop(event.globalPosition().toPoint(), grid.selected_keys(), copy=copy)
        elif line >= 0:
            self._move_to(line)
        elif narrow:
            grid.set_current_row(grid.current_position)

    def double_click(self, event: QMouseEvent) -> None:
        """Fold or unfold a section, edit a note; elsewhere a second click is a click."""
        grid, at = self._grid, event.position().toPoint()
        position = grid.row_at(at.y())
        if position < 0 or (at.x() >= MARK_WIDTH and self._titles.double_click(position)):
            return
        self.press(event)
        column = grid.places.geometry.column_at(at.x(), grid.places.offset_x)
        if column is not None and grid.board.columns[column].id == "note":
            grid.edit_note()

    def _end_drag(self) -> None:
        self._pressed = None
        self._is_dragging = False
        if self._grid.drop_zone is not None:
            self._grid.drop_zone.hover(None)
        self._narrow_on_release = False
        self._grid.show_drop_line(-1)
