"""The ladder on screen: it stands still, says what a row means, and a click only selects."""

from __future__ import annotations

from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QWheelEvent
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from market.exchanges import Exchange
from market.instruments import InstrumentKey
from market.ticks import Depth, Level, Tick
from openalgo_desktop.presentation.book_style import BookStyle
from openalgo_desktop.presentation.columns import RowStyle
from openalgo_desktop.presentation.ladder_layout import EXTRAS, Part
from openalgo_desktop.presentation.palette import LIGHT
from openalgo_desktop.presentation.trade_side import BOUGHT, Print
from openalgo_desktop.widgets.ladder_painter import FOOT, ROW, _boxes
from openalgo_desktop.widgets.ladder_view import LEAST_WIDTH, LadderView
from openalgo_desktop.widgets.skin import Skin

KEY = InstrumentKey(Exchange.NSE, "RELIANCE")
CONTROL = Qt.KeyboardModifier.ControlModifier


def tick(bid: float = 1187.0, *, lower: float | None = None, upper: float | None = None) -> Tick:
    buy = tuple(Level(bid - i * 0.1, 1_24_350 + i, 12 + i) for i in range(20))
    sell = tuple(Level(bid + 0.1 + i * 0.1, 900 + i * 50, 3 + i) for i in range(20))
    return Tick(KEY, 0.0, "test", ltp=bid, depth=Depth(buy, sell), lower_circuit=lower, upper_circuit=upper)


@pytest.fixture
def ladder(skin: Skin, qtbot: QtBot) -> LadderView:
    ladder = LadderView(skin)
    qtbot.addWidget(ladder)
    ladder.slides = False
    ladder.scene.begin(BookStyle(RowStyle(lot=1), tick_size=0.1))
    ladder.resize(352, 22 + 41 * ROW + FOOT)
    ladder.show()
    show(ladder, tick())
    return ladder


def show(ladder: LadderView, value: Tick, at_ms: float = 0.0) -> None:
    ladder.scene.set_book(value, at_ms)
    ladder.refresh(at_ms)


