"""Joins the filter line to the rows: reads it, shows what matches, and says how many rows that are."""

from __future__ import annotations

from PySide6.QtCore import QObject

from market.instruments import InstrumentKey
from openalgo_desktop.presentation.row_filter import FilterError, read_filter
from openalgo_desktop.views.main_window import MainWindow


class FilterController(QObject):
    """One filter for whichever list is shown."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._trouble = ""
        self._wanted: InstrumentKey | None = None
        self._left_at: InstrumentKey | None = None
        window.watch.filter.typed.connect(self._typed)

    def clear(self) -> None:
        """Show all rows."""
        self._window.watch.filter.close_line()

    def show_count(self) -> None:
        """Say how many rows are left of how many; meant for every change and once a second."""
        line, board = self._window.watch.filter, self._window.board
        if line.isVisible():
            line.say(self._trouble or f"{len(board.quotes)} of {len(board.listed)}")

    def _typed(self, text: str) -> None:
        board, grid = self._window.board, self._window.watch.grid
        try:
            matches, self._trouble = read_filter(text), ""
        except FilterError as error:
            # The words that can be read count; nobody wants all rows to vanish in the middle of one.
            matches, self._trouble = error.others, str(error)
        if grid.current_key != self._left_at:
            self._wanted = grid.current_key
        board.set_filter(matches)
        if board.arrange():
            # The row that was current before half a word hid it is current again when it comes back.
            grid.rows_changed(self._wanted)
        self._left_at = grid.current_key
        self.show_count()
