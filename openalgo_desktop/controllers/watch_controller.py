"""Keeps the market watch and the shown watchlist the same: subscriptions, adding, removing, search."""

from __future__ import annotations

import time
from collections.abc import Sequence

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication

from market.instruments import InstrumentKey
from market.modes import Mode
from market.subscriptions import Outcome, Subscription
from market.ticks import Update
from openalgo_desktop.controllers.code_controller import CodeController
from openalgo_desktop.controllers.columns_controller import ColumnsController
from openalgo_desktop.controllers.files_controller import FilesController
from openalgo_desktop.controllers.filter_controller import FilterController
from openalgo_desktop.controllers.lists_controller import ListsController
from openalgo_desktop.controllers.ports import DesktopServices
from openalgo_desktop.controllers.rows_controller import RowsController
from openalgo_desktop.controllers.search_controller import SearchController
from openalgo_desktop.controllers.sources_controller import SourcesController
from openalgo_desktop.presentation import formats
from openalgo_desktop.presentation.capacity import capacity
from openalgo_desktop.presentation.row_export import tab_separated
from openalgo_desktop.presentation.starter_list import starters
from openalgo_desktop.views.main_window import MainWindow
from services.result import Result

HOLDER = "window.watch"
RETRY_EVERY_S = 5
AFTER_CLOSE_MS = 8.5 * 3_600_000


