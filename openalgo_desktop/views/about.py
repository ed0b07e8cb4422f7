"""What this is."""

from __future__ import annotations

from PySide6.QtCore import Qt, qVersion
from PySide6.QtWidgets import QDialogButtonBox, QGridLayout, QLabel, QVBoxLayout, QWidget

from openalgo_desktop import __version__
from openalgo_desktop.views.dialog import Dialog


class AboutDialog(Dialog):
    """Name, version, what it never does, and whose work is inside."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("About OpenAlgo Desktop")
        grid = QGridLayout()
        title = QLabel(f"OpenAlgo Desktop {__version__}", self)
        title.setProperty("role", "title")
        grid.addWidget(title, 0, 0)
        text = QLabel(
            "A market watch that serves OpenAlgo's WebSocket protocol on a local port.\n"
            "It places no orders.\n\n"
            f"Qt {qVersion()} under the LGPL. Typeface: Inter, under the SIL Open Font License.",
            self,
        )
        text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        grid.addWidget(text, 1, 0)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.setSpacing(16)
        layout.addLayout(grid)
        layout.addWidget(buttons)
