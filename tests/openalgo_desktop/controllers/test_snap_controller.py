"""F9: a quote that stands still and can be copied."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel

from openalgo_desktop.controllers.main_controller import MainController
from openalgo_desktop.views.main_window import MainWindow
from openalgo_desktop.views.snap_pane import SnapPane
from tests.doubles.desktop import Desktop
from tests.openalgo_desktop.conftest import on_stage


class Scene:
    """A window on doubles, with prices."""

    def __init__(self) -> None:
        self.desktop = Desktop()
        self.window = MainWindow()
        self.controller = MainController(self.window, self.desktop.services())
        self.window.show()
        self.desktop.open_all()

    def snap(self) -> SnapPane:
        self.window.actions_by_id["view.snap"].trigger()
        pane = self.controller._snap.pane
        assert pane is not None
        return pane


def texts(pane: SnapPane) -> set[str]:
    return {label.text() for label in pane.findChildren(QLabel) if label.parent() is pane}


@on_stage(Scene)
async def test_a_quote_stands_still_until_it_is_taken_again(scene: Scene) -> None:
    scene.window.watch.grid.set_current_row(4)
    pane = scene.snap()
    assert pane.windowTitle() == "Snap quote — RELIANCE NSE"
    key = scene.desktop.market.keys[4]
    first = scene.desktop.desk.last(key)
    assert first is not None
    assert f"{first.ltp:,.2f}" in texts(pane)
    before = pane._quote
    while scene.desktop.desk.last(key).ltp == first.ltp:  # type: ignore[union-attr]
        scene.desktop.move(50)
    assert pane._quote is before
    pane.againRequested.emit()
    assert pane._quote != before


@on_stage(Scene)
async def test_all_of_it_can_be_copied(scene: Scene) -> None:
    scene.window.watch.grid.set_current_row(4)
    pane = scene.snap()
    pane.copy()
    lines = QGuiApplication.clipboard().text().splitlines()
    assert lines[0] == "RELIANCE NSE"
    assert {line.split("\t")[0] for line in lines} >= {"LTP", "Volume", "Upper circuit", "Last trade"}
    assert "simulated" in lines[-1]


@on_stage(Scene)
async def test_without_a_row_it_says_so(scene: Scene) -> None:
    scene.window.watch.grid.removeRequested.emit(scene.desktop.market.keys)
    scene.window.actions_by_id["view.snap"].trigger()
    assert scene.controller._snap.pane is None
    assert scene.window.toast.text() == "Select a row to take its quote"