class WatchController(QObject):
    """One list of the profile on one grid."""

    def __init__(self, window: MainWindow, services: DesktopServices) -> None:
        super().__init__(window)
        self._window = window
        self._services = services
        self._board = window.board
        self._known = len(services.instruments)
        self._seconds = 0
        self._closed = False
        offered = services.settings.flag("starters_offered")
        self._currents: dict[int, InstrumentKey] = {}
        self._lists = ListsController(window, services, self._sync)
        self._on_grid = self._lists.shown.id
        self._wants_starters = not offered and not any(each.items for each in services.watchlists.lists())
        self._search = SearchController(window, services)
        grid, box = window.watch.grid, window.watch.search
        grid.removeRequested.connect(self.remove)
        grid.moveRequested.connect(self.move)
        grid.copyRequested.connect(self.copy)
        grid.noticed.connect(window.toast.say)
        box.chosen.connect(self.add)
        self._columns = ColumnsController(window, services)
        self._filter = FilterController(window)
        self._rows = RowsController(window, services, self._lists)
        self._code = CodeController(window, services)
        self._files = FilesController(window, services, self._lists)
        self._sources = (
            SourcesController(window, services.sources, lambda: self._lists.shown) if services.sources else None
        )
        self._sync()

    def close(self) -> None:
        """Let go of every subscription."""
        self._closed = True
        self._lists.close()
        self._columns.close()
        self._search.close()
        self._services.desk.unsubscribe(HOLDER, self._services.desk.subscriptions(HOLDER))

    # The list

    def add(self, key: InstrumentKey) -> None:
        """Add `key` where the search line stands, below the current row or at the end, and select it."""
        grid, shown = self._window.watch.grid, self._lists.shown
        title = grid.current_section
        current = grid.current_key if title is None else title.key.id
        at = None if current is None or self._window.watch.finds_at_end else shown.place_of(current) + 1
        self._rows.unfold_at(len(shown.lines) if at is None else at)
        self._tell(self._services.watchlists.add(self._lists.shown.id, [key], position=at), only_failures=True)
        if self._board.index(key) is None:
            self._filter.clear()
        grid.set_current_key(key)
        self._search.relabel()

    def remove(self, keys: Sequence[InstrumentKey]) -> None:
        """Remove `keys` in one step; Ctrl+Z brings them back."""
        result = self._services.watchlists.remove(self._lists.shown.id, keys)
        self._tell(result, suffix=" · Ctrl+Z to undo")

    def move(self, keys: Sequence[InstrumentKey], position: int) -> None:
        """Move `keys` before the line at `position`."""
        self._tell(self._services.watchlists.move(self._lists.shown.id, keys, position), only_failures=True)

    def copy(self, formatted: bool) -> None:  # noqa: FBT001
        """Put the selected rows on the clipboard, as raw numbers or as they are written on the screen."""
        keys = self._window.watch.grid.selected_keys()
        rows = [row for row in self._board.quotes if row.key in keys]
        QGuiApplication.clipboard().setText(tab_separated(rows, self._board.columns, formatted=formatted))
        self._window.toast.say(f"{'1 row' if len(rows) == 1 else f'{len(rows)} rows'} copied")

    def _tell(self, result: Result, *, only_failures: bool = False, suffix: str = "") -> None:
        success, answer, _status = result
        if not success or not only_failures:
            self._window.toast.say(f"{answer['message']}{suffix if success else ''}")

    def _sync(self) -> None:
        """The list changed, or another is shown: subscribe what is new, let go of what is gone."""
        if self._closed:
            return
        shown, grid = self._lists.shown, self._window.watch.grid
        if grid.current_key is not None:
            self._currents[self._on_grid] = grid.current_key
        prefer = self._currents.get(shown.id) if shown.id != self._on_grid else None
        self._on_grid = shown.id
        self._board.set_today(formats.ist_date(time.time() * 1000.0))
        self._board.set_lines(self._rows.lines(shown), self._services.instruments.get)
        if self._services.sources is not None:
            self._services.sources.show_list(shown.id, shown.keys)
        self._subscribe(shown.keys)
        self._show_name()
        grid.rows_changed(prefer)
        self._filter.show_count()

    def _show_name(self) -> None:
        shown = self._lists.shown
        feeds = [(status.feed, can) for status, can in self._services.desk.feeds()]
        self._window.watch.show_name(shown.name, capacity(shown.keys, feeds))

    def _subscribe(self, keys: Sequence[InstrumentKey]) -> None:
        desk = self._services.desk
        wanted = [Subscription(key, Mode.QUOTE) for key in keys]
        held = set(desk.subscriptions(HOLDER))
        gone = held.difference(wanted)
        if gone:
            desk.unsubscribe(HOLDER, list(gone))
        fresh = [wish for wish in wanted if wish not in held]
        for outcome in desk.subscribe(HOLDER, fresh) if fresh else ():
            self._show_outcome(outcome)

    def _show_outcome(self, outcome: Outcome) -> None:
        key = outcome.subscription.key
        self._board.set_note(key, outcome.error or "")
        last = self._services.desk.last(key)
        if last is not None:
            self._board.apply([Update(last, 0)])

    # Once a second

    def each_second(self) -> None:
        """Contract details that came in, instruments that nobody served, the starter list of a new profile."""
        self._seconds += 1
        if self._sources is not None:
            self._sources.each_second()
        self._board.set_today(formats.ist_date(time.time() * 1000.0))
        known = len(self._services.instruments)
        if known != self._known:
            self._known = known
            self._board.restyle(self._services.instruments.get)
        if self._wants_starters and known:
            self._wants_starters = False
            self._add_starters()
        self._show_rejections()
        self._filter.show_count()
        if self._seconds % RETRY_EVERY_S == 0 and any(row.note for row in self._board.listed):
            self._subscribe([row.key for row in self._board.listed])

    def _show_rejections(self) -> None:
        """A source may refuse later what was accepted at first, for example when its list of symbols has arrived."""
        for row in self._board.listed:
            reason = self._services.desk.rejection(Subscription(row.key, Mode.QUOTE))
            if reason is not None and reason != row.note:
                self._board.set_note(row.key, reason)

    def _add_starters(self) -> None:
        # After the close, contracts that expire today are of no more use to begin with.
        today = formats.ist_date(time.time() * 1000.0 + AFTER_CLOSE_MS)
        keys = starters(self._services.instruments, today)
        if keys and not self._board.listed:
            self._tell(self._services.watchlists.add(self._lists.shown.id, keys), only_failures=True)
            self._services.settings.set("starters_offered", True)
            self._window.watch.grid.set_current_row(0)
