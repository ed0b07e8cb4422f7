"""Finding by typing: keys, choosing, and never a result of an older text."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
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
