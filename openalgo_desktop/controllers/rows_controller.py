"""What is done with rows of the shown list: sections, flags, notes, moves to other lists, and the menu of all that."""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import count

from PySide6.QtCore import QObject, QPoint
from PySide6.QtGui import QGuiApplication

from market.errors import InvalidRequestError
from market.instruments import InstrumentKey
from openalgo_desktop.controllers.lists_controller import ListsController
from openalgo_desktop.controllers.ports import DesktopServices
from openalgo_desktop.presentation import formats
from openalgo_desktop.presentation.list_lines import Line, QuoteLine, SectionKey, SectionLine
from openalgo_desktop.views.main_window import MainWindow
from services.next_expiry import next_expiry
from services.result import Result
from services.watchlists import Section, Watchlist


class RowsController(QObject):
    """Joins the row menu and the grid to the shown list."""

    def __init__(self, window: MainWindow, services: DesktopServices, lists: ListsController) -> None:
        super().__init__(window)
        self._window = window
        self._services = services
        self._lists = lists
        grid, menu = window.watch.grid, window.row_menu
        grid.foldRequested.connect(self.fold)
        grid.sectionNamed.connect(self._name_section)
        grid.sectionRemoveRequested.connect(self._dissolve)
        grid.sectionMoveRequested.connect(self._move_section)
        grid.menuRequested.connect(self._show_menu)
        window.watch.tabs.rowsDropped.connect(self._send)
        menu.aboutToShow.connect(self._fill_menu)
        menu.copyNameRequested.connect(self._copy_name)
        menu.sentTo.connect(lambda number, copy: self._send(number, grid.selected_keys(), copy))
        menu.flagRequested.connect(self.flag)
        grid.noteTyped.connect(self._note)
        menu.noteRequested.connect(grid.edit_note)
        menu.rollRequested.connect(self.roll)
        menu.sectionRequested.connect(self.add_section)
        menu.renameRequested.connect(grid.edit_section)
        menu.foldRequested.connect(self._fold_current)
        menu.foldAllRequested.connect(self.fold_all)
        menu.dissolveRequested.connect(self._dissolve_current)

    def lines(self, shown: Watchlist) -> list[Line]:
        """The lines of a list as the board shows them."""
        folded = self._services.watchlists.collapsed
        return [
            SectionLine(line.id, line.name, line.id in folded)
            if isinstance(line, Section)
            else QuoteLine(line.key, int(line.flag) if line.flag.isdigit() else 0, line.note)
            for line in shown.lines
        ]

    # Sections

    def add_section(self) -> None:
        """Put a title above the current row, and let its name be typed."""
        grid, shown = self._window.watch.grid, self._lists.shown
        taken = {title.name for title in shown.sections}
        name = next(name for number in count(1) if (name := f"Section {number}") not in taken)
        position = self._window.board.line_before(grid.current_position) if grid.current_position >= 0 else None
        result = self._services.watchlists.add_section(shown.id, name, position=position)
        self._tell(result)
        if result.success:
            grid.set_current_key(SectionKey(result.data["data"]["id"]))
            grid.edit_section()

    def fold(self, section_id: int, folded: bool) -> None:  # noqa: FBT001
        """Fold or unfold a section."""
        self._tell(self._services.watchlists.set_collapsed(self._lists.shown.id, section_id, folded))

    def unfold_at(self, position: int) -> None:
        """Open the section in which the line before `position` is, so that what is added there is seen."""
        shown = self._lists.shown
        titles = [line for line in shown.lines[:position] if isinstance(line, Section)]
        if titles and titles[-1].id in self._services.watchlists.collapsed:
            self.fold(titles[-1].id, False)

    def fold_all(self) -> None:
        """Fold every section, or unfold them where all are folded."""
        titles, folded = self._lists.shown.sections, self._services.watchlists.collapsed
        all_folded = all(title.id in folded for title in titles)
        for title in titles:
            self.fold(title.id, not all_folded)

    def _fold_current(self) -> None:
        title = self._window.watch.grid.current_section
        if title is not None:
            self.fold(title.key.id, not title.collapsed)

    def _name_section(self, section_id: int, name: str) -> None:
        self._tell(self._services.watchlists.rename_section(self._lists.shown.id, section_id, name))

    def _dissolve(self, section_id: int) -> None:
        result = self._services.watchlists.remove_section(self._lists.shown.id, section_id)
        self._tell(result, done=" · Ctrl+Z to undo")

    def _dissolve_current(self) -> None:
        title = self._window.watch.grid.current_section
        if title is not None:
            self._dissolve(title.key.id)

    def _move_section(self, section_id: int, position: int) -> None:
        self._tell(self._services.watchlists.move_section(self._lists.shown.id, section_id, position))

    # Marks

    def flag(self, number: int) -> None:
        """Give the selected rows a flag, 1 to 7; the flag they all have already, or 0, takes it away."""
        keys = self._window.watch.grid.selected_keys()
        if not keys:
            return
        flags = {item.flag for item in self._lists.shown.items if item.key in keys}
        wanted = "" if number == 0 or flags == {str(number)} else str(number)
        self._tell(self._services.watchlists.set_flag(self._lists.shown.id, keys, wanted))

    def _note(self, key: InstrumentKey, text: str) -> None:
        self._tell(self._services.watchlists.annotate(self._lists.shown.id, key, note=text))

    def roll(self) -> None:
        """Put the contract of the next expiry in the place of each selected one; those without one are said."""
        today = formats.ist_date(time.time() * 1000.0)
        instead: dict[InstrumentKey, InstrumentKey] = {}
        refused: list[str] = []
        for key in self._window.watch.grid.selected_keys():
            try:
                instead[key] = next_expiry(self._services.instruments, key, today)
            except InvalidRequestError as error:
                refused.append(str(error))
        if instead:
            current = self._window.watch.grid.current_key
            self._tell(self._services.watchlists.replace(self._lists.shown.id, instead), done=" · Ctrl+Z to undo")
            if current in instead:
                self._window.watch.grid.set_current_key(instead[current])
        if refused:
            more = f", and {len(refused) - 1} more" if len(refused) > 1 else ""
            self._window.toast.say(f"{refused[0]}{more}")

    # Other lists

    def _send(self, list_id: int, keys: Sequence[InstrumentKey], copy: bool) -> None:  # noqa: FBT001
        if list_id == self._lists.shown.id:
            return
        watchlists = self._services.watchlists
        self._tell(
            watchlists.move(self._lists.shown.id, keys, None, to_list=list_id, copy=copy), done=" · Ctrl+Z to undo"
        )

    # The menu

    def _show_menu(self, _key: InstrumentKey | None, at: QPoint) -> None:
        self._window.row_menu.popup(at)

    def _fill_menu(self) -> None:
        grid = self._window.watch.grid
        keys = grid.selected_keys()
        key = str(grid.current_key or keys[0]) if keys else ""
        others = [(each.id, each.name) for each in self._services.watchlists.lists() if each.id != self._lists.shown.id]
        self._window.row_menu.show_target(key, others, is_title=grid.current_section is not None)

    def _copy_name(self) -> None:
        key = self._window.watch.grid.current_key
        if key is not None:
            QGuiApplication.clipboard().setText(str(key))

    def _tell(self, result: Result, *, done: str = "") -> None:
        if not result.success or done:
            self._window.toast.say(f"{result.data['message']}{done if result.success else ''}")
