"""The market watch: one painted scroll area. No item per cell, no signal per tick; only what changed repaints."""

from __future__ import annotations

import time
from collections.abc import Mapping

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPaintEvent,
    QRegion,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QToolTip, QWidget

from market.instruments import InstrumentKey
from openalgo_desktop.presentation import row_texts
from openalgo_desktop.presentation.column_layout import ColumnLayout
from openalgo_desktop.presentation.flash import FlashStyle
from openalgo_desktop.presentation.list_lines import RowKey
from openalgo_desktop.presentation.quote_board import QuoteBoard
from openalgo_desktop.presentation.quote_row import QuoteRow
from openalgo_desktop.presentation.row_selection import RowSelection
from openalgo_desktop.presentation.section_row import Row, SectionRow
from openalgo_desktop.widgets.density import Density
from openalgo_desktop.widgets.frame_clock import now_ms
from openalgo_desktop.widgets.grid_accessible import install, tell_current
from openalgo_desktop.widgets.grid_input import USUAL_KEYS, DropZone, GridInput
from openalgo_desktop.widgets.grid_places import GridPlaces
from openalgo_desktop.widgets.grid_scene import GridScene, Marks
from openalgo_desktop.widgets.grid_speech import GridSpeech
from openalgo_desktop.widgets.quote_header import HEIGHT, QuoteHeader
from openalgo_desktop.widgets.quote_painter import QuotePainter
from openalgo_desktop.widgets.row_editor import RowEditor
from openalgo_desktop.widgets.scale import live, px
from openalgo_desktop.widgets.section_painter import SectionPainter
from openalgo_desktop.widgets.skin import Skin

ARRANGE_EVERY_MS = 2_000.0
LONGEST_NAME, LONGEST_NOTE = 64, 200
NARROWEST_EDITOR = live(160)
NOTE = "note"


