"""The grid as a twin of the server: code that subscribes to the selected rows, and the raw message behind a row."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication

from market.instruments import InstrumentKey
from market.modes import Mode
from openalgo_desktop.controllers.ports import DesktopServices
from openalgo_desktop.presentation import code_samples, instrument_lines
from openalgo_desktop.presentation.message_table import message_lines
from openalgo_desktop.views.inspect_dialog import InspectDialog
from openalgo_desktop.views.main_window import MainWindow


class CodeController(QObject):
    """Answers “Copy as code” and “Inspect” of the row menu."""

    def __init__(self, window: MainWindow, services: DesktopServices) -> None:
        super().__init__(window)
        self._window = window
        self._services = services
        self.dialog: InspectDialog | None = None
        self._key: InstrumentKey | None = None
        self._mode = Mode.QUOTE
        window.row_menu.codeRequested.connect(self.copy)
        window.row_menu.inspectRequested.connect(self.inspect)
        window.clock.second.connect(lambda _now_ms: self.refresh())

    def copy(self, language: str) -> None:
        """Put a program in `language` on the clipboard that reads what the selected rows show."""
        keys = self._window.watch.grid.selected_keys()
        ws_url, http_url = self._services.server_url, self._services.http_url
        if language == "curl" and not http_url:
            self._window.toast.say("The HTTP API is not served, so there is nothing for curl to ask; see --http-port")
            return
        text = {
            "python": lambda: code_samples.python(keys, ws_url, http_url),
            "javascript": lambda: code_samples.javascript(keys, ws_url),
            "curl": lambda: code_samples.curl(keys, http_url),
        }[language]()
        QGuiApplication.clipboard().setText(text)
        what = instrument_lines.title(keys[0]) if len(keys) == 1 else f"{len(keys)} instruments"
        self._window.toast.say(f"Code for {what} copied; it reads the key from {code_samples.VARIABLE}")

    def inspect(self) -> None:
        """Show the last message of the current row."""
        key = self._window.watch.grid.current_key
        if key is None:
            return
        self._key, self._mode = key, Mode.QUOTE
        dialog = self.dialog = InspectDialog(
            f"{instrument_lines.title(key)} {instrument_lines.venue(key)}", self._window
        )
        dialog.modeChosen.connect(self._take_mode)
        dialog.finished.connect(self._closed)
        self.refresh()
        dialog.show()

    def refresh(self) -> None:
        """Bring what is inspected up to date; meant for once a second."""
        if self.dialog is not None and self._key is not None:
            message = self._services.message(self._key, self._mode)
            self.dialog.show_message(message, message_lines(message, self._window.board.row(self._key)))

    def _take_mode(self, mode: Mode) -> None:
        self._mode = mode
        self.refresh()

    def _closed(self) -> None:
        if self.dialog is not None:
            self.dialog.deleteLater()
        self.dialog = None
