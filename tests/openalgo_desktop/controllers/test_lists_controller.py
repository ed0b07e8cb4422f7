"""Many lists on one grid: which is shown and subscribed, and what new, rename, delete, reorder and undo do to it."""

from __future__ import annotations

from datetime import date

from PySide6.QtWidgets import QApplication

from market.modes import Mode
from market.subscriptions import Subscription
from openalgo_desktop.controllers.main_controller import MainController
from openalgo_desktop.controllers.watch_controller import HOLDER
from openalgo_desktop.views.main_window import MainWindow
from services.starter_lists import StarterList
from tests.doubles.desktop import Desktop
from tests.openalgo_desktop.conftest import on_stage


class Scene:
    """Two lists: the first four instruments, and four others of which one is in both."""

    def __init__(self) -> None:
        self.desktop = Desktop()
        self.keys = self.desktop.market.keys
        self.lists = self.desktop.lists
        self.lists.remove(1, self.keys[4:])
        self.second = self.lists.create("Second").data["data"]["id"]
        self.lists.add(self.second, self.keys[3:7])
        self.open()

    def open(self) -> None:
        self.window = MainWindow()
        self.controller = MainController(self.window, self.desktop.services())

    def close(self) -> None:
        self.controller.close()
        self.window.close()

    @property
    def shown(self) -> list[str]:
        return [row.key.symbol for row in self.window.board.rows]

    @property
    def tabs(self) -> list[str]:
        tabs = self.window.watch.tabs
        return [tabs.tabText(at) for at in range(tabs.count())]


@on_stage(Scene)
async def test_only_the_shown_list_is_subscribed(scene: Scene) -> None:
    desk = scene.desktop.desk
    assert desk.subscriptions(HOLDER) == [Subscription(key, Mode.QUOTE) for key in scene.keys[:4]]
    scene.window.list_menu.numberRequested.emit(1)
    assert set(desk.subscriptions(HOLDER)) == {Subscription(key, Mode.QUOTE) for key in scene.keys[3:7]}
    assert scene.shown == [key.symbol for key in scene.keys[3:7]]
    assert scene.window.watch.tabs.currentIndex() == 1
    scene.window.list_menu.numberRequested.emit(7)
    assert scene.window.watch.tabs.currentIndex() == 1


@on_stage(Scene)
async def test_each_list_remembers_its_row(scene: Scene) -> None:
    grid, menu = scene.window.watch.grid, scene.window.list_menu
    grid.set_current_row(2)
    menu.stepRequested.emit(1)
    grid.set_current_row(1)
    menu.stepRequested.emit(1)
    assert grid.current_key == scene.keys[2]
    menu.stepRequested.emit(-1)
    assert grid.current_key == scene.keys[4]


@on_stage(Scene)
async def test_last_list_is_shown_at_the_next_start(scene: Scene) -> None:
    scene.window.watch.tabs.listChosen.emit(scene.second)
    scene.close()
    scene.open()
    assert scene.shown[0] == scene.keys[3].symbol
    scene.close()
    scene.desktop.settings.set("shown_list", 999)
    scene.open()
    assert scene.shown[0] == scene.keys[0].symbol


@on_stage(Scene)
async def test_new_list_is_shown_and_its_name_typed(scene: Scene) -> None:
    scene.window.show()
    scene.window.watch.new_list.click()
    assert scene.tabs == ["Watchlist 1  4", "Second  4", "Watchlist 2  0"]
    assert scene.shown == []
    tabs = scene.window.watch.tabs
    assert tabs.editor.isVisible()
    tabs.editor.setText("Second")
    tabs._end_editing(keep=True)
    assert "There is a watchlist named 'Second' already" in scene.window.toast.text()
    scene.window.list_menu.renameRequested.emit()
    tabs.editor.setText("Third")
    tabs._end_editing(keep=True)
    assert scene.tabs[2] == "Third  0"
    assert scene.window.watch._name.text() == "Third"


@on_stage(Scene)
async def test_deleted_list_gives_way_to_its_neighbour_and_undo_shows_it_again(scene: Scene) -> None:
    scene.window.list_menu.numberRequested.emit(1)
    scene.window.list_menu.deleteRequested.emit()
    assert scene.tabs == ["Watchlist 1  4"]
    assert scene.shown[0] == scene.keys[0].symbol
    assert scene.window.toast.text() == "Second was deleted · Ctrl+Z to undo"
    assert scene.desktop.settings.number("shown_list") == 1
    scene.window.undoRequested.emit()
    assert scene.tabs == ["Watchlist 1  4", "Second  4"]
    assert scene.shown[0] == scene.keys[3].symbol
    scene.window.redoRequested.emit()
    assert scene.tabs == ["Watchlist 1  4"]


@on_stage(Scene)
async def test_undo_shows_the_list_in_which_something_came_back(scene: Scene) -> None:
    scene.window.watch.grid.removeRequested.emit([scene.keys[0]])
    scene.window.list_menu.stepRequested.emit(1)
    scene.window.undoRequested.emit()
    assert scene.shown == [key.symbol for key in scene.keys[:4]]


@on_stage(Scene)
async def test_lists_move_and_the_shown_one_stays_shown(scene: Scene) -> None:
    scene.window.list_menu.moveRequested.emit(1)
    assert scene.tabs == ["Second  4", "Watchlist 1  4"]
    assert scene.window.watch.tabs.currentIndex() == 1
    scene.window.list_menu.moveRequested.emit(1)
    assert scene.tabs == ["Second  4", "Watchlist 1  4"]
    scene.window.watch.tabs.reordered.emit([1, scene.second])
    assert scene.tabs == ["Watchlist 1  4", "Second  4"]


async def test_starters_are_for_a_profile_without_any_instrument(app: QApplication) -> None:
    desktop = Desktop([])
    other = desktop.lists.create("Other").data["data"]["id"]
    desktop.lists.add(other, desktop.market.keys[:2])
    window = MainWindow()
    controller = MainController(window, desktop.services())
    controller._second(0.0)
    assert len(window.board) == 0
    controller.close()
    window.close()


@on_stage(Scene)
async def test_starter_list_is_made_and_shown(scene: Scene) -> None:
    starter = StarterList("Two", "", tuple(scene.keys[:2]))
    scene.lists.offer([starter], scene.desktop.directory, date.today)
    scene.window.list_menu.starterRequested.emit("two")
    assert scene.window.watch.grid.board.listed[0].key == scene.keys[0]
    assert scene.lists.lists()[-1].name == "Two"
    scene.window.list_menu.starterRequested.emit("nothing")
    assert "no starter list" in scene.window.toast.text()
