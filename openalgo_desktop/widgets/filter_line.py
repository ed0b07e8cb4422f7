"""The line above the grid in which rows are filtered: says how many are left, or in a sentence what it did not read."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QToolButton, QWidget

_HINT = "Filter: part of a name, chg>2, vol>1e6, oi>5cr, exch:NFO"


class FilterLine(QWidget):
    """Emits what is typed; `closed` after Esc, with the line empty."""

    typed = Signal(str)
    closed = Signal()  # cleared and hidden: the keyboard goes back to the rows
    left = Signal()  # the keyboard goes to the rows, the filter stays

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.line = QLineEdit(self)
        self.line.setPlaceholderText(_HINT)
        self.line.setAccessibleName("Filter rows")
        self.line.installEventFilter(self)
        self.line.textChanged.connect(self.typed)
        self._said = QLabel("", self)
        self._said.setProperty("role", "muted")
        self._said.setTextFormat(Qt.TextFormat.PlainText)
        self._said.setAccessibleName("Result of the filter")
        clear = QToolButton(self)
        clear.setText("✕")
        clear.setToolTip("Clear the filter (Esc)")
        clear.setAccessibleName("Clear the filter")
        clear.clicked.connect(self.close_line)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 0, 8, 4)
        layout.setSpacing(8)
        layout.addWidget(self.line, 1)
        layout.addWidget(self._said)
        layout.addWidget(clear)
        self.hide()

    def open(self) -> None:
        """Show the line and type in it; what is in it already is selected."""
        self.show()
        self.line.selectAll()
        self.line.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def close_line(self) -> None:
        """Clear and hide."""
        self.line.clear()
        self.hide()
        self.closed.emit()

    def say(self, sentence: str) -> None:
        """Show how many rows are left, or what was not understood."""
        if sentence != self._said.text():
            self._said.setText(sentence)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.line and event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() == Qt.Key.Key_Escape:
                self.close_line()
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down):
                self.left.emit()
                return True
        return super().eventFilter(watched, event)
