"""Candles and their volumes as two graphics items: they draw the bars in view from plain lists, batched by colour."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from market.candles import Candle
from openalgo_desktop.charts.plotting import pg
from openalgo_desktop.widgets.skin import Skin

BODY = 0.35


class BarsItem(pg.GraphicsObject):  # type: ignore[misc]
    """What candles and volumes have in common: the bars, and which of them are in view."""

    def __init__(self, skin: Skin) -> None:
        super().__init__()
        self.skin = skin
        self._bars: Sequence[Candle] = ()
        self._breaks: Collection[int] = ()
        self._bounds = QRectF()

    def show_bars(self, bars: Sequence[Candle], breaks: Collection[int]) -> None:
        """Draw `bars`; a rule stands before each position in `breaks`."""
        bounds = self._bounds_of(bars)
        if bounds != self._bounds:
            self.prepareGeometryChange()
            self._bounds = bounds
        self._bars, self._breaks = bars, breaks
        self.update()

    def _bounds_of(self, bars: Sequence[Candle]) -> QRectF:
        """What the bars cover, and half as much around: rules reach past the prices."""
        if not bars:
            return QRectF()
        low, high = self.reach(bars)
        height = (high - low) or abs(high) or 1.0
        return QRectF(-1.0, low - height / 2, len(bars) + 1.0, 2 * height)

    def reach(self, bars: Sequence[Candle]) -> tuple[float, float]:
        """The lowest and the highest value drawn."""
        return min([bar.low for bar in bars]), max([bar.high for bar in bars])

    def boundingRect(self) -> QRectF:
        return self._bounds

    def dataBounds(self, *_args: object, **_kwargs: object) -> None:
        """Keep pyqtgraph from ranging by the rectangle above."""

    def in_view(self) -> range:
        """The positions of the bars in view."""
        left, right = self.getViewBox().viewRange()[0]
        return range(max(int(left) - 1, 0), min(int(right) + 2, len(self._bars)))


class CandleItem(BarsItem):
    """Bodies and wicks."""

    def paint(self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None) -> None:
        rising: tuple[list[QRectF], list[QLineF]] = ([], [])
        falling: tuple[list[QRectF], list[QLineF]] = ([], [])
        thinnest = self.getViewBox().viewPixelSize()[1]
        for position in self.in_view():
            bar = self._bars[position]
            bodies, wicks = rising if bar.close >= bar.open else falling
            low, high = min(bar.open, bar.close), max(bar.open, bar.close)
            bodies.append(QRectF(position - BODY, low, 2 * BODY, max(high - low, thinnest)))
            wicks.append(QLineF(position, bar.low, position, bar.high))
        self._rule_sessions(painter)
        for (bodies, wicks), colour in ((rising, self.skin.up), (falling, self.skin.down)):
            painter.setPen(_cosmetic(colour))
            painter.drawLines(wicks)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawRects(bodies)

    def _rule_sessions(self, painter: QPainter) -> None:
        low, high = self.getViewBox().viewRange()[1]
        painter.setPen(_cosmetic(self.skin.control))
        shown = self.in_view()
        painter.drawLines([QLineF(at - 0.5, low, at - 0.5, high) for at in self._breaks if at in shown])


class VolumeItem(BarsItem):
    """Volumes from zero up, dimmed, in the colour of their candle."""

    def reach(self, bars: Sequence[Candle]) -> tuple[float, float]:
        return 0.0, float(max([bar.volume for bar in bars]))

    def paint(self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None) -> None:
        rising: list[QRectF] = []
        falling: list[QRectF] = []
        for position in self.in_view():
            bar = self._bars[position]
            side = rising if bar.close >= bar.open else falling
            side.append(QRectF(position - BODY, 0.0, 2 * BODY, float(bar.volume)))
        painter.setPen(Qt.PenStyle.NoPen)
        for rects, colour in ((rising, self.skin.up), (falling, self.skin.down)):
            dimmed = QColor(colour)
            dimmed.setAlphaF(0.45)
            painter.setBrush(dimmed)
            painter.drawRects(rects)


def _cosmetic(colour: QColor) -> QPen:
    pen = QPen(colour)
    pen.setCosmetic(True)
    return pen
