"""Says that something unexpected went wrong, what, how often, and where it is written; the window stays usable."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialogButtonBox, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from openalgo_desktop.views.dialog import Dialog

MOST_SHOWN = 10


class CrashDialog(Dialog):
    """One dialog for all causes of a session; each cause once, with its count."""

    wanted = (720, 420)

    def __init__(self, version: str, log_file: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Something unexpected went wrong")
        self.setModal(False)
        self._version = version
        self._causes: dict[str, tuple[str, int]] = {}
        self._said = QLabel("", self)
        self._said.setWordWrap(True)
        self._said.setTextFormat(Qt.TextFormat.PlainText)
        self.details = QPlainTextEdit(self)
        self.details.setReadOnly(True)
        self.details.setAccessibleName("Details")
        where = QLabel(f"Written to {log_file}" if log_file else "Nothing is logged to a file", self)
        where.setProperty("role", "muted")
        where.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        where.setWordWrap(True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.reject)
        self.copy = buttons.addButton("Copy", QDialogButtonBox.ButtonRole.ActionRole)
        self.copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.details.toPlainText()))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 14, 16, 14)
        layout.setSpacing(10)
        layout.addWidget(self._said)
        layout.addWidget(self.details, 1)
        layout.addWidget(where)
        layout.addWidget(buttons)

    def show_failure(self, sentence: str, text: str, times: int) -> None:
        """Show a cause; one that is shown already only counts up, and does not bring a closed dialog back."""
        is_new = sentence not in self._causes
        if is_new and len(self._causes) >= MOST_SHOWN:
            return
        self._causes[sentence] = (text, times)
        count = len(self._causes)
        causes = "One thing" if count == 1 else f"{count} things"
        self._said.setText(
            f"{causes} went wrong that should not have. Prices and lists go on, and nothing that was kept is lost. "
            "If it comes again, send what stands here to whoever looks after the program; keys and passwords are "
            "blacked out."
        )
        parts = [f"{each} (×{seen})\n{trace}" for each, (trace, seen) in self._causes.items()]
        self.details.setPlainText("\n\n".join((f"OpenAlgo Desktop {self._version}", *parts)))
        if is_new:
            self.show()
            self.raise_()