def wheel(ladder: LadderView, turns: int, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    at = QPointF(100, 200)
    ladder.wheelEvent(
        QWheelEvent(
            at,
            ladder.mapToGlobal(at),
            QPoint(),
            QPoint(0, 120 * turns),
            Qt.MouseButton.NoButton,
            modifiers,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
    )


def colours(image: QImage, y: int) -> set[str]:
    return {image.pixelColor(x, y).name() for x in range(image.width())}


def test_the_best_prices_are_in_the_middle(ladder: LadderView) -> None:
    middle = ladder.row_top(11870)
    assert abs(middle - (22 + 41 * ROW / 2)) <= 1.5 * ROW
    image = ladder.grab().toImage()
    assert ladder._painter.skin.buy_bar.name() in colours(image, middle + 9)
    assert ladder._painter.skin.sell_bar.name() in colours(image, middle - ROW + 9)


def test_rows_do_not_move_while_prices_do(ladder: LadderView) -> None:
    top = ladder.position.top
    for step in range(15):
        show(ladder, tick(1187.0 + step * 0.1))
        assert ladder.position.top == top
    show(ladder, tick(1187.0 + 25 * 0.1))
    assert ladder.position.top != top


@pytest.mark.parametrize("centre", ["middle", "call"])
def test_it_centres_when_told(ladder: LadderView, centre: str) -> None:
    top = ladder.position.top
    wheel(ladder, 5)
    assert ladder.position.top == (top or 0) + 15
    assert "Space centres" in ladder._foot_text()
    if centre == "middle":
        QTest.mouseClick(ladder, Qt.MouseButton.MiddleButton, pos=QPoint(100, 100))
    else:
        ladder.centre()
    assert ladder.position.top == top


def test_keys_scroll(ladder: LadderView) -> None:
    top = ladder.position.top
    assert top is not None
    for key, rows in ((Qt.Key.Key_Up, 1), (Qt.Key.Key_PageDown, -40), (Qt.Key.Key_PageUp, 40), (Qt.Key.Key_Down, -1)):
        QTest.keyClick(ladder, key)
        top += rows
        assert ladder.position.top == top


def test_ctrl_wheel_changes_the_grouping_and_keeps_the_middle(ladder: LadderView) -> None:
    for group in (2, 5, 10, 25):
        wheel(ladder, -1, CONTROL)
        assert ladder.scene.group == group
        inside = ladder.scene.inside
        assert inside is not None
        assert abs(ladder.row_top(inside.bid) - (22 + 41 * ROW / 2)) <= 2 * ROW
    wheel(ladder, 9, CONTROL)
    assert ladder.scene.group == 1


def test_a_click_selects_a_price_and_says_what_it_means(ladder: LadderView, qtbot: QtBot) -> None:
    with qtbot.waitSignal(ladder.priceSelected) as told:
        QTest.mouseClick(ladder, Qt.MouseButton.LeftButton, pos=QPoint(60, ladder.row_top(11868) + 5))
    assert told.args == [pytest.approx(1186.8)]
    assert ladder.selected_row == 11868
    assert ladder.accessibleDescription() == "1,186.80  cumulative to here: 3,73,053 @ avg 1,186.90"
    assert ladder._painter.skin.selected.name() in colours(ladder.grab().toImage(), ladder.row_top(11868) + 5)


def test_the_row_under_the_mouse_is_said_in_the_foot(ladder: LadderView) -> None:
    QTest.mouseMove(ladder, QPoint(200, ladder.row_top(11872) + 4))
    assert ladder._foot_text() == "1,187.20  cumulative to here: 1,850 @ avg 1,187.15"
    assert ladder._painter.skin.hover.name() in colours(ladder.grab().toImage(), ladder.row_top(11871) + 1)
    QTest.mouseMove(ladder, QPoint(200, 3))
    assert "a row" in ladder._foot_text()


def test_circuits_are_drawn_as_walls(ladder: LadderView) -> None:
    show(ladder, tick(lower=1186.0, upper=1188.0))
    skin, image = ladder._painter.skin, ladder.grab().toImage()
    assert colours(image, ladder.row_top(11880) + 1) == {skin.warn.name()}
    assert colours(image, ladder.row_top(11860) + ROW - 1) == {skin.warn.name()}
    assert skin.control.name() in colours(image, ladder.row_top(11858) + 5), "beyond it is hatched"


def test_bars_point_at_the_price(ladder: LadderView) -> None:
    show(ladder, tick())
    skin, image = ladder._painter.skin, ladder.grab().toImage()
    _part, left, _room = _boxes(ladder.columns, ladder.width(), ladder._price_width, 0)[0]
    y = ladder.row_top(11869) + 2
    assert image.pixelColor(left + 1, y) == skin.buy_bar
    _part, left, _room = _boxes(ladder.columns, ladder.width(), ladder._price_width, 1)[0]
    y = ladder.row_top(11873) + 2
    assert image.pixelColor(left + 2, y) == skin.panel, "a short bar does not reach the price"


@pytest.mark.parametrize("width", [LEAST_WIDTH, 300, 352, 520, 900])
def test_no_text_is_wider_than_its_box(ladder: LadderView, width: int) -> None:
    ladder.set_extras(EXTRAS)
    ladder.resize(width, ladder.height())
    ladder.scene.take([Print(0.0, 1187.0, 12_34_567, BOUGHT)])
    show(ladder, tick())
    for side in (0, 1):
        boxes = sorted(_boxes(ladder.columns, width, ladder._price_width, side), key=lambda box: box[1])
        assert boxes[0][1] >= 0
        assert boxes[-1][1] + boxes[-1][2] <= width
        assert all(left + room <= right for (_, left, room), (_, right, _) in pairwise(boxes))
    rooms = dict(ladder.columns)
    for line in ladder.scene.lines(ladder.position.top or 0, ladder.rows()):
        assert ladder._painter.strong.width(line.price) <= ladder._price_width
        for cell in (line.bid, line.ask):
            assert all(ladder._painter.strong.width(getattr(cell, part)) <= room for part, room in rooms.items())


def test_what_is_inferred_is_labelled_so(ladder: LadderView) -> None:
    ladder.resize(700, ladder.height())
    plain = ladder.grab().toImage()
    ladder.set_extras((Part.TRADED,))
    assert Part.TRADED in dict(ladder.columns)
    assert ladder._head() == 34, "a second line for the word"
    assert ladder.grab().toImage() != plain


def test_a_slide_ends_and_stops_its_timer(ladder: LadderView, qtbot: QtBot) -> None:
    ladder.slides = True
    wheel(ladder, 5)
    ladder.centre()
    assert ladder.position.sliding
    qtbot.waitUntil(lambda: not ladder._slide.isActive())
    assert not ladder.position.sliding


def test_a_pin_is_said(ladder: LadderView) -> None:
    ladder.toggle_pin()
    assert ladder._foot_text().startswith("Pinned")
    show(ladder, tick(1500.0))
    assert ladder.row_at(100) is not None
    assert ladder.scene.inside is not None
    assert ladder.row_top(ladder.scene.inside.bid) < 0, "the market has left, the ladder has not"
    ladder.toggle_pin()
    show(ladder, tick(1500.0))
    assert ladder.row_top(ladder.scene.inside.bid) > 0


def test_stale_note_and_theme(ladder: LadderView, skin: Skin) -> None:
    ladder.refresh(0.0, stale=True)
    assert skin.warn.name() in colours(ladder.grab().toImage(), 200)
    before = ladder.grab().toImage()
    ladder.refresh(0.0, note="An index has no order book.")
    assert ladder.grab().toImage() != before
    ladder.set_skin(Skin(LIGHT))
    assert QColor(LIGHT.bg_panel).name() in colours(ladder.grab().toImage(), 60)
