"""The chart with its heading: what is shown, the interval buttons, and the figures of the bar under the cursor."""

from __future__ import annotations

import html
from collections.abc import Collection
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from openalgo_desktop.presentation.chart_texts import DEFAULT_INTERVAL_S, INTERVALS
from openalgo_desktop.widgets.eliding_label import ElidingLabel
from openalgo_desktop.widgets.skin import Skin

if TYPE_CHECKING:
    from openalgo_desktop.charts.candle_chart import CandleChart


class ChartPane(QWidget):
    """Arranges the chart; `intervalChosen` carries seconds."""

    intervalChosen = Signal(int)

    def __init__(self, skin: Skin, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._skin = skin
        self._chart: CandleChart | None = None
        self._title = _label("title", self)
        self._legend = _label("muted", self)
        self._legend.setTextFormat(Qt.TextFormat.RichText)
        self._legend.setMinimumWidth(1)
        self._note = ElidingLabel(self)
        self._note.setProperty("role", "muted")
        self._muted = skin.palette.text_muted
        self._group = QButtonGroup(self)
        head = QHBoxLayout()
        head.setContentsMargins(8, 4, 8, 4)
        head.setSpacing(4)
        head.addWidget(self._title)
        head.addSpacing(8)
        for seconds, name in INTERVALS:
            head.addWidget(self._button(seconds, name))
        head.addSpacing(12)
        head.addWidget(self._legend, 1)
        head.addWidget(self._note)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        self._layout = layout
        layout.addStretch(1)
        self.setAutoFillBackground(True)
        self._group.idClicked.connect(self.intervalChosen)

    @property
    def chart(self) -> CandleChart:
        """The chart itself, made when it is first asked for: its library takes longer to load than all of Qt."""
        if self._chart is None:
            from openalgo_desktop.charts.candle_chart import CandleChart

            self._chart = CandleChart(self._skin, self)
            self._layout.takeAt(self._layout.count() - 1)
            self._layout.addWidget(self._chart, 1)
        return self._chart

    def take_focus(self) -> None:
        """Give the chart the keyboard; a focus proxy would take other parts of the window out of Tab's way."""
        if self._chart is not None:
            self._chart.setFocus()

    def _button(self, seconds: int, name: str) -> QToolButton:
        button = QToolButton(self)
        button.setText(name)
        button.setCheckable(True)
        button.setChecked(seconds == DEFAULT_INTERVAL_S)
        button.setToolTip(f"{name} bars")
        button.setAccessibleName(f"{name} bars")
        self._group.addButton(button, seconds)
        return button

    def set_skin(self, skin: Skin) -> None:
        """Paint in other colours."""
        self._skin = skin
        self._muted = skin.palette.text_muted
        if self._chart is not None:
            self._chart.set_skin(skin)

    @property
    def interval(self) -> int:
        """The chosen interval in seconds."""
        return self._group.checkedId()

    def set_interval(self, seconds: int) -> None:
        """Mark the button of an interval."""
        button = self._group.button(seconds)
        if button is not None:
            button.setChecked(True)

    def set_refused(self, refused: Collection[int]) -> None:
        """Say quietly, on their buttons, which intervals have no history."""
        for seconds, name in INTERVALS:
            text = f"{name} bars, from live ticks only" if seconds in refused else f"{name} bars"
            self._group.button(seconds).setToolTip(text)

    def show_title(self, title: str) -> None:
        """Name the instrument."""
        self._title.setText(title)

    def show_note(self, note: str) -> None:
        """Say something quietly at the right, or nothing."""
        self._note.setText(note)

    def show_legend(self, pairs: list[tuple[str, str]]) -> None:
        """Show (name, text) pairs of one bar."""
        pairs = self._fitting(pairs)
        parts = [
            f'<span style="color:{self._muted}">{html.escape(name)}</span> {html.escape(text)}' for name, text in pairs
        ]
        text = "&nbsp;&nbsp;&nbsp;".join(parts)
        if text != self._legend.text():
            self._legend.setText(text)

    def _fitting(self, pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
        """The first of `pairs` that have room: a figure that is cut off would be read wrongly."""
        measure = self._legend.fontMetrics().horizontalAdvance
        room = self._legend.width()
        for number, (name, text) in enumerate(pairs):
            room -= measure(f"{name} {text}   ")
            if room < 0:
                return pairs[:number]
        return pairs


def _label(role: str, parent: QWidget) -> QLabel:
    label = QLabel(parent)
    label.setProperty("role", role)
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label
