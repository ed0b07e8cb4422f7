"""Cached figures look as if drawn at once, and are found again."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication

from openalgo_desktop.widgets import fonts, text_tiles
from openalgo_desktop.widgets.text_metrics import TextMetrics
from openalgo_desktop.widgets.text_tiles import TextTiles


def paint(tiles: TextTiles, text: str, ratio: float) -> QImage:
    image = QImage(round(120 * ratio), round(22 * ratio), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(Qt.GlobalColor.black)
    painter = QPainter(image)
    tiles.draw(painter, 110, 0, text, QColor("white"))
    painter.end()
    return image


def inked(image: QImage) -> list[int]:
    """The columns of pixels that are not black."""
    return [
        x for x in range(image.width()) if any(image.pixelColor(x, y).lightness() > 40 for y in range(image.height()))
    ]


def test_text_ends_where_it_is_told_at_every_scale(app: QApplication) -> None:
    for ratio in (1.0, 1.25, 1.5, 2.0):
        tiles = TextTiles(TextMetrics(fonts.font(12)))
        tiles.prepare(22, ratio)
        columns = inked(paint(tiles, "1,23,456.05", ratio))
        assert columns[-1] <= 110 * ratio
        assert columns[-1] >= 107 * ratio
        assert columns[0] >= (110 - tiles.metrics.width("1,23,456.05") - 2) * ratio


def test_pieces_are_kept_and_dropped_when_the_scale_changes(app: QApplication) -> None:
    tiles = TextTiles(TextMetrics(fonts.font(12)))
    tiles.prepare(22, 1.0)
    for text in ("1,234.05", "1,234.10", "1,234.05"):
        paint(tiles, text, 1.0)
    assert len(tiles._tiles) == 3
    tiles.prepare(22, 1.5)
    assert not tiles._tiles


def test_cache_is_bounded(app: QApplication, monkeypatch: object) -> None:
    tiles = TextTiles(TextMetrics(fonts.font(12)))
    tiles.prepare(22, 1.0)
    most, text_tiles.MOST = text_tiles.MOST, 10
    try:
        for number in range(100):
            paint(tiles, f"{number}", 1.0)
        assert len(tiles._tiles) <= 10
    finally:
        text_tiles.MOST = most
