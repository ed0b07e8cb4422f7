"""The book on screen: both colours, nothing clipped at any width, painted only when something changed."""

from __future__ import annotations

from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from market.ticks import Depth, Level, Tick
from openalgo_desktop.presentation.book_layout import Part
from openalgo_desktop.presentation.book_style import BookStyle
from openalgo_desktop.presentation.columns import RowStyle
from openalgo_desktop.presentation.depth_book import BookPicture, BookWriter
from openalgo_desktop.presentation.palette import LIGHT
from openalgo_desktop.widgets.depth_painter import COLUMNS, ROW
from openalgo_desktop.widgets.depth_panel import LEAST_ROWS, LEAST_WIDTH, WIDTH, DepthPanel
from openalgo_desktop.widgets.skin import Skin
from tests.doubles.random_market import RandomMarket

MARKET = RandomMarket()
GOLD = MARKET.instruments[12]
TICK = MARKET.update(GOLD, 1_764_000_000_000.0).tick


def written(tick: Tick | None, *, levels: int = 20) -> BookPicture:
    writer = BookWriter(BookStyle(RowStyle(lot=GOLD.lot)), GOLD)
    return writer.picture(tick, least=levels, most=levels, now_ms=0.0)


@pytest.fixture
def book() -> BookPicture:
    return written(TICK)


@pytest.fixture
def panel(skin: Skin, qtbot: QtBot) -> DepthPanel:
    panel = DepthPanel(skin)
    qtbot.addWidget(panel)
    panel.resize(WIDTH, 640)
    panel.show()
    return panel


def seen(panel: DepthPanel) -> set[str]:
    image = panel.grab().toImage()
    return {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(0, image.height(), 2)}


def test_levels_make_its_height(panel: DepthPanel, book: BookPicture) -> None:
    panel.show_book(written(TICK, levels=5))
    small = panel.sizeHint().height()
    panel.show_book(book)
    assert panel.sizeHint().height() == small + 15 * ROW
    assert panel.minimumHeight() == small, "five levels and the figures are always in view"


def test_both_sides_have_their_colour(panel: DepthPanel, book: BookPicture, skin: Skin) -> None:
    panel.show_book(book)
    assert {skin.buy_bar.name(), skin.sell_bar.name(), skin.primary.name(), skin.up.name()} <= seen(panel)
    panel.set_skin(Skin(LIGHT))
    assert QColor(LIGHT.bg_panel).name() in seen(panel)


@pytest.mark.parametrize("width", [LEAST_WIDTH, 300, 352, 440, 700])
def test_no_text_is_wider_than_its_box(panel: DepthPanel, book: BookPicture, width: int) -> None:
    panel.resize(width, 640)
    panel.show_book(book)
    boxes = panel._painter.boxes(panel.half, panel.width())
    assert all(left + room <= right for (_, left, room), (_, right, _) in pairwise(boxes))
    assert boxes[-1][1] + boxes[-1][2] <= panel.width()
    strong = panel._painter.strong
    for bid, ask in book.rows:
        for number, (part, _, room) in enumerate(boxes):
            text = getattr(bid if number < len(panel.half) else ask, part)
            assert strong.width(text) <= room


@pytest.mark.parametrize("width", [LEAST_WIDTH, 352, 700])
def test_figures_do_not_run_into_each_other(panel: DepthPanel, book: BookPicture, width: int) -> None:
    panel.resize(width, 800)
    panel.show_book(book)
    paint, columns = panel._painter, panel._fact_columns
    room = (panel.width() - 16 - (columns - 1) * 16) // columns
    assert all(paint.plain.width(name) + paint.plain.width(text) < room for name, text in book.facts)
    assert panel._fact_columns == (1 if width == LEAST_WIDTH else 2)


