"""The scale: lengths, fonts, style sheets and layouts follow it, live, and come back to where they were."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QRect
from PySide6.QtWidgets import QApplication, QGridLayout, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from openalgo_desktop.widgets import fonts
from openalgo_desktop.widgets.scale import CURRENT, css, live, px, scale_layouts, unscaled
from openalgo_desktop.widgets.text_metrics import TextMetrics
from openalgo_desktop.widgets.text_tiles import TextTiles


@pytest.fixture(autouse=True)
def _usual_again() -> Iterator[None]:
    yield
    CURRENT.set(100)


def test_lengths_and_back() -> None:
    CURRENT.set(150)
    assert (px(22), px(1), unscaled(33)) == (33, 2, 22)
    CURRENT.set(80)
    assert (px(22), unscaled(px(100))) == (18, 100)


def test_a_live_constant_is_what_it_is_now() -> None:
    row = live(18)
    CURRENT.set(150)
    assert (row, row + 1, 60 - row, 2 * row, 54 // row, row / 2, -row, int(row)) == (27, 28, 33, 54, 2, 13.5, -27, 27)
    assert row < 28 <= live(20)
    assert row * 1.5 == 40.5
    assert QRect(0, row, row, 4) == QRect(0, 27, 27, 4)
    CURRENT.set(100)
    assert (row, QRect(0, 0, row, 4).width()) == (18, 18)


def test_same_scale_again_is_said_to_be_no_change() -> None:
    assert CURRENT.set(120)
    assert not CURRENT.set(120)


def test_fonts_measured_before_grow_too(app: QApplication) -> None:
    metrics = TextMetrics(fonts.font(fonts.GRID_PX))
    tiles = TextTiles(metrics)
    tiles.prepare(22, 1.0)
    before = metrics.width("1,234.50")
    CURRENT.set(150)
    assert metrics.font.pixelSize() == 18
    assert metrics.width("1,234.50") == pytest.approx(before * 1.5, rel=0.05)
    for percent in (80, 130, 100):
        CURRENT.set(percent)
    assert metrics.font.pixelSize() == 12, "rounding does not add up"


def test_style_sheets_scale_all_but_thin_lines() -> None:
    CURRENT.set(150)
    assert css("font-size: 12px; border: 1px solid; padding: 2px 10px;") == (
        "font-size: 18px; border: 1px solid; padding: 2px 15px;"
    )


def test_layouts_scale_from_where_they_began(app: QApplication, qtbot: QtBot) -> None:
    root = QWidget()
    qtbot.addWidget(root)
    column, grid = QVBoxLayout(root), QGridLayout()
    column.setContentsMargins(8, 4, 8, 4)
    column.setSpacing(10)
    grid.setHorizontalSpacing(20)
    grid.setVerticalSpacing(6)
    column.addLayout(grid)
    for percent, left, across in ((150, 12, 30), (80, 6, 16), (100, 8, 20)):
        CURRENT.set(percent)
        scale_layouts(root)
        assert column.contentsMargins().left() == left
        assert grid.horizontalSpacing() == across
