"""Rows of the shown list: sorted, moved, removed together, copied."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication

from openalgo_desktop.controllers.main_controller import MainController
from openalgo_desktop.presentation.row_order import Sort
from openalgo_desktop.views.main_window import MainWindow
from tests.doubles.desktop import Desktop
from tests.openalgo_desktop.conftest import on_stage


class Scene:
    def __init__(self) -> None:
        self.desktop = Desktop(count=8)
        self.window = MainWindow()
        self.controller = MainController(self.window, self.desktop.services())
        self.grid = self.window.watch.grid
        self.keys = self.desktop.market.keys

    @property
    def listed(self) -> list[object]:
        return list(self.desktop.lists.get(1).keys)


@on_stage(Scene)
async def test_clicks_on_a_title_sort_and_come_back(scene: Scene) -> None:
    orders = []
    for _ in range(3):
        scene.grid.header.sortRequested.emit("symbol")
        orders.append((scene.window.board.sort, scene.window.board.rows[0].title))
    assert orders == [
        (Sort("symbol"), "BANKNIFTY"),
        (Sort("symbol", descending=True), "TCS"),
        (None, "NIFTY"),
    ]
    assert scene.listed == scene.keys


@on_stage(Scene)
async def test_moved_rows_are_kept_and_undone(scene: Scene) -> None:
    a, b, c, *rest = scene.keys
    scene.grid.moveRequested.emit([a], 2)
    assert scene.listed == [b, a, c, *rest]
    assert [row.key for row in scene.window.board.rows] == scene.listed
    scene.window.undoRequested.emit()
    assert scene.listed == scene.keys


@on_stage(Scene)
async def test_removed_together_come_back_together(scene: Scene) -> None:
    scene.grid.removeRequested.emit(scene.keys[2:5])
    assert scene.listed == scene.keys[:2] + scene.keys[5:]
    assert "3 instruments removed" in scene.window.toast.text()
    scene.window.undoRequested.emit()
    assert scene.listed == scene.keys


@on_stage(Scene)
async def test_copy_puts_the_selected_rows_on_the_clipboard(scene: Scene) -> None:
    scene.grid.set_current_row(1)
    scene.grid.toggle(4)
    scene.grid.copyRequested.emit(False)
    lines = QGuiApplication.clipboard().text().splitlines()
    assert [line.partition("\t")[0] for line in lines] == ["Instrument", "NSE_INDEX:BANKNIFTY", "NSE:RELIANCE"]
    assert scene.window.toast.text() == "2 rows copied"


@on_stage(Scene)
async def test_adding_to_a_sorted_list_goes_below_the_current_row_of_the_own_order(scene: Scene) -> None:
    scene.grid.removeRequested.emit([scene.keys[7]])
    scene.grid.header.sortRequested.emit("symbol")
    scene.grid.set_current_key(scene.keys[2])
    scene.window.watch.search.chosen.emit(scene.keys[7])
    assert scene.listed[3] == scene.keys[7]
    assert scene.grid.current_key == scene.keys[7]
