"""Lists and rows to and from files, from the menu to the disk and back."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog

from openalgo_desktop.controllers.files_controller import FilesController
from openalgo_desktop.controllers.main_controller import MainController
from openalgo_desktop.views.main_window import MainWindow
from tests.doubles.desktop import Desktop
from tests.openalgo_desktop.conftest import on_stage, until


class Scene:
    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.desktop = Desktop(count=6)
        self.keys = self.desktop.market.keys
        self.lists = self.desktop.lists
        self.window = MainWindow()
        self.controller = MainController(self.window, self.desktop.services())
        self.window.show()
        self.desktop.open_all()
        self.files: FilesController = self.controller._watch._files

    def file(self, text: str, name: str = "mine.txt") -> Path:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    async def previewed(self, path: Path) -> None:
        self.files.dialog = None
        self.files.read(path)
        await until(lambda: self.files.dialog is not None)

    @property
    def table(self) -> list[tuple[str, ...]]:
        assert self.files.dialog is not None
        table = self.files.dialog.table
        items = [table.topLevelItem(at) for at in range(table.topLevelItemCount())]
        return [tuple(item.text(column) for column in range(4)) for item in items if item is not None]


@on_stage(Scene)
async def test_file_is_shown_before_it_is_taken_and_undone_in_one_step(scene: Scene) -> None:
    first, second = scene.keys[:2]
    scene.lists.remove(1, [second])
    before = scene.lists.lists()
    await scene.previewed(scene.file(f"###Mine,{first},{second},NASDAQ:X"))
    assert [(row[0], row[1], row[2]) for row in scene.table] == [
        (str(first), "Watchlist 1", "Mine"),
        (str(second), "Watchlist 1", "Mine"),
        ("NASDAQ:X", "Watchlist 1", "Mine"),
    ]
    assert [row[3].split(":")[0] for row in scene.table] == ["already in the list", "new", "left out"]
    assert scene.lists.lists() is before
    assert scene.files.dialog is not None
    scene.files.dialog.take.click()
    assert scene.lists.get(1).keys[-1] == second
    assert "1 new" in scene.window.toast.text()
    scene.window.undoRequested.emit()
    assert scene.lists.lists() == before


@on_stage(Scene)
async def test_another_target_may_be_chosen_and_is_shown_after(scene: Scene) -> None:
    await scene.previewed(scene.file(str(scene.keys[0])))
    dialog = scene.files.dialog
    assert dialog is not None
    assert not dialog.take.isEnabled()
    assert dialog.target.itemText(dialog.target.count() - 1) == "A new list, mine"
    dialog.target.setCurrentIndex(dialog.target.count() - 1)
    dialog.target.activated.emit(dialog.target.count() - 1)
    await until(dialog.take.isEnabled)
    dialog.take.click()
    assert [each.name for each in scene.lists.lists()] == ["Watchlist 1", "mine"]
    assert scene.window.board.listed[0].key == scene.keys[0]
    assert len(scene.window.board.listed) == 1


@on_stage(Scene)
async def test_cancelling_and_files_that_are_none_change_nothing(scene: Scene) -> None:
    before = scene.lists.lists()
    await scene.previewed(scene.file(str(scene.keys[0])))
    assert scene.files.dialog is not None
    scene.files.dialog.reject()
    for path in (scene.file("{", "broken.json"), scene.folder / "gone.csv"):
        scene.files.read(path)
        await until(lambda name=path.name: scene.window.toast.text().startswith(name))  # type: ignore[misc]
    assert scene.lists.lists() is before


@on_stage(Scene)
async def test_export_is_read_again_by_import(scene: Scene) -> None:
    scene.lists.add_section(1, "Rest", position=2)
    for name in ("out.json", "out.csv"):
        path = scene.folder / name
        scene.files.export(path, scene.lists.lists())
        await until(path.exists)
        await scene.previewed(path)
        assert {row[3] for row in scene.table} == {"already in the list"}
        assert [row[2] for row in scene.table] == ["", "", *["Rest"] * 4]


@on_stage(Scene)
async def test_rows_are_exported_with_raw_numbers_and_folded_ones_too(scene: Scene) -> None:
    number = scene.lists.add_section(1, "=Rest", position=2).data["data"]["id"]
    scene.lists.annotate(1, scene.keys[0], note="-1+1")
    scene.lists.set_collapsed(1, number, True)
    scene.window.column_menu._actions["note"].trigger()
    path = scene.folder / "rows.csv"
    scene.files.export_rows(path)
    await until(path.exists)
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    assert [row["Symbol"] for row in rows] == [key.symbol for key in scene.keys]
    assert [row["Section"] for row in rows] == ["", "", *["'=Rest"] * 4]
    assert rows[0]["Note"] == "'-1+1"
    assert float(rows[0]["LTP"]) == scene.window.board.listed[0].tick.ltp  # type: ignore[union-attr]
    await until(lambda: "6 rows in rows.csv" in scene.window.toast.text())


@on_stage(Scene)
async def test_disk_that_is_full_is_said(scene: Scene) -> None:
    scene.files.export(scene.folder / "gone" / "a.json", scene.lists.lists())
    await until(lambda: "a.json cannot be written" in scene.window.toast.text())


@on_stage(Scene)
async def test_menu_asks_for_a_file(scene: Scene) -> None:
    asked: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(QFileDialog, "open", lambda dialog: asked.append(dialog.windowTitle()))
        for name in ("import", "export", "export_all", "export_rows"):
            action = next(each for each in scene.window.list_menu.actions() if each.objectName() == f"list.{name}")
            action.trigger()
    assert asked == ["Import watchlists", "Export", "Export", "Export"]
