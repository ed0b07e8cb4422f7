"""The box that goes to anything: one line to type in, and what it finds below. It emits intent only."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QFrame, QLabel, QLineEdit, QListView, QVBoxLayout, QWidget

from openalgo_desktop.models.search_results import RESULT_ROLE
from openalgo_desktop.presentation.palette_search import Entry
from openalgo_desktop.widgets.scale import css, live, px
from openalgo_desktop.widgets.search_delegate import HEIGHT, SearchDelegate
from openalgo_desktop.widgets.skin import Skin

WIDTH = live(620)
MOST_SHOWN = 12
_HINT = "> commands · @ lists · , settings · ↑↓ choose · Enter go · Esc close"


class CommandPalette(QFrame):
    """Floats over the upper part of `parent`. `typed` is told every text, `chosen` the entry."""

    typed = Signal(str)
    chosen = Signal(object)  # Entry
    closed = Signal()

    def __init__(self, skin: Skin, parent: QWidget) -> None:
        super().__init__(parent)
        self._over = parent
        self.setObjectName("searchBox")
        self.line = QLineEdit(self)
        self.line.setPlaceholderText("Go to an instrument, a list, a command, a setting")
        self.line.setAccessibleName("Go to anything")
        self.line.installEventFilter(self)
        self.line.textChanged.connect(self.typed)
        self.model = QStandardItemModel(self)
        self.results = QListView(self)
        self._delegate = SearchDelegate(skin)
        self.results.setItemDelegate(self._delegate)
        self.results.setModel(self.model)
        self.results.setUniformItemSizes(True)
        self.results.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.results.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.results.setAccessibleName("What was found")
        self.results.clicked.connect(lambda index: self._choose(index.data(RESULT_ROLE)))
        hint = QLabel(_HINT, self)
        hint.setProperty("role", "muted")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(6)
        for part in (self.line, self.results, hint):
            layout.addWidget(part)
        self.set_skin(skin)
        self.hide()

    def set_skin(self, skin: Skin) -> None:
        """Paint in other colours."""
        self._delegate.skin = skin
        palette = skin.palette
        self.setStyleSheet(
            css(
                f"#searchBox {{ background: {palette.bg_panel}; border: 1px solid {palette.border_control};"
                "border-radius: 4px; }"
            )
        )

    def open(self, text: str = "") -> None:
        """Show the box with `text` typed already."""
        self.line.setText(text)
        self.typed.emit(text)
        self._place()
        self.show()
        self.raise_()
        self.line.setFocus(Qt.FocusReason.OtherFocusReason)

    def close_box(self) -> None:
        """Hide the box."""
        if self.isVisible():
            self.hide()
            self.closed.emit()

    def show_entries(self, entries: Sequence[Entry]) -> None:
        """Show what was found; the first is chosen."""
        self.model.clear()
        for entry in entries:
            item = QStandardItem(f"{entry.name}, {entry.venue}, {entry.details}")
            item.setData(entry, RESULT_ROLE)
            self.model.appendRow(item)
        if entries:
            self.results.setCurrentIndex(self.model.index(0, 0))
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.line and event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._key(event)
        if watched is self.line and event.type() == QEvent.Type.FocusOut:
            self.close_box()
        return super().eventFilter(watched, event)

    def _key(self, event: QKeyEvent) -> bool:
        key, count = event.key(), self.model.rowCount()
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down) and count:
            step = 1 if key == Qt.Key.Key_Down else -1
            row = (self.results.currentIndex().row() + step) % count
            self.results.setCurrentIndex(self.model.index(row, 0))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose(self.results.currentIndex().data(RESULT_ROLE))
        elif key == Qt.Key.Key_Escape:
            self.close_box()
        else:
            return False
        return True

    def _choose(self, entry: Entry | None) -> None:
        if entry is not None:
            self.close_box()
            self.chosen.emit(entry)

    def _place(self) -> None:
        count = self.model.rowCount()
        self.results.setVisible(count > 0)
        self.results.setFixedHeight(min(max(count, 1), MOST_SHOWN) * HEIGHT + px(2))
        self.setFixedWidth(min(int(WIDTH), self._over.width() - 16))
        self.adjustSize()
        self.move((self._over.width() - self.width()) // 2, px(60))
