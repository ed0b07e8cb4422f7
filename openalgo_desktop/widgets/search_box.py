"""The line in which an instrument is found by typing, with its results below; floats over the market watch."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QLabel, QLineEdit, QListView, QVBoxLayout, QWidget

from market.instruments import InstrumentKey
from openalgo_desktop.models.search_results import KEY_ROLE, SearchResult, SearchResultsModel
from openalgo_desktop.widgets.scale import live, px
from openalgo_desktop.widgets.search_delegate import HEIGHT, SearchDelegate
from openalgo_desktop.widgets.skin import Skin

WIDTH = live(560)
MOST_SHOWN = 10
_HINT = "↑↓ choose · Enter add · Ctrl+Enter add more · Esc close · NSE:INFY adds as typed"


class SearchBox(QFrame):
    """Emits what the user types and chooses; it searches nothing itself."""

    textTyped = Signal(str)
    chosen = Signal(object)  # InstrumentKey
    typedChosen = Signal(str)  # Enter while there is no result
    closed = Signal()

    def __init__(self, skin: Skin, parent: QWidget) -> None:
        super().__init__(parent)
        self._over = parent
        self._pending: bool | None = None
        self._results_for = ""
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
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(6)
        for part in (self.line, self.results, self._hint):
            layout.addWidget(part)
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

    def open(self, letters: str) -> None:
        """Show the box with `letters` typed already."""
        self._pending = None
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

    def show_results(self, text: str, results: Sequence[SearchResult]) -> None:
        """Show what was found for `text`; the first is chosen, and added at once if Enter came before the results."""
        self.model.replace(results)
        self._results_for = text.strip()
        if results:
            self.results.setCurrentIndex(self.model.index(0, 0))
        self._place()
        if self._pending is not None and self._results_for == self.line.text().strip():
            self._enter(stay=self._pending)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.line and event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._key(event)
        if watched is self.line and event.type() == QEvent.Type.FocusOut:
            self.close_box()
        return super().eventFilter(watched, event)

    def _key(self, event: QKeyEvent) -> bool:
        key = event.key()
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._step(1 if key == Qt.Key.Key_Down else -1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._enter(stay=bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier))
        elif key == Qt.Key.Key_Escape:
            self.close_box()
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
        self._choose(self.results.currentIndex().data(KEY_ROLE), stay=stay)

    def _choose(self, key: InstrumentKey | None, *, stay: bool) -> None:
        text = self.line.text().strip()
        if key is not None:
            self.chosen.emit(key)
        elif text:
            self.typedChosen.emit(text)
        else:
            return
        if stay:
            self.line.selectAll()
        else:
            self.close_box()

    def _place(self) -> None:
        room = self._over.width() - 16
        count = self.model.rowCount()
        self.results.setVisible(count > 0)
        self.results.setFixedHeight(min(max(count, 1), MOST_SHOWN) * HEIGHT)
        self.setFixedWidth(min(WIDTH, room))
        self.adjustSize()
        self.move(px(8), px(30))
