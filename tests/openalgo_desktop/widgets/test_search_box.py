"""Finding by typing: keys, choosing, and never a result of an older text."""

from __future__ import annotations

from datetime import date

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from market.exchanges import Exchange
from market.instruments import InstrumentKey
from openalgo_desktop.models.search_results import SearchResult
from openalgo_desktop.widgets.search_box import SearchBox
from openalgo_desktop.widgets.skin import Skin

KEYS = [InstrumentKey(Exchange.NSE, symbol) for symbol in ("INFY", "INFIBEAM", "INFOBEAN")]
RESULTS = [SearchResult(key, key.symbol, "NSE", "lot 1") for key in KEYS]


@pytest.fixture
def box(skin: Skin, qtbot: QtBot) -> SearchBox:
    over = QWidget()
    qtbot.addWidget(over)
    over.resize(800, 500)
    box = SearchBox(skin, over)
    over.show()
    box.open("inf")
    box.show_results("inf", RESULTS)
    return box


def press(box: SearchBox, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(box.line, key, modifier)


def test_opens_with_the_letters_typed(box: SearchBox) -> None:
    assert box.isVisible()
    assert box.line.text() == "inf"
    assert box.model.rowCount() == 3


def test_enter_adds_the_first_and_closes(box: SearchBox, qtbot: QtBot) -> None:
    with qtbot.waitSignal(box.closed), qtbot.waitSignal(box.chosen) as signal:
        press(box, Qt.Key.Key_Return)
    assert signal.args == [KEYS[0]]
    assert not box.isVisible()


def test_arrows_choose_and_go_round(box: SearchBox, qtbot: QtBot) -> None:
    press(box, Qt.Key.Key_Up)
    with qtbot.waitSignal(box.chosen) as signal:
        press(box, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert signal.args == [KEYS[2]]
    assert box.isVisible(), "Ctrl+Enter stays"
    press(box, Qt.Key.Key_Down)
    with qtbot.waitSignal(box.chosen) as signal:
        press(box, Qt.Key.Key_Return)
    assert signal.args == [KEYS[0]]


def test_escape_closes_without_choosing(box: SearchBox, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(box.chosen), qtbot.waitSignal(box.closed):
        press(box, Qt.Key.Key_Escape)


def test_enter_before_the_results_waits_for_them(box: SearchBox, qtbot: QtBot) -> None:
    box.line.setText("tcs")
    with qtbot.assertNotEmitted(box.chosen):
        press(box, Qt.Key.Key_Return)
    tcs = InstrumentKey(Exchange.NSE, "TCS")
    with qtbot.waitSignal(box.chosen) as signal:
        box.show_results("tcs", [SearchResult(tcs, "TCS", "NSE", "")])
    assert signal.args == [tcs]


def test_enter_without_a_result_hands_over_the_text(box: SearchBox, qtbot: QtBot) -> None:
    box.line.setText("qqq")
    box.show_results("qqq", [])
    with qtbot.waitSignal(box.typedChosen) as signal:
        press(box, Qt.Key.Key_Return)
    assert signal.args == ["qqq"]


def test_enter_on_nothing_does_nothing(box: SearchBox, qtbot: QtBot) -> None:
    box.line.setText("")
    box.show_results("", [])
    with qtbot.assertNotEmitted(box.typedChosen), qtbot.assertNotEmitted(box.chosen):
        press(box, Qt.Key.Key_Return)
    assert box.isVisible()


def test_click_on_a_result_adds_it(box: SearchBox, qtbot: QtBot) -> None:
    box.show_results("inf", RESULTS)
    at = box.results.visualRect(box.model.index(1, 0)).center()
    with qtbot.waitSignal(box.chosen) as signal:
        QTest.mouseClick(box.results.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert signal.args == [KEYS[1]]


def test_results_are_painted_and_nothing_is_clipped(box: SearchBox, skin: Skin) -> None:
    image = box.grab().toImage()
    seen = {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}
    assert {skin.selected.name(), skin.primary.name()} <= seen
    assert box._hint.sizeHint().width() <= box._hint.width()


def test_line_stands_over_the_row_it_is_given_with_the_finds_beside_it(box: SearchBox) -> None:
    row = QRect(0, 440, 700, 22)
    box.open("inf", lambda: row)
    box.show_results("inf", RESULTS)
    line = box.line.mapTo(box.parentWidget(), QPoint(0, 0))
    assert (line.y(), box.line.height()) == (440, 22)
    assert box.results.mapTo(box.parentWidget(), QPoint(0, 0)).y() < 440
    row.moveTop(60)
    box.show_results("inf", RESULTS)
    assert box.line.mapTo(box.parentWidget(), QPoint(0, 0)).y() == 60
    assert box.results.mapTo(box.parentWidget(), QPoint(0, 0)).y() > 60
    box.open("inf")
    assert box.line.height() > 22, "at the top it has its usual height again"


def test_tab_steps_through_exchanges_and_stays_in_the_line(box: SearchBox, qtbot: QtBot) -> None:
    with qtbot.waitSignal(box.exchangeStepped) as step:
        press(box, Qt.Key.Key_Tab)
    assert step.args == [1]
    with qtbot.waitSignal(box.exchangeStepped) as step:
        press(box, Qt.Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier)
    assert step.args == [-1]
    assert box.isVisible()
    box.show_exchange("NFO")
    assert box._exchange.isVisible()
    box.open("")
    assert not box._exchange.isVisible()


def test_right_unfolds_at_the_end_of_the_text_only(box: SearchBox, qtbot: QtBot) -> None:
    box.line.setCursorPosition(1)
    with qtbot.assertNotEmitted(box.unfolded):
        press(box, Qt.Key.Key_Right)
    box.line.end(False)
    with qtbot.waitSignal(box.unfolded) as told:
        press(box, Qt.Key.Key_Right)
    assert told.args == [RESULTS[0]]
    with qtbot.assertNotEmitted(box.foldedBack):
        press(box, Qt.Key.Key_Left)


def test_among_contracts_left_goes_back_and_an_expiry_without_a_future_opens(box: SearchBox, qtbot: QtBot) -> None:
    day = SearchResult(None, "NIFTY 1 Dec", "NFO", "40 strikes", expiry=date(2026, 12, 1))
    box.show_contracts([RESULTS[0], day], 1)
    with qtbot.waitSignal(box.foldedBack):
        press(box, Qt.Key.Key_Left)
    with qtbot.waitSignal(box.unfolded) as told, qtbot.assertNotEmitted(box.chosen):
        press(box, Qt.Key.Key_Return)
    assert told.args == [day]
    assert box.isVisible()
