"""The settings page, made from the one table of settings: find one, change it, see it take effect at once."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialogButtonBox, QFrame, QLabel, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from openalgo_desktop.presentation.settings_plan import SettingRow, matches, on_page
from openalgo_desktop.views.dialog import Dialog
from openalgo_desktop.views.setting_control import SettingControl


class SettingsDialog(Dialog):
    """`changed(key, value)` and `resetRequested(key)`; call `show_rows` with what came of it."""

    changed = Signal(str, object)
    resetRequested = Signal(str)
    wanted = (620, 640)

    def __init__(self, rows: Sequence[SettingRow], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Settings")
        self.controls: dict[str, SettingControl] = {}
        self._headings: list[tuple[QLabel, list[SettingControl]]] = []
        self.finder = QLineEdit(self)
        self.finder.setPlaceholderText("Find a setting")
        self.finder.setAccessibleName("Find a setting")
        self.finder.textChanged.connect(self._filter)
        self._said = QLabel("", self)
        self._said.setWordWrap(True)
        self._said.setTextFormat(Qt.TextFormat.PlainText)
        self._said.setAccessibleName("What came of the last change")
        self._scroll = self._make_page(rows)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 14, 16, 14)
        layout.setSpacing(10)
        layout.addWidget(self.finder)
        layout.addWidget(self._scroll, 1)
        layout.addWidget(self._said)
        layout.addWidget(buttons)

    def _make_page(self, rows: Sequence[SettingRow]) -> QScrollArea:
        page = QWidget(self)
        column = QVBoxLayout(page)
        column.setContentsMargins(14, 10, 14, 10)
        column.setSpacing(12)
        for heading, group in on_page(rows):
            if not group:
                continue
            title = QLabel(heading, page)
            title.setProperty("role", "title")
            column.addWidget(title)
            controls = [self._make_control(row, page) for row in group]
            for control in controls:
                column.addWidget(control)
            self._headings.append((title, controls))
        column.addStretch(1)
        scroll = QScrollArea(self)
        scroll.setWidget(page)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setAccessibleName("Settings")
        return scroll

    def _make_control(self, row: SettingRow, page: QWidget) -> SettingControl:
        control = SettingControl(row, page)
        control.changed.connect(self.changed)
        control.resetRequested.connect(self.resetRequested)
        self.controls[row.key] = control
        return control

    def show_rows(self, rows: Sequence[SettingRow]) -> None:
        """Show values as they are now."""
        for row in rows:
            if row.key in self.controls:
                self.controls[row.key].show_row(row)

    def say(self, sentence: str) -> None:
        """Say what came of a change."""
        self._said.setText(sentence)

    def go_to(self, key: str) -> None:
        """Put the keyboard on a setting."""
        control = self.controls.get(key)
        if control is not None:
            control.control.setFocus(Qt.FocusReason.ShortcutFocusReason)
            self._scroll.ensureWidgetVisible(control)

    def _filter(self, text: str) -> None:
        for title, controls in self._headings:
            for control in controls:
                control.setVisible(matches(control.row, text))
            title.setVisible(any(not control.isHidden() for control in controls))
