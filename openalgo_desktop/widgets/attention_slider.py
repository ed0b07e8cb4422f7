"""From calm to everything: how much may flash, as a slider that fits into a menu."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QWidget

WIDTH = 120


class AttentionSlider(QWidget):
    """Steps from 0 (calm) to the last of `names` (everything); `chosen(step)` is told at once."""

    chosen = Signal(int)

    def __init__(self, names: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names = tuple(names)
        self.slider = QSlider(Qt.Orientation.Horizontal, self)
        self.slider.setRange(0, len(names) - 1)
        self.slider.setPageStep(1)
        self.slider.setTickPosition(QSlider.TickPosition.TicksBelow)
        self.slider.setMinimumWidth(WIDTH)
        self.slider.setAccessibleName("What flashes, from calm to everything")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(22, 4, 14, 4)
        for part in (self._label("calm"), self.slider, self._label("everything")):
            layout.addWidget(part)
        self.slider.valueChanged.connect(self._moved)
        self._say(0)

    def _label(self, text: str) -> QLabel:
        label = QLabel(text, self)
        label.setProperty("role", "muted")
        return label

    def show_step(self, step: int) -> None:
        """Stand at `step`, without telling anybody."""
        self.slider.blockSignals(True)
        self.slider.setValue(step)
        self.slider.blockSignals(False)
        self._say(step)

    def _moved(self, step: int) -> None:
        self._say(step)
        self.chosen.emit(step)

    def _say(self, step: int) -> None:
        self.slider.setToolTip(self._names[step])
        self.slider.setAccessibleDescription(self._names[step])
