"""The dialogs of the help menu: what this is, and which keys do what."""

from __future__ import annotations

from PySide6.QtCore import Qt, qVersion
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QGridLayout, QLabel, QVBoxLayout, QWidget

from openalgo_desktop import __version__

SHORTCUTS: tuple[tuple[str, str], ...] = (
    ("↑ ↓ PgUp PgDn Home End", "Move in the list"),
    ("any letter, /, Insert, Ctrl+K", "Add an instrument"),
    ("Enter", "Add what is chosen"),
    ("Ctrl+Enter", "Add and keep the box open"),
    ("Esc", "Close the box, go back to the list"),
    ("Shift+↑ ↓, Ctrl+Space, Ctrl+A", "Select more rows"),
    ("Del", "Remove what is selected from the list"),
    ("Alt+↑ ↓", "Move what is selected up or down"),
    ("Ctrl+C, Ctrl+Shift+C", "Copy rows: raw numbers, or as they are shown"),
    ("Ctrl+Z, Ctrl+Y", "Undo and redo the last change of the lists"),
    ("Ctrl+1 … Ctrl+9, Ctrl+Tab", "Show another list"),
    ("Ctrl+F", "Filter rows: a name, chg>2, vol>1e6, exch:NFO; Esc clears"),
    ("Shift+Tab, then ← → Enter", "Titles: sort; Ctrl moves, Shift resizes, Del hides"),
    ("Ctrl+T, F2, Ctrl+Shift+Del", "New list, rename it, delete it"),
    ("Ctrl+Shift+PgUp PgDn", "Move the list to the left or right"),
    ("?", "This list"),
    ("F4", "Go to the market watch"),
    ("Ctrl+Q", "Quit"),
)


class ShortcutsDialog(QDialog):
    """Every key of the window."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keyboard shortcuts")
        grid = QGridLayout()
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(8)
        for row, (keys, meaning) in enumerate(SHORTCUTS):
            grid.addWidget(QLabel(keys, self), row, 0)
            what = QLabel(meaning, self)
            what.setProperty("role", "muted")
            grid.addWidget(what, row, 1)
        _finish(self, grid)


class AboutDialog(QDialog):
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
        _finish(self, grid)


def _finish(dialog: QDialog, body: QGridLayout) -> None:
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, dialog)
    buttons.rejected.connect(dialog.reject)
    layout = QVBoxLayout(dialog)
    layout.setContentsMargins(20, 16, 20, 16)
    layout.setSpacing(16)
    layout.addLayout(body)
    layout.addWidget(buttons)
