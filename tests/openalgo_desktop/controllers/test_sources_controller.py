"""Menus of sources, and the columns that say whose prices are shown."""

from __future__ import annotations

import dataclasses

from market.instruments import InstrumentKey
from openalgo_desktop.controllers.main_controller import MainController
from openalgo_desktop.views.main_window import MainWindow
from openalgo_desktop.views.source_menu import SourceMenu
from services.result import Result
from services.source_choices import SourceView
from tests.doubles.desktop import Desktop
from tests.openalgo_desktop.conftest import on_stage


class ToySources:
    """Fulfils `controllers.source_ports.Sources`: two sources, and what was chosen."""

    def __init__(self) -> None:
        self.chosen: dict[object, str] = {}
        self.compared: dict[InstrumentKey, str] = {}
        self.shown: list[tuple[int, tuple[InstrumentKey, ...]]] = []
        self.shows = SourceView("zerodha")

    def names(self) -> list[str]:
        return ["zerodha", "angel"]

    def candidates(self, key: InstrumentKey) -> list[str]:
        return self.names()

    def of_instrument(self, key: InstrumentKey) -> str:
        return self.chosen.get(key, "")

    def of_list(self, list_id: int) -> str:
        return self.chosen.get(list_id, "")

    def compared_with(self, key: InstrumentKey) -> str:
        return self.compared.get(key, "")

    def choose(self, keys: object, feed: str) -> Result:
        self.chosen |= dict.fromkeys(keys, feed)  # type: ignore[call-overload]
        return Result.succeeded()

    def choose_for_list(self, list_id: int, feed: str, keys: object) -> Result:
        self.chosen[list_id] = feed
        return Result.succeeded()

    def compare(self, keys: object, feed: str) -> Result:
        self.compared |= dict.fromkeys(keys, feed)  # type: ignore[call-overload]
        return Result.succeeded()

    def show_list(self, list_id: int, keys: object) -> None:
        self.shown.append((list_id, tuple(keys)))  # type: ignore[arg-type]

    def view(self, key: InstrumentKey) -> SourceView:
        return self.shows


class Scene:
    def __init__(self) -> None:
        self.sources = ToySources()
        self.desktop = Desktop()
        self.window = MainWindow()
        services = dataclasses.replace(self.desktop.services(), sources=self.sources)
        self.controller = MainController(self.window, services)
        self.window.show()
        self.key = self.window.watch.grid.current_key

    def pick(self, menu: SourceMenu, text: str) -> None:
        """Open the menus and choose `text`."""
        self.window.row_menu.aboutToShow.emit()
        self.window.list_menu.aboutToShow.emit()
        (action,) = [each for each in menu.actions() if each.text() == text]
        action.trigger()


@on_stage(Scene)
async def test_a_list_is_told_before_it_is_subscribed(scene: Scene) -> None:
    number, keys = scene.sources.shown[0]
    assert number == scene.desktop.lists.lists()[0].id
    assert scene.key in keys


@on_stage(Scene)
async def test_a_source_is_chosen_for_the_selected_rows(scene: Scene) -> None:
    menu = scene.window.row_menu.sources
    scene.pick(menu, "Angel")
    assert scene.sources.chosen == {scene.key: "angel"}
    scene.window.row_menu.aboutToShow.emit()
    assert [each.text() for each in menu.actions()] == ["As the list says", "Zerodha", "Angel"]
    assert [each.isChecked() for each in menu.actions()] == [False, False, True]
    scene.pick(menu, "As the list says")
    assert scene.sources.chosen == {scene.key: ""}


@on_stage(Scene)
async def test_rows_are_compared_with_another_source_than_their_own(scene: Scene) -> None:
    menu = scene.window.row_menu.comparisons
    scene.pick(menu, "Angel")
    assert scene.sources.compared == {scene.key: "angel"}
    assert [each.text() for each in menu.actions()] == ["Nobody", "Angel"]


@on_stage(Scene)
async def test_a_source_is_chosen_for_the_shown_list(scene: Scene) -> None:
    scene.pick(scene.window.list_menu.sources, "Angel")
    assert scene.sources.chosen == {scene.desktop.lists.lists()[0].id: "angel"}


@on_stage(Scene)
async def test_rows_remember_whose_price_they_show(scene: Scene) -> None:
    scene.sources.shows = SourceView("angel", is_stand_in=True, second_feed="zerodha", second_ltp=5.0)
    scene.controller._watch.each_second()
    assert scene.key is not None
    row = scene.window.board.row(scene.key)
    assert row is not None
    assert (row.history.source, row.history.is_stand_in, row.history.second) == ("angel", True, 5.0)
