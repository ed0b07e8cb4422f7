"""The filter line joined to the rows: nothing is lost, nothing vanishes by itself."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from market.ticks import Update
from openalgo_desktop.controllers.main_controller import MainController
from openalgo_desktop.views.main_window import MainWindow
from openalgo_desktop.widgets.quote_grid import ARRANGE_EVERY_MS
from tests.doubles.desktop import Desktop
from tests.openalgo_desktop.conftest import on_stage


class Scene:
    def __init__(self) -> None:
        self.desktop = Desktop(count=17)
        self.window = MainWindow()
        self.controller = MainController(self.window, self.desktop.services())
        self.window.show()
        self.desktop.open_all()
        self.filter, self.grid = self.window.watch.filter, self.window.watch.grid
        self.filter.open()

    @property
    def shown(self) -> list[str]:
        return [row.key.symbol for row in self.window.board.rows]

    def type(self, text: str) -> str:
        self.filter.line.setText(text)
        return self.filter._said.text()


@on_stage(Scene)
async def test_typing_filters_and_counts(scene: Scene) -> None:
    assert scene.type("bank") == "2 of 17"
    assert scene.shown == ["BANKNIFTY", "HDFCBANK"]
    assert scene.type("exch:mcx") == "2 of 17"
    assert scene.type("zzz") == "0 of 17"
    scene.grid.grab()


@on_stage(Scene)
async def test_row_hidden_by_half_a_word_is_current_again(scene: Scene) -> None:
    scene.grid.set_current_row(6)
    key = scene.grid.current_key
    assert scene.type("ltp") == "0 of 17"
    assert scene.type("ltp>").startswith("ltp> wants a number")
    assert len(scene.shown) == 17
    assert scene.grid.current_key == key


@on_stage(Scene)
async def test_what_is_not_understood_is_said_and_the_rest_counts(scene: Scene) -> None:
    scene.type("bank")
    assert scene.type("bank chg>").startswith("chg> wants a number")
    assert len(scene.shown) == 2
    assert scene.filter.line.text() == "bank chg>"


@on_stage(Scene)
async def test_escape_clears_from_the_line_and_from_the_rows(scene: Scene) -> None:
    for widget in (scene.filter.line, scene.grid):
        scene.filter.open()
        scene.type("bank")
        QTest.keyClick(widget, Qt.Key.Key_Escape)
        assert len(scene.shown) == 17
        assert not scene.filter.isVisible()


@on_stage(Scene)
async def test_enter_leaves_the_filter_as_it_is(scene: Scene) -> None:
    scene.type("bank")
    left: list[int] = []
    scene.filter.left.connect(lambda: left.append(1))
    QTest.keyClick(scene.filter.line, Qt.Key.Key_Return)
    assert left == [1]
    assert len(scene.shown) == 2


@on_stage(Scene)
async def test_selected_row_does_not_vanish_by_itself_and_others_do(scene: Scene) -> None:
    scene.type("ltp>1")
    first, second = scene.window.board.rows[:2]
    scene.grid.set_current_row(0)
    assert first.tick is not None
    assert second.tick is not None
    scene.grid.flush(1e12)
    scene.desktop.market_data.tell([Update(row.tick._replace(ltp=0.5), 0) for row in (first, second) if row.tick])
    scene.grid.flush(1e12 + ARRANGE_EVERY_MS)
    assert first in scene.window.board.rows
    assert second not in scene.window.board.rows


@on_stage(Scene)
async def test_delete_removes_only_what_is_shown(scene: Scene) -> None:
    scene.grid.select_all()
    scene.type("bank")
    QTest.keyClick(scene.grid, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(scene.grid, Qt.Key.Key_Delete)
    assert len(scene.desktop.lists.get(1).keys) == 15


@on_stage(Scene)
async def test_added_instrument_is_shown_though_the_filter_would_hide_it(scene: Scene) -> None:
    key = scene.desktop.market.keys[4]
    scene.grid.removeRequested.emit([key])
    scene.type("bank")
    scene.window.watch.search.chosen.emit(key)
    assert scene.grid.current_key == key
    assert len(scene.shown) == 17
