"""The painted market watch for screen readers: a list of rows, each with its sentence and a cell per column.

Qt's table interface is not among those that PySide6 lets a program implement, so this is a list whose items have
children; see docs/decisions. Nothing here runs until a screen reader asks.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from PySide6.QtCore import QObject, QRect
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QAccessibleEvent, QAccessibleInterface, QColor
from PySide6.QtWidgets import QAccessibleWidget, QWidget

from openalgo_desktop.widgets.grid_speech import GridSpeech

NAME = QAccessible.Text.Name


class _Part(QAccessibleInterface):
    """What rows and cells have in common: no object of Qt's stands behind them."""

    def __init__(self, grid: QWidget, speech: GridSpeech) -> None:
        super().__init__()
        self.grid = grid
        self.speech = speech

    def isValid(self) -> bool:
        return True

    def object(self) -> Any:
        return None

    def window(self) -> Any:
        return self.grid.window().windowHandle()

    def relations(self, match: Any = None) -> list[Any]:
        return []

    def childAt(self, x: int, y: int) -> Any:
        return None

    def child(self, index: int) -> Any:
        return None

    def childCount(self) -> int:
        return 0

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        return -1

    def setText(self, kind: QAccessible.Text, text: str) -> None:
        pass

    def foregroundColor(self) -> QColor:
        return QColor()

    def backgroundColor(self) -> QColor:
        return QColor()


class CellInterface(_Part):
    """One cell: its title and value."""

    def __init__(self, row: RowInterface, number: int) -> None:
        super().__init__(row.grid, row.speech)
        self.row = row
        self.number = number

    def parent(self) -> Any:
        return self.row

    def role(self) -> QAccessible.Role:
        return QAccessible.Role.StaticText

    def text(self, kind: QAccessible.Text) -> str:
        cells = self.speech.cells(self.row.position) if kind == NAME else []
        return cells[self.number] if self.number < len(cells) else ""

    def rect(self) -> QRect:
        return self.row.rect()

    def state(self) -> QAccessible.State:
        state = QAccessible.State()
        state.readOnly = True
        return state


class RowInterface(_Part):
    """One row by its position."""

    def __init__(self, grid: QWidget, speech: GridSpeech, position: int) -> None:
        super().__init__(grid, speech)
        self.position = position
        self._cells: dict[int, CellInterface] = {}

    def parent(self) -> Any:
        return QAccessible.queryAccessibleInterface(self.grid)

    def role(self) -> QAccessible.Role:
        return QAccessible.Role.ListItem

    def isValid(self) -> bool:
        return self.position < self.speech.count()

    def text(self, kind: QAccessible.Text) -> str:
        return self.speech.sentence(self.position) if kind == NAME and self.isValid() else ""

    def rect(self) -> QRect:
        return self.speech.rect(self.position) if self.isValid() else QRect()

    def childCount(self) -> int:
        return len(self.speech.cells(self.position)) if self.isValid() else 0

    def child(self, index: int) -> Any:
        if not 0 <= index < self.childCount():
            return None
        return self._cells.setdefault(index, CellInterface(self, index))

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        return child.number if isinstance(child, CellInterface) else -1

    def state(self) -> QAccessible.State:
        state = QAccessible.State()
        state.focusable = state.selectable = state.readOnly = True
        if self.isValid():
            current, selected = self.speech.state(self.position)
            state.focused = current and self.grid.hasFocus()
            state.selected = selected
            state.offscreen = self.speech.rect(self.position).isEmpty()
        return state


class GridInterface(QAccessibleWidget):
    """The market watch: a list. Rows are made when they are asked for, and kept by their position."""

    def __init__(self, grid: QWidget, speech: GridSpeech) -> None:
        super().__init__(grid, QAccessible.Role.List, "Market watch")
        self._grid = grid
        self._speech = speech
        self._made: dict[int, RowInterface] = {}

    def childCount(self) -> int:
        return self._speech.count()

    def child(self, index: int) -> Any:
        if not 0 <= index < self.childCount():
            return None
        return self._made.setdefault(index, RowInterface(self._grid, self._speech, index))

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        return child.position if isinstance(child, RowInterface) else -1

    def childAt(self, x: int, y: int) -> Any:
        for position in range(self.childCount()):
            if self._speech.rect(position).contains(x, y):
                return self.child(position)
        return None


_kept: dict[int, GridInterface] = {}


@cache
def install() -> None:
    """Make Qt ask for our interfaces, once per process."""
    QAccessible.installFactory(_interface_of)


def _interface_of(_name: str, thing: QObject) -> Any:
    speech = getattr(thing, "speech", None)
    if not isinstance(thing, QWidget) or not isinstance(speech, GridSpeech):
        return None
    # Qt deletes it with the widget; until then Python must not.
    number = id(thing)
    made = _kept[number] = GridInterface(thing, speech)
    thing.destroyed.connect(lambda *_: _kept.pop(number, None))
    return made


def tell_current(grid: QWidget, position: int) -> None:
    """Tell a screen reader, if one listens, that another row is the current one."""
    if not QAccessible.isActive() or position < 0 or not grid.hasFocus():
        return
    interface = QAccessible.queryAccessibleInterface(grid)
    row = interface.child(position) if interface is not None else None
    if row is not None:
        QAccessible.updateAccessibility(QAccessibleEvent(row, QAccessible.Event.Focus))


def announce(widget: QWidget, sentence: str) -> None:
    """Have a screen reader, if one listens, speak `sentence` at once."""
    event = QAccessibleAnnouncementEvent(widget, sentence)
    event.setPoliteness(QAccessible.AnnouncementPoliteness.Assertive)
    QAccessible.updateAccessibility(event)
