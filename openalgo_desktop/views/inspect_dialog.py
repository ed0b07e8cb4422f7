"""The raw message of an instrument beside what the row shows of it, kept up to date while it is open."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication, QIcon
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)
from PySide6.QtWidgets import QToolButton as Choice

from market.modes import Mode
from openalgo_desktop.presentation.message_table import MessageLine

NOTHING = "Nothing has come for this instrument yet."


class InspectDialog(QDialog):
    """Shows what it is given; `modeChosen` says which kind of message is wanted."""

    modeChosen = Signal(object)  # Mode

    def __init__(self, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(f"Inspect {title}")
        self.resize(680, 620)
        self._said = QLabel("As connected programs get it; unsent if none holds it in this mode.", self)
        self._said.setProperty("role", "muted")
        self._said.setWordWrap(True)
        self.table = QTreeWidget(self)
        self.table.setHeaderLabels(["Field", "In the message", "On the screen"])
        self.table.setRootIsDecorated(False)
        self.table.setUniformRowHeights(True)
        self.table.setAlternatingRowColors(True)
        for column, width in enumerate((170, 250)):
            self.table.setColumnWidth(column, width)
        self.table.setAccessibleName("Fields of the last message")
        self.text = QPlainTextEdit(self)
        self.text.setReadOnly(True)
        self.text.setAccessibleName("The last message as JSON")
        self.text.setMaximumHeight(120)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        copy = self.buttons.addButton("&Copy the message", QDialogButtonBox.ButtonRole.ActionRole)
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.text.toPlainText()))
        for button in self.buttons.buttons():
            button.setIcon(QIcon())
        self.buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addLayout(self._make_modes())
        for part in (self._said, self.table, self.text, self.buttons):
            layout.addWidget(part)

    def _make_modes(self) -> QHBoxLayout:
        row = QHBoxLayout()
        group = QButtonGroup(self)
        for mode in Mode:
            choice = Choice(self)
            choice.setText(mode.label)
            choice.setCheckable(True)
            choice.setChecked(mode is Mode.QUOTE)
            choice.clicked.connect(lambda _checked=False, each=mode: self.modeChosen.emit(each))
            group.addButton(choice)
            row.addWidget(choice)
        row.addStretch(1)
        return row

    def show_message(self, message: str, lines: Sequence[MessageLine]) -> None:
        """Show the message and its fields; lines that are there already only change their texts."""
        shown = message or NOTHING
        if self.text.toPlainText() != shown:
            self.text.setPlainText(shown)
        while self.table.topLevelItemCount() > len(lines):
            self.table.takeTopLevelItem(self.table.topLevelItemCount() - 1)
        for at, line in enumerate(lines):
            item = self.table.topLevelItem(at) or QTreeWidgetItem(self.table)
            for column, text in enumerate(line):
                if item.text(column) != text:
                    item.setText(column, text)
                    item.setToolTip(column, text)
