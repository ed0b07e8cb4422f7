"""The bundled face is there and its figures are equally wide."""

from __future__ import annotations

from PySide6.QtGui import QFont, QFontInfo, QFontMetricsF
from PySide6.QtWidgets import QApplication

from openalgo_desktop.widgets import fonts
from openalgo_desktop.widgets.text_metrics import TextMetrics


def test_bundled_face_is_used(app: QApplication) -> None:
    assert fonts.FAMILY in fonts.load()
    assert QFontInfo(fonts.font(12)).family() == fonts.FAMILY
    strong = QFontInfo(fonts.font(12, strong=True))
    assert strong.family().startswith(fonts.FAMILY)
    assert strong.weight() == QFont.Weight.Medium, "a real face, not one made bold by machine"


def test_figures_are_equally_wide(app: QApplication) -> None:
    for strong, italic in ((False, False), (True, False), (False, True)):
        metrics = QFontMetricsF(fonts.font(12, strong=strong, italic=italic))
        widths = [metrics.horizontalAdvance(digit) for digit in "0123456789"]
        assert max(widths) - min(widths) < 0.05


def test_width_is_what_qt_measures(app: QApplication) -> None:
    font = fonts.font(12)
    for text in ("1,23,456.05", "−0.05", "70.83 L", ""):
        assert abs(TextMetrics(font).width(text) - QFontMetricsF(font).horizontalAdvance(text)) < 0.6


def test_elided_text_fits(app: QApplication) -> None:
    metrics = TextMetrics(fonts.font(12))
    cut = metrics.elided("NIFTY 30 DEC 26000 CE", 80)
    assert cut.endswith("…")
    assert metrics.width(cut) <= 80
    assert metrics.elided("TCS", 80) == "TCS"
