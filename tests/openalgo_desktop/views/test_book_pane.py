"""The right pane: keys, options, and pictures of every tab that are neither blank nor cut off."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from openalgo_desktop.presentation.palette import DARK, LIGHT
from openalgo_desktop.views.book_pane import LEAST_WIDTH, TABS, BookPane
from openalgo_desktop.widgets.skin import Skin
from tests.openalgo_desktop.book_pictures import WIDTHS

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def pane(skin: Skin, qtbot: QtBot) -> BookPane:
    pane = BookPane(skin)
    qtbot.addWidget(pane)
    pane.resize(352, 700)
    pane.show()
    return pane


def test_letters_ask_for_a_tab_and_escape_for_the_market_watch(pane: BookPane, qtbot: QtBot) -> None:
    for tab, _title, key in TABS:
        with qtbot.waitSignal(pane.settingChosen) as asked:
            QTest.keyClick(pane.depth_panel, key)
        assert asked.args == ["book_tab", tab]
    with qtbot.assertNotEmitted(pane.settingChosen):
        QTest.keyClick(pane.depth_panel, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    with qtbot.waitSignal(pane.leaveRequested):
        QTest.keyClick(pane.depth_panel, Qt.Key.Key_Escape)


def test_the_keyboard_follows_to_another_tab(pane: BookPane) -> None:
    QTest.qWaitForWindowActive(pane)
    pane.setFocus()
    assert pane.depth_panel.hasFocus()
    pane.show_tab("ladder")
    assert pane.ladder.hasFocus()
    pane.show_tab("no such tab")
    assert pane.tab == "ladder"


def test_escape_resumes_a_paused_tape_before_it_leaves(pane: BookPane, qtbot: QtBot) -> None:
    pane.tape.place._kept = ()
    with qtbot.assertNotEmitted(pane.leaveRequested):
        QTest.keyClick(pane.tape, Qt.Key.Key_Escape)
    with qtbot.waitSignal(pane.leaveRequested):
        QTest.keyClick(pane.tape, Qt.Key.Key_Escape)


def test_columns_of_the_ladder_are_offered_with_the_ladder(pane: BookPane, qtbot: QtBot) -> None:
    def names() -> set[str]:
        return {action.objectName() for action in pane.options_menu().actions()}

    assert "ladder.centre" not in names()
    pane.show_tab("ladder")
    assert {"ladder.centre", "ladder.pin", "book.ladder_columns.traded"} <= names()
    with qtbot.waitSignal(pane.settingChosen) as asked:
        next(
            each for each in pane.options_menu().actions() if each.objectName() == "book.ladder_columns.traded"
        ).trigger()
    assert asked.args == ["ladder_columns", "traded"]


def test_keys_of_the_ladder_work_in_it(pane: BookPane) -> None:
    pane.show_tab("ladder")
    pane.ladder.setFocus()
    QTest.qWaitForWindowActive(pane)
    QTest.keyClick(pane.ladder, Qt.Key.Key_P)
    assert pane.ladder.position.pinned
    QTest.keyClick(pane.ladder, Qt.Key.Key_Plus)
    assert pane.ladder.scene.group == 2
    QTest.keyClick(pane.ladder, Qt.Key.Key_Minus)
    assert pane.ladder.scene.group == 1


def test_it_can_be_narrow(pane: BookPane, app: QApplication) -> None:
    pane.resize(100, 700)
    assert pane.width() == pane.minimumSizeHint().width() == LEAST_WIDTH


@pytest.mark.slow
@pytest.mark.parametrize(("theme", "scale"), [("dark", "1"), ("light", "1"), ("dark", "1.5"), ("light", "1.5")])
def test_no_picture_is_blank_and_no_text_is_cut_off(tmp_path: Path, theme: str, scale: str) -> None:
    command = [sys.executable, "-m", "tests.openalgo_desktop.book_pictures", "--theme", theme, "--out", str(tmp_path)]
    environment = os.environ | {"QT_SCALE_FACTOR": scale, "QT_QPA_PLATFORM": "offscreen"}
    subprocess.run(command, cwd=ROOT, env=environment, check=True, timeout=40)
    assert not any(json.loads((tmp_path / "cut.json").read_text(encoding="utf-8")).values())
    palette = DARK if theme == "dark" else LIGHT
    inks = {QColor(ink).name() for ink in (palette.text_primary, palette.text_secondary, palette.text_muted)}
    for tab, _title, _key in TABS:
        for width in WIDTHS:
            image = QImage(str(tmp_path / f"{tab}-{width}.png"))
            assert image.width() == round(width * float(scale)), (tab, width)
            seen = {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(0, image.height(), 3)}
            assert len(seen) > 40, "a blank picture has few colours"
            assert inks & seen
            edges = {image.pixelColor(x, y).name() for x in (0, image.width() - 1) for y in range(image.height())}
            assert not inks & edges, "no letter touches the edge"
