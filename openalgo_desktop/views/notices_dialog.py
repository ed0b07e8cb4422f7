"""Everything the window has said, to be read again and copied, and where the log is."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialogButtonBox,
    QHeaderView,
    QLabel,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from openalgo_desktop.presentation import formats
from openalgo_desktop.presentation.notice_log import NoticeLog
from openalgo_desktop.views.dialog import Dialog


class NoticesDialog(Dialog):
    """A list with the newest at the top. `log_file` is empty where nothing is logged to a file."""

    wanted = (720, 420)

    def __init__(self, notices: NoticeLog, log_file: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Notices")
        self.list = QTreeWidget(self)
        self.list.setHeaderLabels(["Last", "First", "Times", "What was said"])
        self.list.setRootIsDecorated(False)
        self.list.setAlternatingRowColors(True)
        self.list.setWordWrap(True)
        self.list.setAccessibleName("Notices")
        header = self.list.header()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(3, QHeaderView.ResizeMode.Stretch)
        for each in notices:
            moments = [formats.clock(each.last_ms), formats.clock(each.first_ms)]
            item = QTreeWidgetItem(self.list, [*moments, str(each.times), each.sentence])
            item.setToolTip(3, each.sentence)
        where = QLabel(f"The log: {log_file}" if log_file else "Nothing is logged to a file", self)
        where.setProperty("role", "muted")
        where.setWordWrap(True)
        where.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        if not len(notices):
            self.list.hide()
        empty = QLabel("Nothing has been said since the start.", self)
        empty.setVisible(not len(notices))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.reject)
        copy = buttons.addButton("Copy all", QDialogButtonBox.ButtonRole.ActionRole)
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.text()))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 14, 16, 14)
        layout.setSpacing(10)
        layout.addWidget(self.list, 1)
        layout.addWidget(empty, 1)
        layout.addWidget(where)
        layout.addWidget(buttons)

    def text(self) -> str:
        """All of it as tab-separated lines."""
        items = [self.list.topLevelItem(row) for row in range(self.list.topLevelItemCount())]
        return "\n".join("\t".join(item.text(column) for column in range(4)) for item in items if item is not None)
