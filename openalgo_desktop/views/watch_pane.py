"""The market watch with its heading above (name, count, badge of data that is not live) and its lists below as tabs."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from openalgo_desktop.presentation.capacity import Capacity
from openalgo_desktop.presentation.quote_board import QuoteBoard
from openalgo_desktop.widgets.filter_line import FilterLine
from openalgo_desktop.widgets.list_tabs import ListTabs
from openalgo_desktop.widgets.quote_grid import QuoteGrid
from openalgo_desktop.widgets.scale import css
from openalgo_desktop.widgets.search_box import SearchBox
from openalgo_desktop.widgets.skin import Skin


class WatchPane(QWidget):
    """Arranges heading, grid, tabs and search box."""

    def __init__(self, board: QuoteBoard, skin: Skin, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.grid = QuoteGrid(board, skin, self)
        self._name = QLabel("", self)
        self._name.setProperty("role", "title")
        self._count = QLabel("", self)
        self._count.setProperty("role", "muted")
        self._session_texts: tuple[str, ...] = ()
        self._badge = QLabel("", self)
        self._badge.setAccessibleName("Nature of the data")
        self._badge.hide()
        self._sessions = QLabel("", self)
        self._sessions.setProperty("role", "muted")
        self._sessions.setAccessibleName("Sessions of the exchanges")
        self._sessions.setTextFormat(Qt.TextFormat.PlainText)
        self._sessions.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._sessions.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.filter = FilterLine(self)
        self.tabs = ListTabs(self)
        self.grid.drop_zone = self.tabs
        self.new_list = self._button("+", "New watchlist", "Ctrl+T")
        self.add = self._button("+ Add", "Add an instrument", "/, or just type its name")
        self.search = SearchBox(skin, self)
        self._arrange()
        self.finds_at_end = False
        self.grid.addRequested.connect(self.open_search)
        self.add.clicked.connect(self._search_at_top)
        for leaving in (self.search.closed, self.filter.closed, self.filter.left, self.tabs.editingDone):
            leaving.connect(self.grid.setFocus)
        self.set_skin(skin)

    def _button(self, text: str, meaning: str, keys: str) -> QToolButton:
        button = QToolButton(self)
        button.setText(text)
        button.setToolTip(f"{meaning} ({keys})")
        button.setAccessibleName(meaning)
        return button

    def _arrange(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(8, 4, 8, 4)
        head.setSpacing(8)
        head.addWidget(self._name)
        head.addWidget(self._count)
        head.addWidget(self._badge, 0, Qt.AlignmentFlag.AlignVCenter)
        head.addWidget(self._sessions, 1)
        head.addWidget(self.add)
        foot = QHBoxLayout()
        foot.setContentsMargins(4, 0, 4, 2)
        foot.setSpacing(2)
        foot.addWidget(self.tabs)
        foot.addWidget(self.new_list)
        foot.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(self.filter)
        layout.addWidget(self.grid, 1)
        layout.addLayout(foot)

    def set_skin(self, skin: Skin) -> None:
        """Paint in other colours."""
        self.grid.set_skin(skin)
        self.search.set_skin(skin)
        self._badge.setStyleSheet(
            css(
                f"background: {skin.palette.demo}; color: {skin.palette.on_accent}; border-radius: 3px;"
                "padding: 1px 7px; font-size: 11px; font-weight: 500; max-height: 16px;"
            )
        )

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc clears the filter from the rows too: they pass on what they do not use."""
        if event.key() == Qt.Key.Key_Escape and self.filter.isVisible():
            self.filter.close_line()
        else:
            super().keyPressEvent(event)

    def open_search(self, letters: str) -> None:
        """Open the search line over the next blank row with `letters`, or below the current row without any."""
        self.finds_at_end = bool(letters) or self.grid.current_position < 0
        self.search.open(letters, self._blank_row)

    def _search_at_top(self) -> None:
        self.finds_at_end = False
        self.search.open("")

    def _blank_row(self) -> QRect:
        """Where the row would stand that is looked for; the last one in view where that is further down."""
        grid, view = self.grid, self.grid.viewport()
        position = len(grid.board) if self.finds_at_end else grid.current_position + 1
        height = grid.row_height
        top = max(min(grid.places.row_top(position), view.height() - height), 0)
        return QRect(view.mapTo(self, QPoint(0, top)), QSize(view.width(), height))

    def rename(self) -> None:
        """Let a name be typed: that of the section whose title is the current row, or that of the list."""
        if self.grid.hasFocus() and self.grid.current_section is not None:
            self.grid.edit_section()
        else:
            self.tabs.edit_current()

    def show_name(self, name: str, length: Capacity) -> None:
        """Show the list's name and length, and whether it is more than its feed takes."""
        self._name.setText(name)
        self._count.setText(f"⚠ {length.text}" if length.is_over else length.text)
        self._count.setToolTip(length.help)

    def show_sessions(self, texts: Sequence[str], hint: str) -> None:
        """Show what the exchanges of the list do, as much of it as there is room for; all of it when asked."""
        self._session_texts = tuple(texts)
        self._sessions.setToolTip("\n".join((*texts, *([hint] if hint else []))))
        self._fit_sessions()

    def _fit_sessions(self) -> None:
        texts = list(self._session_texts)
        metrics, room = self._sessions.fontMetrics(), self._sessions.width()
        while len(texts) > 1 and metrics.horizontalAdvance(" · ".join(texts)) > room:
            texts.pop()
        shown = " · ".join(texts)
        if len(texts) < len(self._session_texts):
            shown += " · …"
        self._sessions.setText(metrics.elidedText(shown, Qt.TextElideMode.ElideRight, room))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_sessions()

    def show_badge(self, badge: str) -> None:
        """Show the word for data that is not live, or nothing."""
        self._badge.setText(badge)
        self._badge.setVisible(bool(badge))
