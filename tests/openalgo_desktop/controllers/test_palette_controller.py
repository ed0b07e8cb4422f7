"""Ctrl+K goes to anything."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from openalgo_desktop.controllers.main_controller import MainController
from openalgo_desktop.models.search_results import RESULT_ROLE
from openalgo_desktop.presentation.palette_search import Entry, Kind
from openalgo_desktop.views.main_window import MainWindow
from tests.doubles.desktop import Desktop
from tests.openalgo_desktop.conftest import on_stage, until

CONTROL = Qt.KeyboardModifier.ControlModifier


class Scene:
    def __init__(self) -> None:
        self.desktop = Desktop()
        self.window = MainWindow()
        self.controller = MainController(self.window, self.desktop.services())
        self.window.show()
        self.box = self.window.palette_box

    def entries(self) -> list[Entry]:
        return [self.box.model.index(row, 0).data(RESULT_ROLE) for row in range(self.box.model.rowCount())]

    def enter(self) -> None:
        QTest.keyClick(self.box.line, Qt.Key.Key_Return)


@on_stage(Scene)
async def test_commands_show_their_keys_and_are_done(scene: Scene) -> None:
    QTest.qWaitForWindowActive(scene.window)
    QTest.keyClick(scene.window.watch.grid, Qt.Key.Key_K, CONTROL)
    assert scene.box.isVisible()
    QTest.keyClicks(scene.box.line, ">filter")
    (entry,) = scene.entries()
    assert (entry.name, entry.details) == ("Filter rows", "Ctrl+F")
    scene.enter()
    assert not scene.box.isVisible()
    assert scene.window.watch.filter.isVisible()
    assert scene.desktop.settings.text("recent_choices") == '["command:rows.filter"]'
    scene.box.open("")
    assert scene.entries()[0].id == "rows.filter", "what was chosen last comes first"


@on_stage(Scene)
async def test_instrument_of_the_list_is_selected(scene: Scene) -> None:
    scene.box.open("reliance")
    await until(lambda: any(entry.kind is Kind.INSTRUMENT for entry in scene.entries()))
    scene.enter()
    assert scene.window.watch.grid.current_key is not None
    assert scene.window.watch.grid.current_key.symbol == "RELIANCE"


@on_stage(Scene)
async def test_instrument_that_is_not_in_the_list_is_added(scene: Scene) -> None:
    key = scene.desktop.market.keys[4]
    scene.desktop.lists.remove(scene.desktop.lists.lists()[0].id, [key])
    scene.box.open(key.symbol.lower())
    await until(lambda: any(entry.kind is Kind.INSTRUMENT for entry in scene.entries()))
    scene.enter()
    assert key in scene.window.board


@on_stage(Scene)
async def test_lists_and_settings_are_reached(scene: Scene) -> None:
    second = scene.desktop.lists.create("Second").data["data"]["id"]
    scene.box.open("@sec")
    scene.enter()
    assert scene.desktop.settings.number("shown_list") == second
    scene.box.open(",theme")
    scene.enter()
    page = scene.controller._shell.settings.page
    assert page is not None
    await until(lambda: page.focusWidget() is page.controls["theme"].control)


@on_stage(Scene)
async def test_escape_gives_the_keyboard_back(scene: Scene) -> None:
    scene.box.open("x")
    QTest.keyClick(scene.box.line, Qt.Key.Key_Escape)
    assert not scene.box.isVisible()
    assert scene.window.focusWidget() is scene.window.watch.grid
