"""Columns as the user arranges them: shown at once, kept for the next start."""

from __future__ import annotations

from openalgo_desktop.controllers.main_controller import MainController
from openalgo_desktop.presentation.column_catalogue import PRESETS, STANDARD
from openalgo_desktop.presentation.row_order import Sort
from openalgo_desktop.views.main_window import MainWindow
from tests.doubles.desktop import Desktop
from tests.openalgo_desktop.conftest import on_stage


class Scene:
    def __init__(self) -> None:
        self.desktop = Desktop(count=8)
        self.open()

    def open(self) -> None:
        self.window = MainWindow()
        self.controller = MainController(self.window, self.desktop.services())
        self.menu, self.header = self.window.column_menu, self.window.watch.grid.header

    def close(self) -> None:
        self.controller.close()
        self.window.close()

    @property
    def shown(self) -> tuple[str, ...]:
        return tuple(column.id for column in self.window.board.columns)


@on_stage(Scene)
async def test_menu_shows_and_hides_with_values(scene: Scene) -> None:
    scene.desktop.open_all()
    scene.menu._actions["upper_circuit"].trigger()
    scene.menu._actions["low"].trigger()
    assert scene.shown == (*(each for each in STANDARD if each != "low"), "upper_circuit")
    assert not scene.menu._actions["low"].isChecked()
    scene.window.board.flush(0, 8, 0.0)
    assert scene.window.board.rows[4].texts[-1] == "1,701.26"


@on_stage(Scene)
async def test_presets_and_reset(scene: Scene) -> None:
    for name, ids in PRESETS.items():
        scene.menu.presetChosen.emit(name)
        assert scene.shown == ids
        scene.window.watch.grid.grab()
    scene.header.resizeRequested.emit("ltp", 200)
    scene.menu.resetChosen.emit()
    assert scene.shown == STANDARD
    assert scene.window.watch.grid._layout.widths == {}


@on_stage(Scene)
async def test_arrangement_is_there_at_the_next_start(scene: Scene) -> None:
    scene.menu.presetChosen.emit("Compact")
    scene.header.resizeRequested.emit("ltp", 143)
    scene.header.moveRequested.emit("volume", 1)
    scene.header.sortRequested.emit("volume")
    scene.close()
    scene.open()
    assert scene.shown == ("symbol", "volume", "ltp", "change_percent")
    assert scene.window.watch.grid.places.geometry.widths[2] == 143
    assert scene.window.board.sort == Sort("volume")
    scene.menu.naturalWidthsChosen.emit()
    assert scene.window.watch.grid.places.geometry.widths[2] != 143


@on_stage(Scene)
async def test_hidden_columns_are_hidden_by_key_too(scene: Scene) -> None:
    scene.header.hideRequested.emit("oi")
    assert "oi" not in scene.shown
