"""All fields of one instrument at one moment, as text that can be selected and copied."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import QDialogButtonBox, QGridLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from openalgo_desktop.presentation.snap_quote import SnapQuote, columns_of
from openalgo_desktop.views.dialog import Dialog


class SnapPane(Dialog):
    """Stays as it is while prices move: it is a picture of a moment. `againRequested` asks for the moment now."""

    againRequested = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setModal(False)
        self._quote: SnapQuote | None = None
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(4)
        self._origin = QLabel(self)
        self._origin.setProperty("role", "muted")
        self._origin.setWordWrap(True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        for text, run in (("&Copy", self.copy), ("&Refresh", self.againRequested.emit)):
            button = QPushButton(text, self)
            button.setAutoDefault(False)
            button.clicked.connect(lambda _checked=False, run=run: run())
            buttons.addButton(button, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.reject)
        QShortcut(QKeySequence.StandardKey.Copy, self, self.copy)
        QShortcut(QKeySequence("F9"), self, self.againRequested.emit)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 14, 16, 14)
        layout.setSpacing(12)
        layout.addLayout(self._grid)
        layout.addWidget(self._origin)
        layout.addWidget(buttons)

    def show_quote(self, quote: SnapQuote) -> None:
        """Show another moment."""
        self._quote = quote
        self.setWindowTitle(f"Snap quote — {quote.title}")
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        for column, lines in enumerate(columns_of(quote.lines)):
            for row, (name, text) in enumerate(lines):
                self._add(name, row, 2 * column, is_name=True)
                self._add(text, row, 2 * column + 1, is_name=False)
        self._origin.setText(quote.origin)

    def _add(self, text: str, row: int, column: int, *, is_name: bool) -> None:
        label = QLabel(text, self)
        label.setTextFormat(Qt.TextFormat.PlainText)
        if is_name:
            label.setProperty("role", "muted")
            self._grid.addWidget(label, row, column)
            return
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._grid.addWidget(label, row, column, Qt.AlignmentFlag.AlignRight)

    def copy(self) -> None:
        """Put all of it on the clipboard, as tab-separated lines."""
        if self._quote is not None:
            QGuiApplication.clipboard().setText(self._quote.as_text())
