"""Watchlists to and from files, and the shown rows as a table: dialogs in front, files in worker threads."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog

from market.errors import OpenAlgoError
from openalgo_desktop import tasks
from openalgo_desktop.controllers.lists_controller import ListsController
from openalgo_desktop.controllers.ports import DesktopServices
from openalgo_desktop.presentation.import_preview import Preview, PreviewRow
from openalgo_desktop.presentation.quote_row import QuoteRow
from openalgo_desktop.presentation.row_export import comma_separated
from openalgo_desktop.views.import_dialog import ImportDialog
from openalgo_desktop.views.main_window import MainWindow
from services.list_files.entries import Contents, Title
from services.list_files.reading import MOST_BYTES, read_contents
from services.list_files.writing import encoded, to_csv, to_json
from services.list_import import Plan, Verdict, carry_out, plan_import
from services.text_files import read_limited, save
from services.watchlists import Watchlist

_KINDS = "Watchlists (*.json *.csv *.txt);;All files (*)"
_TAKEN = (Verdict.NEW, Verdict.UNKNOWN)


class FilesController(QObject):
    """Answers the file actions of the list menu."""

    def __init__(self, window: MainWindow, services: DesktopServices, lists: ListsController) -> None:
        super().__init__(window)
        self._window = window
        self._services = services
        self._lists = lists
        self.dialog: ImportDialog | None = None
        menu = window.list_menu
        menu.importRequested.connect(self._choose_import)
        menu.exportRequested.connect(self._choose_export)
        menu.rowsRequested.connect(self._choose_rows)

    # Out

    def _choose_export(self, everything: bool) -> None:  # noqa: FBT001
        lists = self._services.watchlists.lists() if everything else (self._lists.shown,)
        name = "watchlists" if everything else lists[0].name
        self._ask(f"{_file_name(name)}.json", "JSON (*.json);;CSV (*.csv)", lambda path: self.export(path, lists))

    def _choose_rows(self) -> None:
        self._ask(f"{_file_name(self._lists.shown.name)}.csv", "CSV (*.csv)", self.export_rows)

    def export(self, path: Path, lists: Sequence[Watchlist]) -> None:
        """Write `lists` to `path`: as a table where its name ends in `.csv`, else as JSON."""
        write = to_csv if path.suffix.lower() == ".csv" else to_json
        count = sum(len(each.items) for each in lists)
        self._save(path, lambda: encoded(write(lists)), f"{_count(count, 'instrument')} in {path.name}")

    def export_rows(self, path: Path) -> None:
        """Write the rows that are shown, those of folded sections too, to `path`, with raw numbers."""
        board = self._window.board
        rows = board.unfolded()
        text = comma_separated(rows, board.columns)
        count = sum(isinstance(row, QuoteRow) for row in rows)
        self._save(path, lambda: encoded(text), f"{_count(count, 'row')} in {path.name}")

    def _save(self, path: Path, make: Callable[[], bytes], done: str) -> None:
        async def work() -> None:
            try:
                await asyncio.to_thread(lambda: save(path, make()))
            except OpenAlgoError as error:
                self._window.toast.say(str(error))
            else:
                self._window.toast.say(done)

        tasks.spawn(work(), owner=self)

    # In

    def _choose_import(self) -> None:
        dialog = QFileDialog(self._window, "Import watchlists", "", _KINDS)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda name: self.read(Path(name)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def read(self, path: Path) -> None:
        """Read `path` and show what it would bring."""
        tasks.spawn(self._read(path), owner=self)

    async def _read(self, path: Path) -> None:
        try:
            contents = await asyncio.to_thread(lambda: read_contents(read_limited(path, MOST_BYTES), path.name))
            is_nameless = any(not each.name.strip() for each in contents.lists)
            into = self._lists.shown.id if is_nameless else 0
            plan = await self._planned(contents, path, into)
        except OpenAlgoError as error:
            self._window.toast.say(str(error))
            return
        self._show(contents, path, plan, into)

    async def _planned(self, contents: Contents, path: Path, into: int) -> Plan:
        lists, known = self._services.watchlists.lists(), self._services.instruments
        return await asyncio.to_thread(lambda: plan_import(contents, lists, known, name=path.stem, into=into or None))

    def _show(self, contents: Contents, path: Path, plan: Plan, into: int) -> None:
        dialog = self.dialog = ImportDialog(self._window)
        current = [plan]

        async def again(target: int) -> None:
            current[0] = await self._planned(contents, path, target)
            dialog.show_preview(self._preview(contents, path, current[0], target))

        dialog.targetChosen.connect(lambda target: tasks.spawn(again(target), owner=self))
        dialog.accepted.connect(lambda: self._carry_out(current[0], path.name))
        dialog.finished.connect(dialog.deleteLater)
        dialog.show_preview(self._preview(contents, path, plan, into))
        dialog.open()

    def _preview(self, contents: Contents, path: Path, plan: Plan, into: int) -> Preview:
        targets: list[tuple[int, str]] = []
        if any(not each.name.strip() for each in contents.lists):
            targets = [(each.id, each.name) for each in self._services.watchlists.lists()]
            targets.append((0, f"A new list, {path.stem}"))
        rows = tuple(_rows(plan))
        return Preview(path.name, plan.sentence, rows, plan.trouble, tuple(targets), into, plan.changes_anything)

    def _carry_out(self, plan: Plan, name: str) -> None:
        success, answer, _status = carry_out(plan, self._services.watchlists, name=name)
        self._window.toast.say(f"{answer['message']}{' · Ctrl+Z to undo' if success else ''}")
        if success and answer["data"]["ids"]:
            self._lists.show(answer["data"]["ids"][0])

    def _ask(self, name: str, kinds: str, save_to: Callable[[Path], None]) -> None:
        dialog = QFileDialog(self._window, "Export", name, kinds)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.selectFile(name)
        dialog.filterSelected.connect(lambda kind: dialog.setDefaultSuffix("csv" if "csv" in kind else "json"))
        dialog.setDefaultSuffix(name.rpartition(".")[2])
        dialog.fileSelected.connect(lambda chosen: save_to(Path(chosen)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()


def _rows(plan: Plan) -> list[PreviewRow]:
    rows = []
    for planned in plan.lists:
        section = ""
        name = planned.name if planned.list_id is not None else f"{planned.name} (new)"
        for line in planned.lines:
            if isinstance(line, Title):
                section = line.name
            else:
                what = f"{line.verdict}: {line.reason}" if line.reason else line.verdict
                shown = str(line.key or line.text)
                rows.append(PreviewRow(name, section, shown, what, line.verdict in _TAKEN))
    return rows


def _file_name(name: str) -> str:
    """`name` as every file system takes it."""
    return re.sub(r"[^\w &.+-]+", "_", name).strip(" .") or "watchlist"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
