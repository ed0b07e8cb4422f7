"""Figures painted from small cached pictures: shaping and rasterising a price costs several times blitting it.

A text is cut into a head and a tail of four letters. The tail has few variants, the head changes seldom, so nearly
every piece has been painted before, although whole prices rarely repeat.
"""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap

from openalgo_desktop.widgets.text_metrics import TextMetrics

TAIL = 4
MOST = 6_000
_Piece = tuple[str, int]


class TextTiles:
    """Paints one-line texts of one font, right aligned, in rows of one height."""

    def __init__(self, metrics: TextMetrics) -> None:
        self.metrics = metrics
        self._scale = (0, 0.0)
        self._version = metrics.version
        self._baseline = 0
        self._tiles: dict[_Piece, tuple[QPixmap, float]] = {}

    def prepare(self, height: int, pixel_ratio: float) -> None:
        """Paint for rows of `height` on a screen of `pixel_ratio`; forgets the pictures if either changed."""
        if self._scale != (height, pixel_ratio) or self._version != self.metrics.version:
            self._version = self.metrics.version
            self._scale = (height, pixel_ratio)
            self._baseline = self.metrics.baseline(height)
            self._tiles.clear()

    def draw(self, painter: QPainter, right: float, top: int, text: str, ink: QColor) -> float:
        """Paint `text` so that it ends at `right`; returns where it begins."""
        rgb = ink.rgb()
        tiles = self._tiles
        for piece in (text[-TAIL:], text[:-TAIL]):
            if piece:
                tile = tiles.get((piece, rgb)) or self._make(piece, ink)
                right -= tile[1]
                painter.drawPixmap(QPointF(right, top), tile[0])
        return right

    def _make(self, piece: str, ink: QColor) -> tuple[QPixmap, float]:
        if len(self._tiles) >= MOST:
            self._tiles.clear()
        height, ratio = self._scale
        # Whole device pixels, so that pieces meet without being resampled.
        width = round(self.metrics.width(piece) * ratio) / ratio
        pixmap = QPixmap(math.ceil((width + 1) * ratio), math.ceil(height * ratio))
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setFont(self.metrics.font)
        painter.setPen(ink)
        painter.drawText(QPointF(0.0, self._baseline), piece)
        painter.end()
        tile = (pixmap, width)
        self._tiles[piece, ink.rgb()] = tile
        return tile
