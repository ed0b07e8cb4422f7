"""The axes of the chart: round prices with the last price as a tag, and session times in IST."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from market.candles import Candle
from openalgo_desktop.charts.plotting import pg
from openalgo_desktop.presentation import chart_scale
from openalgo_desktop.widgets import fonts
from openalgo_desktop.widgets.scale import live, px
from openalgo_desktop.widgets.skin import Skin
from openalgo_desktop.widgets.text_metrics import TextMetrics

TAG_HEIGHT = live(16)
PRICE_STEP_PX = live(38)
TIME_STEP_PX = live(84)


class ValueAxis(pg.AxisItem):  # type: ignore[misc]
    """Vertical axis on the right; `write` turns a value into text. Tags are (value, ink, paper)."""

    def __init__(self, skin: Skin, write: Callable[[float], str]) -> None:
        super().__init__(orientation="right", maxTickLength=-4)
        self.write = write
        self.tag: tuple[float, QColor, QColor] | None = None
        self.cursor: float | None = None
        self._metrics = TextMetrics(fonts.font(fonts.AXIS_PX, strong=True))
        dress_axis(self, skin)
        self.skin = skin

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        count = max(int(size / PRICE_STEP_PX), 2)
        covered = TAG_HEIGHT * (high - low) / max(size, 1.0)
        for some in (count, 2 * count):
            # Half of a step's text at the edge would lie over the axis of the plot beside.
            steps = [
                step for step in chart_scale.price_steps(low, high, some) if low <= step - covered / 2 <= high - covered
            ]
            if steps:
                break
        if self.tag is not None:
            # A step under the tag would be half covered by it.
            steps = [step for step in steps if abs(step - self.tag[0]) > covered]
        return [(1.0, steps)]

    def tickStrings(self, values: Sequence[float], _scale: float, _spacing: float) -> list[str]:
        return [self.write(value) for value in values]

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        super().paint(painter, option, widget)
        if self.tag is not None:
            value, ink, paper = self.tag
            self._paint_tag(painter, value, ink, paper)
        if self.cursor is not None:
            self._paint_tag(painter, self.cursor, self.skin.app, self.skin.secondary)

    def _paint_tag(self, painter: QPainter, value: float, ink: QColor, paper: QColor) -> None:
        low, high = self.range
        if not low <= value <= high or high <= low:
            return
        area = self.boundingRect()
        height = self.size().height()
        y = height - (value - low) / (high - low) * height
        top = min(max(y - TAG_HEIGHT / 2, 0.0), height - TAG_HEIGHT)
        painter.fillRect(QRectF(0.0, top, area.right(), TAG_HEIGHT), paper)
        painter.setFont(self._metrics.font)
        painter.setPen(ink)
        painter.drawText(QPointF(6.0, top + self._metrics.baseline(TAG_HEIGHT)), self.write(value))


class TimeAxis(pg.AxisItem):  # type: ignore[misc]
    """Horizontal axis over bar positions: gaps between sessions take no room."""

    def __init__(self, skin: Skin) -> None:
        super().__init__(orientation="bottom", maxTickLength=-4)
        self._bars: Sequence[Candle] = ()
        self._breaks: Collection[int] = ()
        self._interval_s = 60
        self._labels: dict[float, str] = {}
        self._metrics = TextMetrics(fonts.font(fonts.AXIS_PX, strong=True))
        self.cursor: int | None = None
        dress_axis(self, skin)
        self.skin = skin

    def show_bars(self, bars: Sequence[Candle], breaks: Collection[int], interval_s: int) -> None:
        """Name `bars`."""
        self._bars, self._breaks, self._interval_s = bars, breaks, interval_s
        self.picture = None
        self.update()

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        room = max(int(size / TIME_STEP_PX), 1)
        labels = chart_scale.time_labels(
            self._bars, int(low), int(high) + 1, room=room, breaks=self._breaks, interval_s=self._interval_s
        )
        self._labels = {float(position): text for position, text in labels}
        return [(1.0, list(self._labels))]

    def tickStrings(self, values: Sequence[float], _scale: float, _spacing: float) -> list[str]:
        return [self._labels.get(value, "") for value in values]

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        super().paint(painter, option, widget)
        if self.cursor is None or not 0 <= self.cursor < len(self._bars):
            return
        low, high = self.range
        text = chart_scale.moment(self._bars[self.cursor], self._interval_s)
        width = self._metrics.width(text) + 10
        x = (self.cursor - low) / (high - low) * self.size().width() - width / 2
        x = min(max(x, 0.0), self.size().width() - width)
        painter.fillRect(QRectF(x, 2.0, width, TAG_HEIGHT), self.skin.secondary)
        painter.setFont(self._metrics.font)
        painter.setPen(self.skin.app)
        painter.drawText(QPointF(x + 5.0, 2.0 + self._metrics.baseline(TAG_HEIGHT)), text)


def dress_axis(axis: Any, skin: Skin) -> None:
    """Give an axis the colours of a theme."""
    axis.skin = skin
    axis.setPen(pg.mkPen(skin.hairline))
    axis.setTextPen(pg.mkPen(skin.muted))
    axis.setStyle(tickFont=fonts.font(fonts.AXIS_PX), tickTextOffset=px(6), autoExpandTextSpace=False)
    # Ticks are measured and painted once; another size makes both anew.
    axis.picture = None
    axis.update()
    axis.setZValue(1)
    axis.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
