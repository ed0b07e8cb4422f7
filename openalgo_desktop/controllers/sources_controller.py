"""Lets the user choose whose prices are shown, and shows whose they are."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from market.instruments import InstrumentKey
from openalgo_desktop.controllers.source_ports import Sources
from openalgo_desktop.presentation.source_columns import Sourced
from openalgo_desktop.views.main_window import MainWindow
from services.result import Result
from services.watchlists import Watchlist


class SourcesController(QObject):
    """`shown()` is the list in view."""

    def __init__(self, window: MainWindow, sources: Sources, shown: Callable[[], Watchlist]) -> None:
        super().__init__(window)
        self._window = window
        self._sources = sources
        self._shown = shown
        rows, lists = window.row_menu, window.list_menu
        rows.aboutToShow.connect(self._fill_rows)
        rows.sourceChosen.connect(self._choose)
        rows.comparisonChosen.connect(self._compare)
        lists.aboutToShow.connect(self._fill_list)
        lists.sourceChosen.connect(self._choose_for_list)

    def each_second(self) -> None:
        """Say whose prices are shown."""
        self._window.board.note_sources(self._view)

    def _view(self, key: InstrumentKey) -> Sourced:
        view = self._sources.view(key)
        return Sourced(view.feed, view.second_ltp, view.is_stand_in)

    def _fill_rows(self) -> None:
        key, menu = self._window.watch.grid.current_key, self._window.row_menu
        if key is None:
            menu.sources.show_sources((), "")
            menu.comparisons.show_sources((), "")
            return
        candidates = self._sources.candidates(key)
        menu.sources.show_sources(candidates, self._sources.of_instrument(key))
        serving = self._sources.view(key).feed
        others = [name for name in candidates if name != serving]
        menu.comparisons.show_sources(others, self._sources.compared_with(key))
        menu.comparisons.menuAction().setVisible(bool(others))

    def _fill_list(self) -> None:
        self._window.list_menu.sources.show_sources(self._sources.names(), self._sources.of_list(self._shown().id))

    def _choose(self, feed: str) -> None:
        self._tell(self._sources.choose(self._window.watch.grid.selected_keys(), feed))

    def _compare(self, feed: str) -> None:
        self._tell(self._sources.compare(self._window.watch.grid.selected_keys(), feed))

    def _choose_for_list(self, feed: str) -> None:
        shown = self._shown()
        self._tell(self._sources.choose_for_list(shown.id, feed, shown.keys))

    def _tell(self, result: Result) -> None:
        success, answer, _status = result
        if not success:
            self._window.toast.say(str(answer["message"]))
        self.each_second()
