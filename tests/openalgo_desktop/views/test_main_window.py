"""The window: themes, sizes that come back, and a clock that stops when nobody looks."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from openalgo_desktop.presentation.action_catalogue import Place
from openalgo_desktop.presentation.palette import DARK, LIGHT
from openalgo_desktop.views.about import AboutDialog
from openalgo_desktop.views.keys_overlay import KeysOverlay
from openalgo_desktop.views.main_window import MainWindow

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def window(app: QApplication, qtbot: QtBot) -> MainWindow:
    window = MainWindow()
    qtbot.addWidget(window)
    return window


def test_clock_runs_only_while_the_window_can_be_seen(window: MainWindow) -> None:
    assert not window.clock.running
    window.show()
    assert window.clock.running
    window.hide()
    assert not window.clock.running
    window.show()
    window.close()
    assert not window.clock.running


def test_time_of_painting_counts_for_the_frame(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    window.show()
    window.clock.stop()
    QApplication.processEvents()
    painted: list[float] = []
    monkeypatch.setattr(window.clock.times, "painted", painted.append)
    window.watch.grid.viewport().update()
    QApplication.processEvents()
    assert len(painted) == 1
    assert painted[0] > 0


def test_theme_and_colours_change_live(window: MainWindow) -> None:
    window.apply_setting("theme", "light")
    assert window.looks.palette == LIGHT
    window.apply_setting("theme", "dark")
    assert window.looks.palette == DARK
    window.apply_setting("up_down_palette", "blue_orange")
    assert (window.looks.palette.up, window.looks.palette.down) == (DARK.up_cvd, DARK.down_cvd)
    window.apply_setting("up_down_palette", "green_red")
    window.apply_setting("up_is_red", "True")
    assert (window.looks.palette.up, window.looks.palette.down) == (DARK.down, DARK.up)


def test_menu_choices_are_emitted_and_marked(window: MainWindow, qtbot: QtBot) -> None:
    with qtbot.waitSignal(window.settingChosen) as signal:
        window.actions_by_id["theme.light"].trigger()
    assert signal.args == ["theme", "light"]
    window.apply_setting("density", "compact")
    assert window.actions_by_id["density.compact"].isChecked()


def test_badge_is_in_the_title_and_beside_the_grid(window: MainWindow) -> None:
    window.show()
    window.show_badge("SIMULATED")
    assert window.windowTitle() == "OpenAlgo Desktop — SIMULATED"
    assert window.watch._badge.isVisible()
    window.show_badge("")
    assert window.windowTitle() == "OpenAlgo Desktop"
    assert not window.watch._badge.isVisible()


def test_sizes_come_back(app: QApplication, qtbot: QtBot, tmp_path: Path) -> None:
    path = str(tmp_path / "window.ini")
    first = MainWindow(geometry=QSettings(path, QSettings.Format.IniFormat))
    qtbot.addWidget(first)
    first.show()
    first._left.setSizes([300, 400])
    share = first._left.sizes()[0] / sum(first._left.sizes())
    first.close()
    second = MainWindow(geometry=QSettings(path, QSettings.Format.IniFormat))
    qtbot.addWidget(second)
    second.show()
    assert second._left.sizes()[0] / sum(second._left.sizes()) == pytest.approx(share, abs=0.02)


def test_geometry_of_a_screen_that_is_gone_is_brought_back(app: QApplication, qtbot: QtBot, tmp_path: Path) -> None:
    store = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
    window = MainWindow(geometry=store)
    qtbot.addWidget(window)
    window.move(50_000, 50_000)
    window.memory.bring_back()
    assert any(screen.geometry().intersects(window.frameGeometry()) for screen in QApplication.screens())


def test_dialogs_open(window: MainWindow) -> None:
    for dialog in (AboutDialog(window), KeysOverlay(window.actions_by_id, Place.GRID, window)):
        dialog.show()
        assert dialog.grab().width() > 200
        dialog.close()


@pytest.mark.slow
@pytest.mark.parametrize(("theme", "scale"), [("dark", "1"), ("light", "1.5")])
def test_whole_window_paints_at_both_scales(tmp_path: Path, theme: str, scale: str) -> None:
    shot = tmp_path / "shot.png"
    command = [sys.executable, "-m", "tests.openalgo_desktop.gallery", "--theme", theme, "--shot", str(shot)]
    environment = os.environ | {"QT_SCALE_FACTOR": scale, "QT_QPA_PLATFORM": "offscreen"}
    subprocess.run([*command, "--seconds", "1.5"], cwd=ROOT, env=environment, check=True, timeout=60)
    image = QImage(str(shot))
    palette = DARK if theme == "dark" else LIGHT
    assert image.width() == round(1400 * float(scale))
    seen = {image.pixelColor(x, y).name() for x in range(0, image.width(), 2) for y in range(0, image.height(), 2)}
    for token in (palette.bg_panel, palette.bg_selected, palette.up, palette.down, palette.demo, palette.text_primary):
        assert QColor(token).name() in seen
