"""Depth in windows of its own: pinned to its symbol, held until closed, back at the next start."""

from __future__ import annotations

from pathlib import Path

import shiboken6
from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from market.modes import Mode
from market.subscriptions import Subscription
from openalgo_desktop import tasks
from openalgo_desktop.controllers.main_controller import MainController
from openalgo_desktop.controllers.own_books import MOST
from openalgo_desktop.views.main_window import MainWindow
from tests.doubles.desktop import Desktop
from tests.openalgo_desktop.conftest import on_stage, until

RELIANCE, TCS = 4, 6


class Scene:
    """A window on doubles, with prices."""

    def __init__(self, desktop: Desktop | None = None, store: QSettings | None = None) -> None:
        self.desktop = desktop or Desktop()
        self.window = MainWindow(geometry=store)
        self.controller = MainController(self.window, self.desktop.services())
        self.books = self.controller._own_books
        self.window.show()
        self.desktop.open_all()

    def open(self, row: int) -> None:
        self.window.watch.grid.set_current_row(row)
        self.window.actions_by_id["view.own_depth"].trigger()

    def held(self) -> list[Subscription]:
        return [
            wish
            for holder, wishes in self.desktop.desk.held.items()
            if holder.startswith("window.depth.")
            for wish in wishes
        ]


@on_stage(Scene)
async def test_a_window_keeps_its_instrument_whatever_is_selected(scene: Scene) -> None:
    scene.open(RELIANCE)
    await until(lambda: scene.held())
    scene.window.watch.grid.set_current_row(TCS)
    own = scene.books.windows[0].pane
    await until(lambda: scene.window.book.head.title == "TCS")
    await until(lambda: own.head.subtitle == "20 levels · NSE · simulated")
    assert own.head.title == "RELIANCE"
    assert scene.held() == [Subscription(scene.desktop.market.keys[RELIANCE], Mode.DEPTH)]


@on_stage(Scene)
async def test_it_moves_while_the_main_window_is_minimised(scene: Scene) -> None:
    scene.open(RELIANCE)
    own = scene.books.windows[0].pane
    await until(lambda: own.depth_panel.picture is not None and own.depth_panel.picture.sent == 20)
    scene.window.hide()
    assert not scene.window.clock.running
    before = own.depth_panel.picture
    scene.desktop.move(200)
    await until(lambda: own.depth_panel.picture != before)


@on_stage(Scene)
async def test_closing_lets_go_of_the_book(scene: Scene) -> None:
    scene.open(RELIANCE)
    scene.open(TCS)
    await until(lambda: len(scene.held()) == 2)
    scene.books.windows[0].close()
    assert [wish.key for wish in scene.held()] == [scene.desktop.market.keys[TCS]]
    assert len(scene.books) == 1
    scene.books.windows[0].close()
    assert not scene.held()
    assert not scene.books._clock.running


@on_stage(Scene)
async def test_one_instrument_may_have_several_each_with_its_own_tab(scene: Scene) -> None:
    scene.open(RELIANCE)
    scene.open(RELIANCE)
    first, second = (window.pane for window in scene.books.windows)
    QTest.keyClick(second.depth_panel, Qt.Key.Key_L)
    assert (first.tab, second.tab, scene.window.book.tab) == ("depth", "ladder", "depth")
    await until(lambda: second.ladder.scene.inside is not None)
    scene.window.settingChosen.emit("depth_levels", "5")
    await until(lambda: first.head.subtitle.startswith("5 of 20"))


@on_stage(Scene)
async def test_f8_and_f9_mean_its_own_instrument(scene: Scene) -> None:
    scene.open(RELIANCE)
    scene.window.watch.grid.set_current_row(TCS)
    own = scene.books.windows[0]
    own.activateWindow()
    QTest.qWaitForWindowActive(own)
    QTest.keyClick(own.pane.depth_panel, Qt.Key.Key_F8)
    assert (own.pane.tab, scene.window.book.tab) == ("trades", "depth")
    QTest.keyClick(own.pane.tape, Qt.Key.Key_F9)
    pane = scene.controller._snap.pane
    assert pane is not None
    assert pane.windowTitle() == "Snap quote — RELIANCE NSE"
    pane.againRequested.emit()
    assert pane.windowTitle() == "Snap quote — RELIANCE NSE"


@on_stage(Scene)
async def test_a_first_window_is_placed_by_the_desktop(scene: Scene) -> None:
    scene.open(RELIANCE)
    moved = scene.books.windows[0].testAttribute(Qt.WidgetAttribute.WA_Moved)
    assert not moved, "at 0, 0 its title would be above the screen"


@on_stage(Scene)
async def test_there_is_a_most_and_it_is_said(scene: Scene) -> None:
    for _ in range(MOST + 1):
        scene.open(RELIANCE)
    assert len(scene.books) == MOST
    assert "close one first" in scene.window.toast.text()


@on_stage(Scene)
async def test_it_says_that_data_is_simulated_and_wears_the_theme(scene: Scene) -> None:
    scene.open(RELIANCE)
    own = scene.books.windows[0]
    assert own.windowTitle() == "RELIANCE NSE — SIMULATED"
    scene.window.settingChosen.emit("theme", "light")
    scene.books._second(0.0)
    assert own.skin.palette.name == "light"


async def test_windows_come_back_at_their_place_with_their_tab(app: QApplication, tmp_path: Path) -> None:
    store, desktop = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat), Desktop()
    first = Scene(desktop, store)
    first.open(RELIANCE)
    own = first.books.windows[0]
    own.resize(500, 600)
    QTest.keyClick(own.pane.depth_panel, Qt.Key.Key_L)
    await end(first)
    assert desktop.settings.text("own_books") == "NSE:RELIANCE"
    second = Scene(desktop, store)
    back = second.books.windows[0]
    assert (back.size().toTuple(), back.pane.tab) == ((500, 600), "ladder")
    back.close()
    assert desktop.settings.text("own_books") == ""
    await end(second)


async def test_what_another_version_wrote_is_passed_over(app: QApplication) -> None:
    desktop = Desktop()
    desktop.settings.set("own_books", "NOWHERE:X nonsense NSE:TCS")
    scene = Scene(desktop)
    assert [window.name for window in scene.books.windows] == ["TCS NSE"]
    await end(scene)


async def end(scene: Scene) -> None:
    scene.controller.close()
    scene.window.close()
    await tasks.cancel_all()
    await until(lambda: not tasks.running())
    shiboken6.delete(scene.window)
