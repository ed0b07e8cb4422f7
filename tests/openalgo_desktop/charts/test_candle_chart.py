"""The chart: follows the last bar, fits what is in view, and reads the bar under the cursor."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF
from pytestqt.qtbot import QtBot

from market.candles import Candle
from openalgo_desktop.charts.candle_chart import SHOWN_BARS, CandleChart
from openalgo_desktop.presentation.chart_scale import RIGHT_GAP_BARS
from openalgo_desktop.presentation.columns import RowStyle
from openalgo_desktop.presentation.palette import LIGHT
from openalgo_desktop.widgets.skin import Skin
from tests.doubles.random_market import RandomMarket

END = 1_764_000_000_000.0


@pytest.fixture
def bars() -> list[Candle]:
    market = RandomMarket()
    return market.history(market.keys[4], 60, 400, END)


@pytest.fixture
def chart(skin: Skin, bars: list[Candle], qtbot: QtBot) -> CandleChart:
    chart = CandleChart(skin)
    qtbot.addWidget(chart)
    chart.resize(900, 400)
    chart.show()
    chart.begin(RowStyle(), tick_size=0.1, with_volume=True)
    chart.show_bars(bars, [350], interval_s=60, direction=1)
    qtbot.waitExposed(chart)
    return chart


def x_range(chart: CandleChart) -> tuple[float, float]:
    left, right = chart._price.vb.viewRange()[0]
    return left, right


def seen(chart: CandleChart) -> set[str]:
    image = chart.grab().toImage()
    return {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(0, image.height(), 2)}


def test_shows_the_last_bars_with_a_gap_at_the_right(chart: CandleChart) -> None:
    assert x_range(chart) == pytest.approx((400 + RIGHT_GAP_BARS - SHOWN_BARS, 400 + RIGHT_GAP_BARS))


def test_candles_tag_and_rule_are_painted(chart: CandleChart, skin: Skin) -> None:
    assert {skin.panel.name(), skin.up.name(), skin.down.name(), skin.control.name(), skin.muted.name()} <= seen(chart)


def test_prices_are_fitted_with_a_margin(chart: CandleChart, bars: list[Candle]) -> None:
    low, high = chart._price.vb.viewRange()[1]
    shown = bars[400 + RIGHT_GAP_BARS - SHOWN_BARS :]
    lowest, highest = min(bar.low for bar in shown), max(bar.high for bar in shown)
    margin = 0.08 * (highest - lowest)
    assert (low, high) == pytest.approx((lowest - margin, highest + margin))


def test_new_bar_moves_the_view_unless_it_was_moved_back(chart: CandleChart, bars: list[Candle]) -> None:
    more = [*bars, bars[-1]._replace(start_ms=bars[-1].start_ms + 60_000)]
    chart.show_bars(more, [], interval_s=60, direction=0)
    assert x_range(chart)[1] == pytest.approx(401 + RIGHT_GAP_BARS)
    chart._price.vb.setXRange(100, 200, padding=0)
    chart.show_bars([*more, more[-1]], [], interval_s=60, direction=0)
    assert x_range(chart) == pytest.approx((100, 200))


def test_tag_has_the_colour_of_the_last_direction(chart: CandleChart, bars: list[Candle], skin: Skin) -> None:
    for direction, paper in ((1, skin.up), (-1, skin.down), (0, skin.secondary)):
        chart.show_bars(bars, [], interval_s=60, direction=direction)
        assert chart._price_axis.tag == (bars[-1].close, skin.app, paper)


def test_cross_reads_the_bar_under_the_cursor(chart: CandleChart, bars: list[Candle], qtbot: QtBot) -> None:
    at = chart._price.vb.mapViewToScene(QPointF(340.2, bars[340].close))
    with qtbot.waitSignal(chart.barPointed) as signal:
        chart._mouse_moved(at)
    assert signal.args == [340]
    assert chart.bar(340) == bars[340]
    assert chart._price_axis.cursor is not None
    assert round(chart._price_axis.cursor / 0.1, 6) == round(chart._price_axis.cursor / 0.1), "a price that can trade"
    with qtbot.waitSignal(chart.barPointed) as signal:
        chart._mouse_moved(QPointF(-50, -50))
    assert signal.args == [-1]
    assert chart.bar(-1) == bars[-1]
    assert chart.bar(1_000_000) is None


def test_index_has_no_volume_pane(chart: CandleChart, bars: list[Candle]) -> None:
    assert chart._volume.vb.isVisible()
    chart.begin(RowStyle(), tick_size=0.05, with_volume=False)
    chart.show_bars(bars, [], interval_s=60, direction=0)
    assert not chart._volume.vb.isVisible()


def test_empty_chart_and_theme_change_paint(chart: CandleChart, skin: Skin) -> None:
    chart.begin(RowStyle(), tick_size=0.05, with_volume=True)
    chart.show_bars([], [], interval_s=60, direction=0)
    assert skin.up.name() not in seen(chart)
    chart.set_skin(Skin(LIGHT))
    assert "#ffffff" in seen(chart)


def test_without_bars_no_prices_stand_at_the_axes(chart: CandleChart) -> None:
    assert all(axis.write(100.0) for axis in (chart._price_axis, chart._volume_axis))
    chart.show_bars([], [], interval_s=60, direction=0)
    assert not any(axis.write(100.0) for axis in (chart._price_axis, chart._volume_axis))


def test_without_bars_the_price_of_the_row_before_is_gone(chart: CandleChart, bars: list[Candle]) -> None:
    chart.show_bars(bars, [], interval_s=60, direction=1)
    assert chart._price_axis.tag is not None
    chart.show_bars([], [], interval_s=60, direction=0)
    assert chart._price_axis.tag is None