def test_a_wide_panel_shows_the_size_of_an_order(panel: DepthPanel, book: BookPicture) -> None:
    panel.show_book(book)
    assert panel.column_box(Part.AVERAGE, 0) == (0, 0)
    panel.resize(560, 640)
    assert panel.column_box(Part.AVERAGE, 0)[0] == 0 < panel.column_box(Part.AVERAGE, 0)[1]
    assert panel.column_box(Part.AVERAGE, 1)[0] > 400


def test_bars_grow_from_the_price_outwards(panel: DepthPanel, skin: Skin) -> None:
    levels = (Level(100.0, 100, 2), Level(99.0, 25, 2))
    panel.show_book(written(TICK._replace(depth=Depth(levels, levels)), levels=5))
    image, middle = panel.grab().toImage(), panel.width() // 2
    for sign, paper in ((-1, skin.buy_bar), (1, skin.sell_bar)):
        row = COLUMNS + ROW + 2
        assert image.pixelColor(middle + sign * 4, row) == paper
        assert image.pixelColor(middle + sign * (middle // 2), row) == skin.panel
        assert image.pixelColor(middle + sign * (middle // 2), COLUMNS + 2) == paper


def test_the_same_book_again_is_not_painted(
    panel: DepthPanel, book: BookPicture, monkeypatch: pytest.MonkeyPatch
) -> None:
    painted: list[bool] = []
    monkeypatch.setattr(panel, "update", lambda: painted.append(True))
    for _ in range(3):
        panel.show_book(book)
    panel.show_book(book, stale=True)
    assert len(painted) == 2


def test_stale_book_has_an_amber_edge(panel: DepthPanel, book: BookPicture, skin: Skin) -> None:
    panel.show_book(book, stale=True)
    assert skin.warn.name() in seen(panel)
    assert skin.primary.name() not in seen(panel)


def test_note_takes_the_place_of_levels(panel: DepthPanel) -> None:
    empty = written(None, levels=5)
    panel.show_book(empty)
    without = seen(panel)
    panel.show_book(empty, note="An index has no order book.")
    assert seen(panel) != without


def test_the_wheel_and_keys_reach_levels_that_do_not_fit(panel: DepthPanel, book: BookPicture) -> None:
    panel.show_book(book)
    panel.resize(WIDTH, panel.minimumHeight())
    assert (panel.visible_rows(), panel.row_top(0)) == (LEAST_ROWS, COLUMNS)
    at = QPointF(50, 60)
    turn = QWheelEvent(
        at,
        panel.mapToGlobal(at),
        QPoint(),
        QPoint(0, -120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    panel.wheelEvent(turn)
    assert panel.row_top(3) == COLUMNS
    QTest.keyClick(panel, Qt.Key.Key_End)
    assert panel.row_top(15) == COLUMNS
    QTest.keyClick(panel, Qt.Key.Key_Home)
    assert panel.row_top(0) == COLUMNS


def test_the_level_under_the_mouse_is_told(panel: DepthPanel, book: BookPicture, qtbot: QtBot) -> None:
    panel.show_book(book)
    with qtbot.waitSignal(panel.levelPointed) as told:
        QTest.mouseMove(panel, QPoint(WIDTH - 30, COLUMNS + 2 * ROW + 4))
    assert told.args == [1, 2]
    with qtbot.waitSignal(panel.levelPointed) as told:
        QTest.mouseMove(panel, QPoint(40, 4))
    assert told.args[1] == -1


def test_a_hint_takes_the_place_of_the_totals(panel: DepthPanel, book: BookPicture, skin: Skin) -> None:
    panel.show_book(book)
    below = COLUMNS + 20 * ROW + 8
    line = [(x, below + y) for x in range(WIDTH) for y in range(ROW)]
    image = panel.grab().toImage()
    assert any(image.pixelColor(x, y) == skin.up for x, y in line)
    panel.show_book(book, hint="cumulative to here: 400 @ avg 99.25")
    image = panel.grab().toImage()
    assert not any(image.pixelColor(x, y) == skin.up for x, y in line)
