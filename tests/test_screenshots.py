"""The pictures of the documentation: small, and what they were."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtGui import QColor, QImage

from tests.screenshots import COLOURS, shrink


def test_a_picture_keeps_the_colours_that_most_of_it_has(tmp_path: Path) -> None:
    image = QImage(400, 100, QImage.Format.Format_RGB32)
    image.fill(QColor("#12161f"))
    for x in range(400):  # more colours than there is room for, a pixel each
        image.setPixelColor(x, 0, QColor(x % 256, x // 2, 200))
    for x in range(50):
        image.setPixelColor(x, 50, QColor("#ff6b5e"))
    path = tmp_path / "picture.png"
    image.save(str(path))
    shrink(path)
    small = QImage(str(path))
    assert (small.width(), small.height()) == (400, 100)
    assert small.colorCount() <= COLOURS
    assert small.pixelColor(200, 80) == QColor("#12161f")
    assert small.pixelColor(10, 50) == QColor("#ff6b5e")
