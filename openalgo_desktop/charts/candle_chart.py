"""The live candle chart: gapless bars, volume below, the last price as a tag, and a cross over the bar read out.

Raster only: pyqtgraph's OpenGL paths leak and are slower here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QVBoxLayout, QWidget

from market.candles import Candle
from openalgo_desktop.charts.axes import TimeAxis, ValueAxis, dress_axis
from openalgo_desktop.charts.candle_item import CandleItem, VolumeItem
from openalgo_desktop.charts.plotting import pg
from openalgo_desktop.presentation import chart_scale, formats
from openalgo_desktop.presentation.columns import RowStyle
from openalgo_desktop.widgets.scale import live
from openalgo_desktop.widgets.skin import Skin

SHOWN_BARS = 120
LEAST_BARS = 15
MOST_BARS = 1_500
AXIS_WIDTH = live(78)


class CandleChart(QWidget):
    """Shows the bars of one instrument and says which bar is under the cursor."""

    barPointed = Signal(int)  # position of the bar under the cursor, -1 for none

    def __init__(self, skin: Skin, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._skin = skin
        self._bars: Sequence[Candle] = ()
        self._style = RowStyle()
        self._tick_size = 0.05
        self._follow = True
        self._pointed = -1
        self._view = pg.GraphicsLayoutWidget(self)
        self._view.ci.setContentsMargins(0, 0, 0, 0)
        self._view.ci.setSpacing(0)
        self._time = TimeAxis(skin)
        self._price_axis = ValueAxis(skin, self._write_price)
        self._volume_axis = ValueAxis(skin, self._write_volume)
        self._price = self._plot(0, self._price_axis, None)
        self._volume = self._plot(1, self._volume_axis, self._time)
        self._volume.setXLink(self._price)
        self._view.ci.layout.setRowStretchFactor(0, 4)
        self._view.ci.layout.setRowStretchFactor(1, 1)
        self._candles, self._volumes = CandleItem(skin), VolumeItem(skin)
        self._price.addItem(self._candles, ignoreBounds=True)
        self._volume.addItem(self._volumes, ignoreBounds=True)
        self._cross = self._make_cross()
        layout = QVBoxLayout(self)
        # Room for the ring that shows that the keyboard is here.
        layout.setContentsMargins(2, 2, 2, 2)
        layout.addWidget(self._view)
        self._view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._price.vb.sigXRangeChanged.connect(self._range_changed)
        self._view.scene().sigMouseMoved.connect(self._mouse_moved)
        self._view.installEventFilter(self)
        self.setAccessibleName("Candle chart")
        self.set_skin(skin)

    def _plot(self, row: int, axis: ValueAxis, time: TimeAxis | None) -> Any:
        items = {"right": axis} if time is None else {"right": axis, "bottom": time}
        plot = self._view.addPlot(row=row, col=0, axisItems=items)
        for side in ("left", "top"):
            plot.hideAxis(side)
        plot.showAxis("right")
        plot.showAxis("bottom", time is not None)
        axis.setWidth(AXIS_WIDTH)
        plot.setMenuEnabled(False)
        plot.hideButtons()
        plot.vb.setMouseEnabled(x=True, y=False)
        plot.vb.setLimits(minXRange=LEAST_BARS, maxXRange=MOST_BARS)
        plot.vb.setDefaultPadding(0.0)
        plot.disableAutoRange()
        return plot

    def _make_cross(self) -> tuple[Any, Any, Any]:
        lines = (pg.InfiniteLine(angle=90), pg.InfiniteLine(angle=90), pg.InfiniteLine(angle=0))
        for line, plot in zip(lines, (self._price, self._volume, self._price), strict=True):
            line.setVisible(False)
            plot.addItem(line, ignoreBounds=True)
        return lines

    def set_skin(self, skin: Skin) -> None:
        """Paint in other colours."""
        self._skin = skin
        self._view.setBackground(skin.panel)
        for axis in (self._time, self._price_axis, self._volume_axis):
            dress_axis(axis, skin)
        for axis in (self._price_axis, self._volume_axis):
            axis.setWidth(AXIS_WIDTH)
        for line in self._cross:
            line.setPen(pg.mkPen(skin.muted, style=Qt.PenStyle.DashLine))
        for item in (self._candles, self._volumes):
            item.skin = skin
            item.update()

    def begin(self, style: RowStyle, *, tick_size: float, with_volume: bool) -> None:
        """Start anew for another instrument or interval: empty, and following the last bar."""
        self._style, self._tick_size, self._follow = style, tick_size, True
        self._volume_axis.setVisible(with_volume)
        self._volume.vb.setVisible(with_volume)
        self._view.ci.layout.setRowStretchFactor(1, 1 if with_volume else 0)
        self._view.ci.layout.setRowMaximumHeight(1, 10_000 if with_volume else 24)
        self._price_axis.tag = None
        self.point(-1)
        self._show_last(SHOWN_BARS)

    def show_bars(self, bars: Sequence[Candle], breaks: Sequence[int], *, interval_s: int, direction: int) -> None:
        """Draw `bars`; the tag takes the colour of the last tick's `direction`."""
        grown = len(bars) - len(self._bars)
        self._bars = bars
        self._candles.show_bars(bars, breaks)
        self._volumes.show_bars(bars, breaks)
        if grown:
            self._time.show_bars(bars, breaks, interval_s)
            if self._follow:
                left, right = self._price.vb.viewRange()[0]
                self._show_last(right - left)
        if bars:
            paper = self._skin.direction(direction) if direction else self._skin.secondary
            moved = self._price_axis.tag is None or self._price_axis.tag[0] != bars[-1].close
            self._price_axis.tag = (bars[-1].close, self._skin.app, paper)
            if moved:
                self._price_axis.picture = None
            self._price_axis.update()
        elif self._price_axis.tag is not None:
            self._price_axis.tag, self._price_axis.picture = None, None
            self._price_axis.update()
        self._fit()

    def bar(self, position: int) -> Candle | None:
        """The bar at `position`, or the last one for -1, or None."""
        if not self._bars or position >= len(self._bars):
            return None
        return self._bars[position]

    def _show_last(self, count: float) -> None:
        right = len(self._bars) + chart_scale.RIGHT_GAP_BARS
        self._price.vb.setXRange(right - count, right, padding=0)

    def _range_changed(self) -> None:
        _left, right = self._price.vb.viewRange()[0]
        self._follow = right >= len(self._bars)
        self._fit()

    def _fit(self) -> None:
        """Fit prices and volumes to the bars in view."""
        left, right = self._price.vb.viewRange()[0]
        shown = self._bars[max(int(left), 0) : max(int(right) + 1, 0)]
        reach = chart_scale.price_range(shown, least=self._tick_size * 10)
        if reach is None:
            return
        if list(reach) != self._price.vb.viewRange()[1]:
            self._price.vb.setYRange(*reach, padding=0)
        top = max(bar.volume for bar in shown) * 1.15 or 1.0
        if [0.0, top] != self._volume.vb.viewRange()[1]:
            self._volume.vb.setYRange(0.0, top, padding=0)

    # The cross

    def _mouse_moved(self, at: QPointF) -> None:
        view = self._price.vb
        if not view.sceneBoundingRect().contains(at):
            self.point(-1)
            return
        where = view.mapSceneToView(at)
        position = round(where.x())
        if not 0 <= position < len(self._bars):
            self.point(-1)
            return
        price = round(where.y() / self._tick_size) * self._tick_size
        self.point(position, price=price)

    def point(self, position: int, *, price: float | None = None) -> None:
        """Put the cross on the bar at `position` and at `price`; -1 takes it away."""
        shown, self._pointed = position >= 0, position
        for line, value in zip(self._cross, (position, position, price or 0.0), strict=True):
            line.setVisible(shown)
            line.setPos(value)
        self._price_axis.cursor = price if shown else None
        self._time.cursor = position if shown else None
        self._price_axis.update()
        self._time.update()
        self.barPointed.emit(position)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The arrows move the cross from bar to bar, + and - change how many are shown."""
        last, key = len(self._bars) - 1, event.key()
        at = last + 1 if self._pointed < 0 else self._pointed
        targets = {
            Qt.Key.Key_Left: at - 1,
            Qt.Key.Key_Right: at + 1,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }
        if key in targets and self._bars:
            self._point_by_key(min(max(targets[Qt.Key(key)], 0), last))
        elif key == Qt.Key.Key_Escape and self._pointed >= 0:
            self.point(-1)
        elif event.text() in ("+", "=", "-"):
            left, right = self._price.vb.viewRange()[0]
            self._show_last((right - left) * (1.25 if event.text() == "-" else 0.8))
        else:
            super().keyPressEvent(event)

    def _point_by_key(self, position: int) -> None:
        left, right = self._price.vb.viewRange()[0]
        if not left <= position <= right:
            shift = position - left - 1 if position < left else position - right + 1
            self._price.vb.setXRange(left + shift, right + shift, padding=0)
        self.point(position, price=self._bars[position].close)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(event.rect(), self._skin.panel)
        if self.hasFocus():
            painter.setPen(QPen(self._skin.accent, 2))
            painter.drawRect(self.rect().adjusted(1, 1, -1, -1))
        painter.end()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self.point(-1)
        return super().eventFilter(watched, event)

    def _write_price(self, value: float) -> str:
        # An axis without bars has a range, but no prices.
        return formats.price(value, self._style.decimals, style=self._style.numbers) if self._bars else ""

    def _write_volume(self, value: float) -> str:
        return formats.abbreviated(value, style=self._style.numbers) if value and self._bars else ""
