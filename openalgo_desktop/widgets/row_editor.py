"""A line to type in that lies over a row of the market watch: a section's name, a note."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget


class RowEditor(QLineEdit):
    """Enter and leaving keep what was typed, Esc does not. One text is edited at a time."""

    def __init__(self, parent: QWidget, leave: Callable[[], object]) -> None:
        super().__init__(parent)
        self._leave = leave
        self._keep: Callable[[str], object] | None = None
        self.setObjectName("rowEditor")
        self.hide()

    def edit(self, place: QRect, text: str, *, meaning: str, longest: int, keep: Callable[[str], object]) -> None:
        """Let `text` be changed at `place`; `keep` is called with the new one."""
        self._keep = keep
        self.setAccessibleName(meaning)
        self.setPlaceholderText(meaning)
        self.setMaxLength(longest)
        self.setGeometry(place)
        self.setText(text)
        self.selectAll()
        self.show()
        self.raise_()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def finish(self, *, keep: bool) -> None:
        """Stop editing, with what was typed or without."""
        told, self._keep = self._keep, None
        if told is None:
            return
        text = self.text()
        self.hide()
        if keep:
            told(text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape):
            self.finish(keep=event.key() != Qt.Key.Key_Escape)
            self._leave()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.finish(keep=True)
