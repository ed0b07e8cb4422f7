"""The icon ships and is a picture."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication

from openalgo_desktop.widgets import icons


def test_application_icon_is_a_picture(app: QApplication) -> None:
    picture = icons.application().pixmap(64, 64).toImage()
    assert picture.width() == 64
    assert len({picture.pixelColor(x, y).name() for x in range(64) for y in range(64)}) > 10
