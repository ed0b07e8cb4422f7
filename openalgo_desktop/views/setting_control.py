"""One setting on the page: its name, a control of the right kind, what it does, and the way back to the default."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QLabel, QLineEdit, QSpinBox, QToolButton, QWidget

from openalgo_desktop.presentation.settings_plan import SettingRow, name_of


class SettingControl(QWidget):
    """`changed(key, value)` and `resetRequested(key)` are told at once; there is no button to confirm."""

    changed = Signal(str, object)
    resetRequested = Signal(str)

    def __init__(self, row: SettingRow, parent: QWidget) -> None:
        super().__init__(parent)
        self.row = row
        self.control = self._make()
        self.control.setObjectName(f"setting.{row.key}")
        self.control.setAccessibleName(row.label)
        self.control.setAccessibleDescription(row.notes)
        label = QLabel(row.label, self)
        label.setBuddy(self.control)
        self._reset = QToolButton(self)
        self._reset.setText("↺")
        self._reset.setToolTip(f"Back to the default: {name_of(row.key, row.default)}")
        self._reset.setAccessibleName(f"{row.label}: back to the default")
        self._reset.clicked.connect(lambda: self.resetRequested.emit(row.key))
        self._notes = QLabel("", self)
        self._notes.setProperty("role", "muted")
        self._notes.setWordWrap(True)
        self._notes.setTextFormat(Qt.TextFormat.PlainText)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(2)
        grid.addWidget(label, 0, 0)
        grid.addWidget(self.control, 0, 1)
        grid.addWidget(self._reset, 0, 2)
        grid.addWidget(self._notes, 1, 0, 1, 3)
        grid.setColumnStretch(0, 3)
        grid.setColumnStretch(1, 2)
        self.show_row(row)

    def show_row(self, row: SettingRow) -> None:
        """Show the value as it is now, and who decides it."""
        self.row = row
        self._notes.setText(row.notes)
        self._reset.setEnabled(row.is_stored)
        control = self.control
        control.blockSignals(True)
        if isinstance(control, QCheckBox):
            control.setChecked(bool(row.value))
        elif isinstance(control, QSpinBox):
            control.setValue(int(row.value))
        elif isinstance(control, QComboBox):
            control.setCurrentIndex(control.findData(row.value))
        elif isinstance(control, QLineEdit) and control.text() != str(row.value):
            control.setText(str(row.value))
        control.blockSignals(False)

    def _make(self) -> QCheckBox | QComboBox | QSpinBox | QLineEdit:
        row = self.row
        if row.choices:
            return self._make_choice(row)
        if isinstance(row.default, bool):
            box = QCheckBox("On", self)
            box.toggled.connect(lambda on: self.changed.emit(row.key, on))
            return box
        if isinstance(row.default, int):
            spin = _Spin(self)
            spin.setRange(row.least or 0, row.most or 0)
            spin.setKeyboardTracking(False)
            if row.key == "ui_scale":
                spin.setSingleStep(10)
                spin.setSuffix(" %")
            spin.valueChanged.connect(lambda value: self.changed.emit(row.key, value))
            return spin
        line = QLineEdit(self)
        line.setMaxLength(row.most or 1000)
        line.editingFinished.connect(lambda: self._typed(line.text().strip()))
        return line

    def _make_choice(self, row: SettingRow) -> QComboBox:
        combo = _Combo(self)
        for choice in row.choices:
            combo.addItem(name_of(row.key, choice), choice)
        combo.activated.connect(lambda _index: self.changed.emit(row.key, combo.currentData()))
        return combo

    def _typed(self, text: str) -> None:
        if text != self.row.value:
            self.changed.emit(self.row.key, text)


class _Spin(QSpinBox):
    """The wheel scrolls the page: nobody wants a port changed on the way."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class _Combo(QComboBox):
    """The wheel scrolls the page."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()
