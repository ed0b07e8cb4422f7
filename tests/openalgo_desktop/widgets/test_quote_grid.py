"""The grid: what it paints, how little it paints, and what keys and mouse ask for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QHelpEvent, QImage, QRegion
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from market.freshness import Freshness
from market.ticks import Update
from openalgo_desktop.presentation.column_layout import ColumnLayout
from openalgo_desktop.presentation.columns import COLUMNS
from openalgo_desktop.presentation.flash import FlashStyle
from openalgo_desktop.presentation.palette import LIGHT
from openalgo_desktop.presentation.quote_board import QuoteBoard
from openalgo_desktop.widgets.density import Density
from openalgo_desktop.widgets.quote_grid import QuoteGrid
from openalgo_desktop.widgets.quote_header import HEIGHT
from openalgo_desktop.widgets.quote_painter import PADDING, QuotePainter
from openalgo_desktop.widgets.skin import Skin
from openalgo_desktop.widgets.text_tiles import TextTiles
from tests.doubles.random_market import RandomMarket

NUMBER = {column.id: number for number, column in enumerate(COLUMNS)}
NOW = 1_764_000_000_000.0


@pytest.fixture
def market() -> RandomMarket:
    return RandomMarket(500, levels=1)


@pytest.fixture
def grid(market: RandomMarket, skin: Skin, qtbot: QtBot) -> Iterator[QuoteGrid]:
    board = QuoteBoard()
    board.set_keys(market.keys, market.find)
    board.apply(market.open_all(NOW))
    grid = QuoteGrid(board, skin)
    qtbot.addWidget(grid)
    grid.resize(1200, HEIGHT + 20 * 22)
    grid.show()
    grid.setFocus()
    grid.rows_changed()
    qtbot.waitExposed(grid)
    grid.grab()
    yield grid
    grid.close()


def colours(grid: QuoteGrid, area: QRect) -> set[str]:
    image = grid.viewport().grab(area).toImage()
    return {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}


def cell(grid: QuoteGrid, row: int, column: str) -> QRect:
    geometry, number = grid.places.geometry, NUMBER[column]
    return QRect(geometry.column_left(number, 0), row * 22 + 2, geometry.widths[number], 18)


def _bounds(area: QRect | QRegion) -> QRect:
    return area.boundingRect() if isinstance(area, QRegion) else area


def test_screen_is_not_blank(grid: QuoteGrid, skin: Skin) -> None:
    seen = colours(grid, grid.viewport().rect())
    for colour in (skin.panel, skin.row_alt, skin.selected, skin.primary, skin.up, skin.down):
        assert colour.name() in seen


def test_no_text_is_wider_than_its_column(grid: QuoteGrid) -> None:
    grid.board.flush(0, 500, NOW)
    painter = grid._painter
    for row in grid.board.rows:
        for number, column in enumerate(COLUMNS[1:], start=1):
            metrics = painter.strong if column.strong else painter.plain
            mark = painter._glyphs.metrics.width("▲") + 3 if column.glyph else 0
            assert metrics.width(row.texts[number]) + mark <= grid.places.geometry.widths[number] - PADDING
    for number, column in enumerate(COLUMNS):
        assert painter.plain.width(column.title) <= grid.places.geometry.widths[number] - PADDING


def test_only_rows_in_view_are_painted(grid: QuoteGrid, monkeypatch: pytest.MonkeyPatch) -> None:
    painted = []
    original = QuotePainter.paint_name

    def spy(self: QuotePainter, painter: object, row: object, *rest: object) -> None:
        painted.append(row)
        original(self, painter, row, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(QuotePainter, "paint_name", spy)
    grid.viewport().repaint()
    assert [row.key for row in painted] == [row.key for row in grid.board.rows[:20]]  # type: ignore[attr-defined]


def test_a_tick_repaints_its_cells_only(grid: QuoteGrid, market: RandomMarket, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[QRect] = []
    monkeypatch.setattr(grid.viewport(), "update", lambda area: asked.append(_bounds(area)))
    row = grid.board.rows[6]
    assert row.tick is not None
    grid.flush(1e12)
    asked.clear()
    grid.board.apply([Update(row.tick._replace(bid_price=1.0), 0)])
    grid.flush(1e12 + 100)
    assert asked == [QRect(cell(grid, 6, "bid").left(), 6 * 22, cell(grid, 6, "bid").width(), 22)]
    asked.clear()
    hidden = grid.board.rows[400].tick
    assert hidden is not None
    grid.board.apply([Update(hidden._replace(ltp=1.0), 0)])
    grid.flush(1e12 + 1000)
    grid.flush(1e12 + 2000)
    assert all(area.top() == 6 * 22 for area in asked), "a row out of view asks for no painting"


def test_flash_has_its_colour_and_primary_ink(grid: QuoteGrid, skin: Skin, monkeypatch: pytest.MonkeyPatch) -> None:
    row = grid.board.rows[6]
    assert row.tick is not None
    assert row.tick.ltp is not None
    grid.flush(1e12)
    grid.board.apply([Update(row.tick._replace(ltp=row.tick.ltp + 1), 0)])
    inks: list[tuple[str, str]] = []
    original = TextTiles.draw

    def spy(self: TextTiles, painter: object, right: float, top: int, text: str, ink: QColor) -> float:
        inks.append((text, ink.name()))
        return original(self, painter, right, top, text, ink)  # type: ignore[arg-type]

    monkeypatch.setattr(TextTiles, "draw", spy)
    grid.flush(1e12 + 100)
    seen = colours(grid, cell(grid, 6, "ltp"))
    assert skin.flash(1, 8, skin.panel).name() in seen
    assert (row.texts[NUMBER["ltp"]], skin.primary.name()) in inks
    grid.flush(1e12 + 1000)
    assert skin.panel.name() in colours(grid, cell(grid, 6, "ltp"))
    assert (row.texts[NUMBER["ltp"]], skin.direction(row.direction).name()) in inks


def flashed(grid: QuoteGrid, style: FlashStyle) -> set[str]:
    """The colours of a cell whose price has just risen."""
    row = grid.board.rows[6]
    assert row.tick is not None
    assert row.tick.ltp is not None
    grid.set_flashes(style, 0.0)
    grid.flush(1e12)
    grid.board.apply([Update(row.tick._replace(ltp=row.tick.ltp + 0.05), 0)])
    grid.flush(1e12 + 100)
    return colours(grid, cell(grid, 6, "ltp"))


def test_digits_light_up_without_a_background(grid: QuoteGrid, skin: Skin) -> None:
    seen = flashed(grid, FlashStyle.DIGITS)
    assert skin.flash(1, 8, skin.panel).name() not in seen
    assert {skin.up.name(), skin.primary.name()} <= seen, "what did not change keeps plain ink"


def test_dot_stands_beside_the_price(grid: QuoteGrid, skin: Skin) -> None:
    seen = flashed(grid, FlashStyle.DOT)
    assert skin.flash(1, 8, skin.panel).name() not in seen
    left = cell(grid, 6, "ltp").left()
    assert skin.up.name() in colours(grid, QRect(left + 3, 6 * 22 + 5, 5, 5))
    assert skin.up.name() not in colours(grid, QRect(left + 3, 6 * 22 + 12, 5, 5))


def test_calm_lets_only_large_moves_flash(grid: QuoteGrid) -> None:
    row, ltp = grid.board.rows[6], NUMBER["ltp"]
    assert row.tick is not None
    assert row.tick.ltp is not None
    price = row.tick.ltp
    for number in range(100):
        grid.board.apply([Update(row.tick._replace(ltp=price + number % 2), 0)])
    grid.set_flashes(FlashStyle.BACKGROUND, 4.0)
    grid.flush(1e12)
    for at, by, flashes in ((1000, 1.0, False), (2000, 3.9, False), (3000, 12.0, True)):
        price += by
        grid.board.apply([Update(row.tick._replace(ltp=price), 0)])
        grid.flush(1e12 + at)
        assert bool(row.flash_steps[ltp]) is flashes, by


def test_stale_row_has_an_amber_edge_and_keeps_its_price(grid: QuoteGrid, skin: Skin) -> None:
    edge = QRect(0, 6 * 22 + 4, 2, 10)
    assert skin.warn.name() not in colours(grid, edge)
    grid.board.set_freshness(lambda tick: Freshness.STALE)
    grid.flush(1e12)
    assert colours(grid, edge) == {skin.warn.name()}
    assert skin.muted.name() in colours(grid, cell(grid, 6, "ltp"))
    assert grid.board.rows[6].texts[NUMBER["ltp"]] != "–"


@pytest.mark.parametrize(
    ("state", "edge", "ink"),
    [
        (Freshness.FROZEN, {"warn", "panel"}, "muted"),
        (Freshness.DELAYED, {"control"}, None),
        (Freshness.SNAPSHOT, {"control"}, None),
        (Freshness.QUIET, {"panel"}, None),
        (Freshness.CLOSED, {"panel"}, None),
    ],
)
def test_every_state_has_its_edge_and_only_doubt_mutes_the_ink(
    grid: QuoteGrid, skin: Skin, state: Freshness, edge: set[str], ink: str | None
) -> None:
    grid.board.set_freshness(lambda tick: state)
    grid.flush(1e12)
    assert colours(grid, QRect(0, 6 * 22 + 1, 2, 18)) == {getattr(skin, name).name() for name in edge}
    assert (skin.muted.name() in colours(grid, cell(grid, 6, "ltp"))) == (ink is not None)


def test_note_stands_where_prices_would(grid: QuoteGrid, skin: Skin) -> None:
    key = grid.board.rows[6].key
    grid.board.set_keys([key], lambda _key: None)
    grid.board.rows[0].tick = None
    before = colours(grid, cell(grid, 0, "ltp"))
    grid.board.set_note(key, "No feed serves NSE:TCS")
    grid.rows_changed()
    assert colours(grid, cell(grid, 0, "ltp")) != before


@pytest.mark.parametrize(
    ("keys", "position"),
    [
        ([Qt.Key.Key_Down], 1),
        ([Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Up], 1),
        ([Qt.Key.Key_Up], 0),
        ([Qt.Key.Key_PageDown], 19),
        ([Qt.Key.Key_PageDown, Qt.Key.Key_PageUp], 0),
        ([Qt.Key.Key_End], 499),
        ([Qt.Key.Key_End, Qt.Key.Key_Down], 499),
        ([Qt.Key.Key_End, Qt.Key.Key_Home], 0),
    ],
)
def test_keys_move_the_current_row_into_view(grid: QuoteGrid, keys: list[Qt.Key], position: int) -> None:
    for key in keys:
        QTest.keyClick(grid, key)
    assert grid.current_key == grid.board.rows[position].key
    first, last = grid.visible_rows()
    assert first <= position < last


def test_typing_asks_to_add(grid: QuoteGrid, qtbot: QtBot) -> None:
    for key, modifier, letters in (
        (Qt.Key.Key_R, Qt.KeyboardModifier.NoModifier, "r"),
        (Qt.Key.Key_Insert, Qt.KeyboardModifier.NoModifier, ""),
        (Qt.Key.Key_Slash, Qt.KeyboardModifier.NoModifier, ""),
    ):
        with qtbot.waitSignal(grid.addRequested) as signal:
            QTest.keyClick(grid, key, modifier)
        assert signal.args == [letters]
    with qtbot.assertNotEmitted(grid.addRequested):
        QTest.keyClick(grid, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)


def test_delete_is_asked_for(grid: QuoteGrid, qtbot: QtBot) -> None:
    with qtbot.waitSignal(grid.removeRequested) as signal:
        QTest.keyClick(grid, Qt.Key.Key_Delete)
    assert signal.args == [[grid.board.rows[0].key]]


def test_click_selects_and_hover_lights(grid: QuoteGrid, skin: Skin, qtbot: QtBot) -> None:
    with qtbot.waitSignal(grid.currentChanged) as signal:
        QTest.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(300, 5 * 22 + 4))
    assert signal.args == [grid.board.rows[5].key]
    QTest.mouseMove(grid.viewport(), QPoint(300, 8 * 22 + 4))
    grid._hover(8)
    assert skin.hover.name() in colours(grid, cell(grid, 8, "ltp"))


def test_removed_current_row_gives_way_to_its_neighbour(grid: QuoteGrid, market: RandomMarket) -> None:
    grid.set_current_row(3)
    keys = market.keys
    grid.board.set_keys(keys[:3] + keys[4:], market.find)
    grid.rows_changed()
    assert grid.current_key == keys[4]
    grid.board.set_keys([], market.find)
    grid.rows_changed()
    assert grid.current_key is None
    grid.board.set_keys(keys[:2], market.find)
    grid.rows_changed()
    assert grid.current_key == keys[0]


def test_first_column_stands_still_while_others_scroll(grid: QuoteGrid) -> None:
    grid.resize(500, grid.height())
    name = cell(grid, 6, "symbol")
    before = grid.viewport().grab(name).toImage()
    price = grid.viewport().grab(cell(grid, 6, "ltp")).toImage()
    grid.horizontalScrollBar().setValue(60)
    assert grid.viewport().grab(name).toImage() == before
    assert grid.viewport().grab(cell(grid, 6, "ltp")).toImage() != price


def test_frozen_columns_stand_still_while_others_scroll(grid: QuoteGrid) -> None:
    grid.resize(560, grid.height())
    grid.set_layout(ColumnLayout().frozen_at("ltp"))
    assert grid.places.geometry.frozen == 2
    still = QRect(0, 6 * 22, grid.places.geometry.frozen_width, 22)
    beside = QRect(still.right() + 1, 6 * 22, 120, 22)
    before, moved = grid.viewport().grab(still).toImage(), grid.viewport().grab(beside).toImage()
    title = grid.header.grab(QRect(0, 0, still.width(), HEIGHT)).toImage()
    grid.horizontalScrollBar().setValue(90)
    assert grid.viewport().grab(still).toImage() == before
    assert grid.viewport().grab(beside).toImage() != moved
    assert grid.header.grab(QRect(0, 0, still.width(), HEIGHT)).toImage() == title


def test_a_tick_in_a_frozen_and_in_a_scrolled_cell_repaints_both(grid: QuoteGrid) -> None:
    grid.resize(560, grid.height())
    grid.set_layout(ColumnLayout().frozen_at("ltp"))
    grid.horizontalScrollBar().setValue(grid.horizontalScrollBar().maximum())
    geometry, bar = grid.places.geometry, grid.horizontalScrollBar().value()
    ltp, bid = NUMBER["ltp"], NUMBER["bid"]
    both = grid.places.cells_rect(6, [ltp, bid])
    assert both.left() == geometry.column_left(ltp, bar)
    assert both.right() >= geometry.frozen_width - 1
    hidden = grid.places.cells_rect(6, [NUMBER["change"]])
    assert hidden.left() >= geometry.frozen_width


@pytest.mark.parametrize(("align", "side"), [("left", 0), ("right", 1)])
def test_alignment_moves_the_text(grid: QuoteGrid, skin: Skin, align: str, side: int) -> None:
    grid.set_layout(ColumnLayout().aligned("ltp", align).resized("ltp", 240))
    QApplication.processEvents()
    place = cell(grid, 6, "ltp")
    ink = skin.direction(grid.board.listed[6].direction).name()
    halves = [colours(grid, QRect(place.left() + half * 120, place.top(), 120, 18)) for half in (0, 1)]
    assert ink in halves[side]
    assert ink not in halves[1 - side]


def test_scrolled_rows_are_up_to_date_at_once(grid: QuoteGrid) -> None:
    assert grid.board.rows[300].texts[NUMBER["ltp"]] == "–"
    grid.verticalScrollBar().setValue(300 * 22)
    assert grid.board.rows[300].texts[NUMBER["ltp"]] != "–"
    assert grid.visible_rows() == (300, 320)


def test_density_and_theme_change_live(grid: QuoteGrid) -> None:
    grid.set_density(Density.COMFORTABLE)
    assert grid.visible_rows() == (0, 16)
    grid.set_skin(Skin(LIGHT))
    assert QColor(LIGHT.bg_panel).name() in colours(grid, grid.viewport().rect())


def test_tooltip_says_when_and_from_where(grid: QuoteGrid, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(QToolTip, "showText", lambda _at, text, _over: said.append(text))
    at = QPoint(20, 6 * 22 + 3)
    grid.viewportEvent(QHelpEvent(QHelpEvent.Type.ToolTip, at, grid.mapToGlobal(at)))
    assert said[0].startswith("NSE:TCS\nlast tick 21:30:00.000, ")
    assert said[0].endswith("source simulated")


def test_screen_reader_hears_the_current_row(grid: QuoteGrid) -> None:
    assert grid.accessibleName() == "Market watch"
    grid.set_current_row(6)
    assert grid.accessibleDescription().startswith("TCS NSE, LTP 3,1")


def test_empty_list_says_what_to_do(grid: QuoteGrid, skin: Skin) -> None:
    grid.board.set_keys([], lambda key: None)
    grid.rows_changed()
    assert skin.muted.name() in colours(grid, grid.viewport().rect())


@pytest.mark.parametrize("by", [22, 66, 7, -40, 5000])
def test_scrolled_picture_is_the_picture_painted_anew(grid: QuoteGrid, by: int) -> None:
    bar = grid.verticalScrollBar()
    bar.setValue(100 * 22)
    QApplication.processEvents()
    bar.setValue(100 * 22 + by)
    QApplication.processEvents()
    window = grid.window().windowHandle()
    assert window is not None
    moved = grid.backingStore().paintDevice()
    before = moved.copy() if isinstance(moved, QImage) else None
    grid.viewport().repaint()
    after = grid.backingStore().paintDevice()
    assert isinstance(after, QImage)
    assert before == after
