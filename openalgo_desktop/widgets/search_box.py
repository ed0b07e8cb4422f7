"""The line in which an instrument is found by typing, with its results: over a row of the grid, or at its top."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QLabel,
    QLineEdit,
    QListView,
    QVBoxLayout,
    QWidget,
)

from market.instruments import InstrumentKey
from openalgo_desktop.models.search_results import KEY_ROLE, RESULT_ROLE, SearchResult, SearchResultsModel
from openalgo_desktop.presentation.search_place import search_place
from openalgo_desktop.widgets.scale import live, px
from openalgo_desktop.widgets.search_delegate import HEIGHT, SearchDelegate
from openalgo_desktop.widgets.skin import Skin

WIDTH = live(560)
MOST_SHOWN = 10
_HINT = "↑↓ choose · Enter add · Ctrl+Enter add more · Tab exchange · → contracts · Esc close"
_HINT_INSIDE = "Enter add · Ctrl+Enter add more · → strikes · ← back · Esc close"
_ANY_HEIGHT = 16_777_215  # Qt's QWIDGETSIZE_MAX, which PySide6 does not have
Anchor = Callable[[], QRect]
"""The place of a row, in coordinates of the pane, whenever it is asked."""


class SearchBox(QFrame):
    """Emits what the user types and chooses; it searches nothing itself."""

    textTyped = Signal(str)
    chosen = Signal(object)  # InstrumentKey
    typedChosen = Signal(str)  # Enter while there is no result
    exchangeStepped = Signal(int)  # 1 to the next exchange of the finds, -1 to the one before
    unfolded = Signal(object)  # the SearchResult whose contracts are wanted
    foldedBack = Signal()
    closed = Signal()

    def __init__(self, skin: Skin, parent: QWidget) -> None:
        super().__init__(parent)
        self._over = parent
        self._pending: bool | None = None
        self._results_for = ""
        self._anchor: Anchor | None = None
        self._is_inside = False
        self.setObjectName("searchBox")
        self.line = QLineEdit(self)
        self.line.setPlaceholderText("Add an instrument: name, symbol, or EXCHANGE:SYMBOL")
        self.line.setAccessibleName("Add an instrument")
        self.line.installEventFilter(self)
        self.line.textChanged.connect(self.textTyped)
        self.model = SearchResultsModel(self)
        self.results = QListView(self)
        self._delegate = SearchDelegate(skin)
        self.results.setItemDelegate(self._delegate)
        self.results.setModel(self.model)
        self.results.setUniformItemSizes(True)
        self.results.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.results.setAccessibleName("Instruments found")
        self.results.clicked.connect(lambda index: self._choose(index.data(KEY_ROLE), stay=False))
        self._hint = QLabel(_HINT, self)
        self._hint.setProperty("role", "muted")
        self._exchange = QLabel("", self.line)
        self._exchange.setProperty("role", "muted")
        self._exchange.hide()
        self._layout = QVBoxLayout(self)
        for part in (self.line, self.results, self._hint):
            self._layout.addWidget(part)
        self.set_skin(skin)
        self.hide()

    def set_skin(self, skin: Skin) -> None:
        """Paint in other colours."""
        self._delegate.skin = skin
        palette = skin.palette
        self.setStyleSheet(
            f"#searchBox {{ background: {palette.bg_panel}; border: 1px solid {palette.border_control};"
            "border-radius: 4px; }"
        )

    def open(self, letters: str, anchor: Anchor | None = None) -> None:
        """Show the box with `letters` typed already, its line over the row at `anchor`, or at the top."""
        self._pending = None
        self._anchor = anchor
        self.show_exchange("")
        self._is_inside = False
        self.line.setText(letters)
        self.textTyped.emit(letters)
        self._place()
        self.show()
        self.raise_()
        # Any reason of the keyboard would select the letters, and the next one typed would replace them.
        self.line.setFocus(Qt.FocusReason.OtherFocusReason)

    def close_box(self) -> None:
        """Hide the box."""
        if self.isVisible():
            self.hide()
            self.closed.emit()

    def show_exchange(self, exchange: str) -> None:
        """Say to which exchange the finds are kept; empty for all."""
        self._exchange.setText(exchange)
        self._exchange.setVisible(bool(exchange))
        self._exchange.adjustSize()
        room = self._exchange.width() + px(14) if exchange else 0
        self.line.setTextMargins(0, 0, room, 0)
        self._exchange.move(self.line.width() - room, (self.line.height() - self._exchange.height()) // 2)

    def show_contracts(self, results: Sequence[SearchResult], chosen: int) -> None:
        """Show the contracts of a find in place of the finds, that at `chosen` in the middle."""
        self._is_inside = True
        self.model.replace(results)
        self._place()
        index = self.model.index(min(max(chosen, 0), max(len(results) - 1, 0)), 0)
        self.results.setCurrentIndex(index)
        self.results.scrollTo(index, QListView.ScrollHint.PositionAtCenter)

    def relabel(self, results: Sequence[SearchResult]) -> None:
        """Show the same lines with other details; the chosen one stays."""
        at = self.results.currentIndex().row()
        self.model.replace(results)
        self.results.setCurrentIndex(self.model.index(at, 0))

    def show_results(self, text: str, results: Sequence[SearchResult], chosen: int = 0) -> None:
        """Show what was found for `text`; one is chosen, and added at once if Enter came before the results."""
        self._is_inside = False
        self.model.replace(results)
        self._results_for = text.strip()
        self._place()
        if results:
            self.results.setCurrentIndex(self.model.index(min(chosen, len(results) - 1), 0))
        if self._pending is not None and self._results_for == self.line.text().strip():
            self._enter(stay=self._pending)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.line and event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._key(event)
        if watched is self.line and event.type() == QEvent.Type.FocusOut:
            self.close_box()
        if watched is self.line and event.type() == QEvent.Type.Resize:
            self.show_exchange(self._exchange.text())
        return super().eventFilter(watched, event)

    def _key(self, event: QKeyEvent) -> bool:
        key = event.key()
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._step(1 if key == Qt.Key.Key_Down else -1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._enter(stay=bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier))
        elif key == Qt.Key.Key_Escape:
            self.close_box()
        elif key in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
            self.exchangeStepped.emit(1 if key == Qt.Key.Key_Tab else -1)
        else:
            return self._unfold(key)
        return True

    def _unfold(self, key: int) -> bool:
        """Go to the contracts of the chosen find at the end of what was typed, and back."""
        result = self.results.currentIndex().data(RESULT_ROLE)
        at_end = self.line.cursorPosition() == len(self.line.text()) and not self.line.hasSelectedText()
        if key == Qt.Key.Key_Right and result is not None and (at_end or self._is_inside):
            self.unfolded.emit(result)
        elif key == Qt.Key.Key_Left and self._is_inside:
            self.foldedBack.emit()
        else:
            return False
        return True

    def _step(self, by: int) -> None:
        count = self.model.rowCount()
        if count:
            row = (self.results.currentIndex().row() + by) % count
            self.results.setCurrentIndex(self.model.index(row, 0))

    def _enter(self, *, stay: bool) -> None:
        """Choose; results of an earlier text are never taken for those of the present one."""
        if self._results_for != self.line.text().strip():
            self._pending = stay
            return
        self._pending = None
        result = self.results.currentIndex().data(RESULT_ROLE)
        if result is not None and result.expiry is not None and result.key is None:
            self.unfolded.emit(result)  # an expiry without a future can only be opened
            return
        self._choose(self.results.currentIndex().data(KEY_ROLE), stay=stay)

    def _choose(self, key: InstrumentKey | None, *, stay: bool) -> None:
        text = self.line.text().strip()
        if key is not None:
            self.chosen.emit(key)
        elif text:
            self.typedChosen.emit(text)
        else:
            return
        if not stay:
            self.close_box()
            return
        if not self._is_inside:
            self.line.selectAll()
        self._place()

    def _place(self) -> None:
        in_place = self._anchor is not None
        margin = 0 if in_place else px(8)  # the frame's own line is one pixel
        self._hint.setText(_HINT_INSIDE if self._is_inside else _HINT)
        self._layout.setContentsMargins(margin, margin, margin, margin)
        self._layout.setSpacing(0 if in_place else px(6))
        self._hint.setIndent(px(8) if in_place else 0)
        # As high as a row there is no room for the usual padding.
        padding = f"padding: 0 {px(6)}px;" if in_place else ""
        if self.line.styleSheet() != padding:
            self.line.setStyleSheet(padding)
        self.results.setVisible(self.model.rowCount() > 0)
        self.setFixedWidth(min(WIDTH, self._over.width() - px(16)))
        if self._anchor is not None:
            self._place_over(self._anchor())
            return
        self.line.setMinimumHeight(0)
        self.line.setMaximumHeight(_ANY_HEIGHT)
        self.setMinimumHeight(0)
        self.setMaximumHeight(_ANY_HEIGHT)
        self._layout.setDirection(QBoxLayout.Direction.TopToBottom)
        self.results.setFixedHeight(min(max(self.model.rowCount(), 1), MOST_SHOWN) * HEIGHT)
        self.adjustSize()
        self.move(px(8), px(30))

    def _place_over(self, row: QRect) -> None:
        """Put the line over `row`; the results below it, or above where there is more room."""
        line, hint = row.height() + 2, self._hint.sizeHint().height() + px(8)
        count = min(self.model.rowCount(), MOST_SHOWN)
        place = search_place(self._over.height(), row.top() - 1, count, line=line, item=int(HEIGHT), hint=hint)
        directions = QBoxLayout.Direction
        self._layout.setDirection(directions.BottomToTop if place.is_above else directions.TopToBottom)
        self.line.setFixedHeight(row.height())
        self.results.setVisible(place.results > 0)
        self.results.setFixedHeight(max(place.results, 1) * HEIGHT)
        self.setFixedHeight(place.height)
        self._layout.activate()
        self.move(row.left(), place.top)