class QuoteGrid(QAbstractScrollArea):
    """Shows a `QuoteBoard` and says what the user wants done to it."""

    currentChanged = Signal(object)  # InstrumentKey | None
    addRequested = Signal(str)  # the letters typed so far
    removeRequested = Signal(object)  # the selected InstrumentKeys
    moveRequested = Signal(object, int)  # the selected InstrumentKeys, the position in the list's own order
    copyRequested = Signal(bool)  # whether as formatted on the screen
    noticed = Signal(str)  # a sentence for the user
    menuRequested = Signal(object, QPoint)  # InstrumentKey, or None on the title of a section; global position
    foldRequested = Signal(int, bool)  # section id, whether it is folded then
    sectionNamed = Signal(int, str)  # section id, what was typed
    noteTyped = Signal(object, str)  # InstrumentKey, what was typed
    sectionRemoveRequested = Signal(int)  # section id
    sectionMoveRequested = Signal(int, int)  # section id, the position in the list's own order

    def __init__(self, board: QuoteBoard, skin: Skin, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.board = board
        self._painter = QuotePainter(skin)
        self._density = Density.STANDARD
        self.places = GridPlaces(self)
        self._scene = GridScene(board, self.places, self._painter)
        self._current: Row | None = None
        self._rows: list[Row] = []
        self._hovered = -1
        self._arrange_at = 0.0
        self.current_position = -1
        self.drop_line = -1
        self.drop_zone: DropZone | None = None
        self._layout = ColumnLayout()
        self.selection = RowSelection()
        self.keys: Mapping[str, str] = USUAL_KEYS
        self.speech = GridSpeech(self)
        install()
        self._input = GridInput(self)
        self.editor = RowEditor(self.viewport(), self.setFocus)
        self.header = QuoteHeader(self, board.columns, skin, self._painter.plain)
        self.setViewportMargins(0, HEIGHT, 0, 0)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFrameShape(QAbstractScrollArea.Shape.NoFrame)
        self.viewport().setMouseTracking(True)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Market watch")
        self._lay_out()

    # What it shows

    def set_skin(self, skin: Skin) -> None:
        """Paint in other colours."""
        self._painter.set_skin(skin)
        self.header.skin = skin
        self.setViewportMargins(0, HEIGHT, 0, 0)
        self._lay_out()
        self.header.update()
        self.viewport().update()

    def set_flashes(self, style: FlashStyle, least_move: float) -> None:
        """Show changes in that way, and only moves of so many usual ones of the instrument."""
        self._painter.flash_style = self.board.writer.style = style
        self.board.writer.least_move = least_move
        self.viewport().update()

    def set_density(self, density: Density) -> None:
        """Change the row height; the current row stays in view."""
        self._density = density
        self._lay_out()
        self._reveal_current()

    def rows_changed(self, prefer: RowKey | None = None) -> None:
        """The board has other rows than before: go to `prefer`, or keep the current one, or take its neighbour."""
        rows, before = self.board.rows, self._rows
        self._rows = rows
        self.selection.retain(self.board.row_keys)
        if prefer is not None:
            self.set_current_key(prefer)
        if self._current is not None and self._current not in rows:
            self.set_current_row(self._neighbour(before))
        elif self._current is None and rows:
            self.set_current_row(0)
        self.current_position = rows.index(self._current) if self._current in rows else -1
        self._lay_out()
        self.refresh()

    def _neighbour(self, before: list[Row]) -> int:
        """The title of the section that hides it now, or the row after the one that is gone, or the one above."""
        at, rows = self.current_position, self.board.rows
        for position, row in enumerate(rows):
            if isinstance(row, SectionRow) and row.collapsed and self._current in row.members:
                return position
        still_there = set(rows)
        for row in (*before[at:], *reversed(before[:at])):
            if row in still_there:
                return rows.index(row)
        return min(at, len(rows) - 1)

    def set_layout(self, layout: ColumnLayout) -> None:
        """Show other columns, widths or sort; the current row stays where it is on the screen."""
        self._layout = layout
        self.board.set_columns(layout.columns)
        self.board.set_sort(layout.sort)
        self.header.show_columns(self.board.columns, self.board.sort)
        self._lay_out()
        if self.board.arrange():
            self._reordered()
        else:
            self.refresh()

    def _reordered(self) -> None:
        """Other rows are shown, or in another order, and nobody asked to see others."""
        before, first = self.current_position, self.verticalScrollBar().value()
        height = self.places.geometry.row_height
        in_view = 0 <= before * height - first < self.viewport().height()
        self.rows_changed()
        if in_view and self.current_position >= 0:
            self.verticalScrollBar().setValue(first + (self.current_position - before) * height)
            self.refresh()

    def refresh(self) -> None:
        """Bring the visible rows up to date without waiting for the next frame, and paint all of them."""
        first, last = self.visible_rows()
        self.board.flush(first, last, now_ms())
        self.viewport().update()

    def flush(self, frame_ms: float) -> None:
        """Repaint what changed in view since the previous frame; every two seconds, put rows in order."""
        if frame_ms >= self._arrange_at:
            self._arrange_at = frame_ms + ARRANGE_EVERY_MS
            if self.board.arrange(keep=self.current_key):
                self._reordered()
                return
        first, last = self.visible_rows()
        changed = self.board.flush(first, last, frame_ms)
        if not changed:
            return
        region = QRegion()
        for position in changed:
            region += self.places.cells_rect(position, self.board.rows[position].changed_cells)
        self.viewport().update(region)

    def visible_rows(self) -> tuple[int, int]:
        """The rows in view: first, and last exclusive."""
        return self.places.visible_rows(len(self.board))

    # The current row

    @property
    def current_key(self) -> InstrumentKey | None:
        """The instrument of the current row, or None."""
        return self._current.key if isinstance(self._current, QuoteRow) else None

    @property
    def current_section(self) -> SectionRow | None:
        """The title that is the current row, or None."""
        return self._current if isinstance(self._current, SectionRow) else None

    def selected_keys(self) -> list[InstrumentKey]:
        """The selected instruments that are shown, in the order in which they are."""
        return [row.key for row in self.board.quotes if row.key in self.selection.keys]

    def select_all(self) -> None:
        """Select every row that is shown."""
        self.selection.all([row.key for row in self.board.rows])
        self.viewport().update()

    def toggle(self, position: int) -> None:
        """Add a row to the selection, or take it out, and make it the current one."""
        self.selection.toggle(self.board.rows[position].key)
        self.set_current_row(position, keep=True)

    def set_current_row(self, position: int, *, extend: bool = False, keep: bool = False) -> None:
        """Make the row at `position` the current one and show it; -1 for none.

        It alone is selected; or with those between (`extend`), or the selection stays as it is (`keep`).
        """
        row = self.board.rows[position] if 0 <= position < len(self.board) else None
        selected = self.selection.keys
        if extend and row is not None:
            self.selection.extend([each.key for each in self.board.rows], row.key)
        elif not keep:
            self.selection.only(None if row is None else row.key)
        if len(selected | self.selection.keys) > 1:
            self.viewport().update()
        self._update_row(self.current_position)
        self.current_position = position if row is not None else -1
        changed, self._current = row is not self._current, row
        self._update_row(self.current_position)
        self._reveal_current()
        if changed:
            self.setAccessibleDescription("" if row is None else row_texts.spoken(row))
            tell_current(self, self.current_position)
            # On the way over a title, depth and chart stay with the instrument they show.
            if not isinstance(row, SectionRow):
                self.currentChanged.emit(self.current_key)

    def set_current_key(self, key: RowKey) -> None:
        """Make the row of `key` the current one, if it is shown."""
        position = self.board.index(key)
        if position is not None:
            self.set_current_row(position)

    def edit_section(self) -> None:
        """Let the name of the section be typed whose title is the current row."""
        title = self.current_section
        if title is not None:
            number, place = title.key.id, self.places.row_rect(self.current_position)
            self.editor.edit(
                place.adjusted(SectionPainter.INDENT - 8, 0, 0, 0),
                title.name,
                meaning="Name of the section",
                longest=LONGEST_NAME,
                keep=lambda text: self.sectionNamed.emit(number, text),
            )

    def edit_note(self) -> None:
        """Let the note of the current row be typed, in its column or over the row."""
        row = self._current
        if isinstance(row, QuoteRow):
            key, columns = row.key, [column.id for column in self.board.columns]
            place = self.places.row_rect(self.current_position)
            place.setLeft(self.places.geometry.frozen_width)
            if NOTE in columns:
                place = self.places.cells_rect(self.current_position, [columns.index(NOTE)])
            place.setWidth(max(min(place.width(), NARROWEST_EDITOR * 3), NARROWEST_EDITOR))
            place.moveRight(min(place.right(), self.viewport().width() - 1))
            self.editor.edit(
                place,
                row.style.note,
                meaning="Note",
                longest=LONGEST_NOTE,
                keep=lambda text: self.noteTyped.emit(key, text),
            )

    def _reveal_current(self) -> None:
        if self.current_position >= 0:
            self.places.reveal(self.current_position)

    def run(self, action: str) -> None:
        """Do what an action of the catalogue says to what is selected."""
        self._input.run(action)

    # Geometry

    @property
    def row_height(self) -> int:
        """The height of a row in logical pixels."""
        return self.places.geometry.row_height

    def _lay_out(self) -> None:
        chosen = {
            number: px(self._layout.widths[column.id])
            for number, column in enumerate(self.board.columns)
            if column.id in self._layout.widths
        }
        widths = self._painter.column_widths(self.board.columns)
        self.places.fit(
            widths, row_height=px(self._density), count=len(self.board), chosen=chosen, frozen=self._layout.frozen
        )
        self.header.setGeometry(0, 0, self.width(), HEIGHT)
        self.header.place(self.places.geometry, self.places.offset_x)
        self.viewport().update()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Move what is painted already, so that only the rows that came into view are painted."""
        self.header.place(self.places.geometry, self.places.offset_x)
        self.editor.finish(keep=True)
        view = self.viewport()
        in_whole_pixels = (dy * view.devicePixelRatioF()).is_integer()
        if dx or not in_whole_pixels or abs(dy) >= view.height():
            self.refresh()
        else:
            view.scroll(0, dy)
            self.flush(now_ms())

    def row_at(self, y: int) -> int:
        """The position of the row at `y`, or -1."""
        return self.places.row_at(y, len(self.board))

    def show_drop_line(self, line: int) -> None:
        """Show where dragged rows would go; -1 for nowhere."""
        if line != self.drop_line:
            self.drop_line = line
            self.viewport().update()

    def _update_row(self, position: int) -> None:
        if position >= 0:
            self.viewport().update(self.places.row_rect(position))

    def paintEvent(self, event: QPaintEvent) -> None:
        focused = self._current if self.hasFocus() else None
        self._scene.paint(self.viewport(), event, Marks(self.selection.keys, self._hovered, focused, self.drop_line))
        self.board.account.painted(time.time() * 1000.0)

    # What the user does

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self._input.key(event):
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._input.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self.row_at(event.position().toPoint().y()))
        self._input.move(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._input.double_click(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._input.release(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if self._current is not None:
            self.menuRequested.emit(self.current_key, event.globalPos())

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self._hover(-1)
        elif event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            position = self.row_at(event.pos().y())
            text = row_texts.tooltip(self.board.rows[position], time.time() * 1000.0) if position >= 0 else ""
            QToolTip.showText(event.globalPos(), text, self.viewport())
            return True
        return super().viewportEvent(event)

    def _hover(self, position: int) -> None:
        if position != self._hovered:
            self._update_row(self._hovered)
            self._hovered = position
            self._update_row(position)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._update_row(self.current_position)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._update_row(self.current_position)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()
