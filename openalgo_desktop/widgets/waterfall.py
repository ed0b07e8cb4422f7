"""Paints the way of a tick: one bar per stage on a common scale, its duration beside it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from openalgo_desktop.presentation.tick_journey import Stage
from openalgo_desktop.widgets import fonts
from openalgo_desktop.widgets.scale import live
from openalgo_desktop.widgets.skin import Skin
from openalgo_desktop.widgets.text_metrics import TextMetrics

ROW = live(40)
NAMES = live(170)
TYPICAL = live(150)
PADDING = live(8)


class Waterfall(QWidget):
    """Shows stages, and what each usually takes."""

    def __init__(self, skin: Skin, parent: QWidget) -> None:
        super().__init__(parent)
        self.skin = skin
        self._stages: tuple[Stage, ...] = ()
        self._typical: tuple[str, ...] = ()
        self._plain = TextMetrics(fonts.font(fonts.GRID_PX))
        self._small = TextMetrics(fonts.font(fonts.LADDER_PX))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("The way of the last tick")

    def sizeHint(self) -> QSize:
        return QSize(620, 4 * ROW + 2 * PADDING)

    def show_stages(self, stages: Sequence[Stage], typical: Sequence[str]) -> None:
        """Show `stages` with what each usually takes."""
        self._stages, self._typical = tuple(stages), tuple(typical)
        said = [f"{stage.name} {stage.note}" for stage in stages]
        self.setAccessibleDescription("; ".join(said))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.skin.panel)
        if not self._stages:
            painter.setFont(self._plain.font)
            painter.setPen(self.skin.muted)
            painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignCenter), "Waiting for the next tick of this row.")
        longest = max((stage.end_ms for stage in self._stages if stage.end_ms is not None), default=1.0)
        for number, stage in enumerate(self._stages):
            self._paint_stage(painter, stage, self._typical[number], PADDING + number * ROW, max(longest, 0.001))
        painter.end()

    def _paint_stage(self, painter: QPainter, stage: Stage, typical: str, top: int, longest: float) -> None:
        skin, room = self.skin, self.width() - NAMES - TYPICAL - 3 * PADDING
        baseline = top + self._plain.baseline(ROW // 2)
        self._put(painter, self._plain, PADDING, baseline, stage.name)
        painter.fillRect(NAMES, top + ROW // 2, room, 8, skin.hairline)
        if stage.begin_ms is not None and stage.end_ms is not None:
            left, right = sorted((stage.begin_ms, stage.end_ms))
            first = NAMES + round(max(left, 0.0) / longest * (room - 2))
            wide = max(round((right - left) / longest * (room - 2)), 2)
            painter.fillRect(QRect(first, top + ROW // 2, min(wide, NAMES + room - first), 8), skin.accent)
        painter.setPen(skin.primary if stage.end_ms is not None else skin.muted)
        self._put(painter, self._small, NAMES, baseline, stage.note, keep_pen=True)
        painter.setPen(skin.muted)
        wide_text = self._small.width(typical)
        self._put(painter, self._small, self.width() - PADDING - wide_text, baseline, typical, keep_pen=True)

    def _put(
        self, painter: QPainter, metrics: TextMetrics, x: float, baseline: int, text: str, *, keep_pen: bool = False
    ) -> None:
        painter.setFont(metrics.font)
        if not keep_pen:
            painter.setPen(self.skin.secondary)
        painter.drawText(QPointF(x, baseline), text)
