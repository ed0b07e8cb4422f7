"""Time and sales on screen."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from openalgo_desktop.presentation.book_style import BookStyle
from openalgo_desktop.presentation.columns import RowStyle
from openalgo_desktop.presentation.palette import LIGHT
from openalgo_desktop.presentation.trade_side import BOUGHT, SOLD, UNKNOWN_SIDE, Print
from openalgo_desktop.widgets.skin import Skin
from openalgo_desktop.widgets.tape_view import _SAMPLES, _TITLES, FOOT, HEAD, LEAST_WIDTH, ROW, TapeView


@pytest.fixture
def view(skin: Skin, qtbot: QtBot) -> TapeView:
    view = TapeView(skin)
    qtbot.addWidget(view)
    view.begin(BookStyle(RowStyle(lot=75)))
    view.resize(352, int(HEAD + 20 * ROW + FOOT))
    view.show()
    return view


def trade(view: TapeView, count: int, *, quantity: float = 75, side: int = BOUGHT) -> None:
    for _ in range(count):
        view.tape.add(Print(1_764_000_000_005.0 + view.tape.total, 1_23_456.05, quantity, side))
    view.refresh()


def wheel(view: TapeView, turns: int, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    at, no = QPointF(50, 100), Qt.MouseButton.NoButton
    turn = QPoint(0, 120 * turns)
    phase = Qt.ScrollPhase.NoScrollPhase
    view.wheelEvent(QWheelEvent(at, view.mapToGlobal(at), QPoint(), turn, no, modifiers, phase, False))


def paper(view: TapeView, line: int) -> str:
    return view.grab().toImage().pixelColor(2, int(HEAD + line * ROW) + 2).name()


def test_sides_differ_in_tint_and_size_in_strength(view: TapeView, skin: Skin) -> None:
    trade(view, 60, quantity=75)
    trade(view, 1, quantity=7_500)
    trade(view, 1, quantity=7_500, side=SOLD)
    trade(view, 1, quantity=75, side=UNKNOWN_SIDE)
    unknown, sold, bought, small = (paper(view, line) for line in range(4))
    assert len({unknown, sold, bought, small, skin.panel.name()}) == 5
    assert bought == view._tints[BOUGHT, 4].name()
    assert small == view._tints[BOUGHT, 0].name()


def test_scrolling_pauses_and_escape_or_a_click_resumes(view: TapeView) -> None:
    trade(view, 100)
    wheel(view, -2)
    before = view.grab().toImage()
    trade(view, 214)
    assert view.foot_text() == "Paused, 214 new · Esc or a click resumes"
    height = view.height() - FOOT
    assert view.grab().toImage().copy(0, 0, 352, height) == before.copy(0, 0, 352, height)
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert view.foot_text().startswith("all sizes")
    QTest.keyClick(view, Qt.Key.Key_PageDown)
    assert view.place.paused
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(60, view.height() - 5))
    assert not view.place.paused


def test_ctrl_wheel_leaves_out_small_trades(view: TapeView) -> None:
    trade(view, 3, quantity=75)
    trade(view, 1, quantity=750)
    wheel(view, 2, Qt.KeyboardModifier.ControlModifier)
    assert view.foot_text() == "150 and more · Ctrl+wheel filters"
    assert len(view.tape) == 1
    wheel(view, 5, Qt.KeyboardModifier.ControlModifier)
    assert "No trade of" in view._empty_text()
    wheel(view, -20, Qt.KeyboardModifier.ControlModifier)
    assert len(view.tape) == 4


@pytest.mark.parametrize("width", [LEAST_WIDTH, 352, 600])
def test_columns_do_not_touch(view: TapeView, width: int) -> None:
    view.resize(width, view.height())
    rights = view._rights()
    lefts = [right - view._strong.width(text) for right, text in zip(rights, _SAMPLES, strict=True)]
    assert lefts[0] >= 0
    assert all(left > right for left, right in zip(lefts[1:], rights, strict=False))
    heads = [right - view._plain.width(title) for right, title in zip(rights, _TITLES, strict=True)]
    assert all(left > right for left, right in zip(heads[1:], rights, strict=False))
    assert rights[-1] <= view.width()


def test_an_unchanged_tape_is_not_painted(view: TapeView, monkeypatch: pytest.MonkeyPatch) -> None:
    trade(view, 3)
    painted: list[bool] = []
    monkeypatch.setattr(view, "update", lambda: painted.append(True))
    view.refresh()
    assert not painted
    view.refresh(stale=True)
    assert painted


def test_note_stale_and_theme(view: TapeView, skin: Skin) -> None:
    trade(view, 30)
    view.refresh(stale=True)
    assert view.grab().toImage().pixelColor(0, 100) == skin.warn
    view.refresh(note="An index is not traded.")
    assert paper(view, 3) == skin.panel.name()
    view.set_skin(Skin(LIGHT))
    assert paper(view, 3) == LIGHT.bg_panel.lower()
