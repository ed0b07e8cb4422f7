"""What a file would bring into the watchlists, shown before anything is done."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from openalgo_desktop.presentation.import_preview import Preview

MOST_SHOWN = 2_000


class ImportDialog(QDialog):
    """Emits intent: `targetChosen(list id, 0 for a new list)`; accepted when the user wants it done."""

    targetChosen = Signal(int)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Import watchlists")
        self.resize(800, 520)
        self._heading = QLabel("", self)
        self._heading.setProperty("role", "title")
        self._sentence = QLabel("", self)
        self._sentence.setWordWrap(True)
        self.table = QTreeWidget(self)
        self.table.setHeaderLabels(["Instrument", "Watchlist", "Section", "What happens"])
        self.table.setRootIsDecorated(False)
        self.table.setUniformRowHeights(True)
        self.table.setAlternatingRowColors(True)
        self.table.setAccessibleName("What is in the file")
        self.table.header().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self._into = QLabel("&Into", self)
        self.target = QComboBox(self)
        self.target.setAccessibleName("The watchlist that takes the instruments")
        self._into.setBuddy(self.target)
        self._note = QLabel("It is one step: Ctrl+Z takes all of it back.", self)
        self._note.setProperty("role", "muted")
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        self.take = self.buttons.button(QDialogButtonBox.StandardButton.Ok)
        self.take.setText("&Import")
        for button in self.buttons.buttons():
            button.setIcon(QIcon())
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self.target.activated.connect(lambda at: self.targetChosen.emit(self.target.itemData(at)))
        self._arrange()

    def _arrange(self) -> None:
        into = QHBoxLayout()
        into.addWidget(self._into)
        into.addWidget(self.target, 1)
        layout = QVBoxLayout(self)
        layout.setSpacing(8)
        layout.addWidget(self._heading)
        layout.addWidget(self._sentence)
        layout.addLayout(into)
        for part in (self.table, self._note, self.buttons):
            layout.addWidget(part)

    def show_preview(self, preview: Preview) -> None:
        """Show what would be done."""
        self._heading.setText(preview.file_name)
        said = preview.sentence if preview.changes_anything else f"Nothing new: {preview.sentence}"
        self._sentence.setText("\n".join((said, *preview.trouble[:3])))
        self._show_targets(preview)
        self.table.clear()
        for row in preview.rows[:MOST_SHOWN]:
            item = QTreeWidgetItem([row.text, row.list_name, row.section, row.what])
            item.setToolTip(3, row.what)
            if not row.is_taken:
                for column in range(4):
                    item.setForeground(column, self.palette().placeholderText())
            self.table.addTopLevelItem(item)
        if len(preview.rows) > MOST_SHOWN:
            self.table.addTopLevelItem(QTreeWidgetItem([f"… and {len(preview.rows) - MOST_SHOWN:,} more"]))
        for column, width in enumerate((190, 130, 120)):
            self.table.setColumnWidth(column, width)
        self.take.setEnabled(preview.changes_anything)
        (self.take if preview.changes_anything else self.table).setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_targets(self, preview: Preview) -> None:
        self.target.clear()
        for number, name in preview.targets:
            self.target.addItem(name, number)
        self.target.setCurrentIndex(max(self.target.findData(preview.target), 0))
        for part in (self._into, self.target):
            part.setVisible(bool(preview.targets))
