"""Keeps what the window shows, every two seconds, and brings it back after an end that nobody planned."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

from market.errors import OpenAlgoError
from market.symbols import parse_key
from openalgo_desktop import tasks
from openalgo_desktop.controllers.ports import DesktopServices
from openalgo_desktop.views.main_window import MainWindow

SAVE_EVERY_MS = 2_000
WRITE_CAUSE = "session file"

logger = logging.getLogger(__name__)


class SessionController(QObject):
    """The rows that are selected, where they are scrolled to, and the sizes of the window's parts.

    List, columns and sort are settings, kept when they are chosen.
    """

    def __init__(self, window: MainWindow, services: DesktopServices, say: Callable[[str, str], object]) -> None:
        super().__init__(window)
        self._window = window
        self._file = services.host.session
        self._settings = services.settings
        self._say = say
        self._writing = False
        self._timer = QTimer(self)
        self._timer.setInterval(SAVE_EVERY_MS)
        self._timer.timeout.connect(self.save)
        if self._file is None:
            return
        state, log_file = self._file.load(), services.host.log_file
        if self._file.ended_unexpectedly():
            where = f"; the log is {log_file}" if log_file else ""
            say(f"The last session ended unexpectedly. Your lists and the view are as they were{where}", "last session")
        if not services.host.safe:
            self._restore(state)
        self._timer.start()

    def close(self) -> None:
        """Keep the last state, and that the session ended as it should."""
        self._timer.stop()
        self._window.memory.save()
        if self._file is not None:
            try:
                self._file.save(self._state(), running=False)
            except OSError as error:
                logger.warning("What the window shows could not be kept: %s", error.strerror)

    def save(self) -> None:
        """Keep what is shown now; the file is written in a worker thread."""
        self._window.memory.save()
        if not self._writing and self._file is not None:
            self._writing = True
            tasks.spawn(self._write(self._state()), owner=self)

    async def _write(self, state: dict[str, object]) -> None:
        assert self._file is not None
        try:
            await asyncio.to_thread(self._file.save, state)
        except OSError as error:
            cause = error.strerror or type(error).__name__
            self._say(
                f"The profile cannot be written ({cause}): nothing is lost while this window is open, and it is tried "
                "again every few seconds",
                WRITE_CAUSE,
            )
        finally:
            self._writing = False

    def _state(self) -> dict[str, object]:
        grid = self._window.watch.grid
        return {
            "list": self._settings.number("shown_list"),
            "current": str(grid.current_key) if grid.current_key is not None else "",
            "selected": sorted(str(key) for key in grid.selected_keys()),
            "down": grid.verticalScrollBar().value(),
            "across": grid.horizontalScrollBar().value(),
        }

    def _restore(self, state: dict[str, object]) -> None:
        """Select and scroll as before; what is not there any more is passed over."""
        if state.get("list") != self._settings.number("shown_list"):
            return
        grid = self._window.watch.grid
        try:
            current = parse_key(*str(state.get("current", "")).split(":", 1))
        except (OpenAlgoError, TypeError, ValueError):
            return
        grid.set_current_key(current)
        selected = state.get("selected")
        names = set(map(str, selected)) if isinstance(selected, list) else set()
        for position, row in enumerate(grid.board.rows):
            if str(row.key) in names and row.key not in grid.selection.keys:
                grid.toggle(position)
        grid.set_current_row(grid.board.index(current) or 0, keep=True)
        for bar, name in ((grid.verticalScrollBar(), "down"), (grid.horizontalScrollBar(), "across")):
            value = state.get(name)
            if isinstance(value, int):
                bar.setValue(value)
