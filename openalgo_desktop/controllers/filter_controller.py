"""Joins the filter line to the rows: reads it, shows what matches, and says how many rows that are."""

from __future__ import annotations

from PySide6.QtCore import QObject

from openalgo_desktop.presentation.row_filter import FilterError, read_filter
from openalgo_desktop.views.main_window import MainWindow


class FilterController(QObject):
    """One filter for whichever list is shown."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._trouble = ""
        window.watch.filter.typed.connect(self._typed)

    def clear(self) -> None:
        """Show all rows."""
        self._window.watch.filter.close_line()

    def show_count(self) -> None:
        """Say how many rows are left of how many; meant for every change and once a second."""
        line, board = self._window.watch.filter, self._window.board
        if line.isVisible():
            line.say(self._trouble or f"{len(board.rows)} of {len(board.listed)}")

    def _typed(self, text: str) -> None:
        try:
            matches = read_filter(text)
        except FilterError as error:
            # What was shown stays: nobody wants rows to vanish in the middle of a word.
            self._trouble = str(error)
        else:
            self._trouble = ""
            board, grid = self._window.board, self._window.watch.grid
            board.set_filter(matches)
            if board.arrange():
                grid.rows_changed()
        self.show_count()
