"""The slider from calm to everything: what it says, and that showing a step tells nobody."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from openalgo_desktop.views.main_window import MainWindow
from openalgo_desktop.widgets.attention_slider import AttentionSlider


def test_steps_are_told_and_named(app: QApplication, qtbot: QtBot) -> None:
    slider = AttentionSlider(["Calm", "Some", "Everything"])
    qtbot.addWidget(slider)
    with qtbot.assertNotEmitted(slider.chosen):
        slider.show_step(2)
    assert slider.slider.accessibleDescription() == "Everything"
    with qtbot.waitSignal(slider.chosen) as told:
        QTest.keyClick(slider.slider, Qt.Key.Key_Left)
    assert told.args == [1]
    assert slider.slider.toolTip() == "Some"


def test_slider_and_choices_of_the_menu_are_the_same(app: QApplication, qtbot: QtBot) -> None:
    window = MainWindow()
    qtbot.addWidget(window)
    slider = next(iter(window.findChildren(AttentionSlider)))
    window.apply_setting("flash_attention", "1")
    assert slider.slider.value() == 1
    with qtbot.waitSignal(window.settingChosen) as told:
        slider.slider.setValue(4)
    assert told.args == ["flash_attention", "4"]
