"""Keeps the keys of the window and their setting the same."""

from __future__ import annotations

from PySide6.QtCore import QObject

from openalgo_desktop.controllers.ports import DesktopServices
from openalgo_desktop.presentation.key_bindings import KeyBindings, read_bindings
from openalgo_desktop.views.main_window import MainWindow

SETTING = "keys"


class KeysController(QObject):
    """Takes the stored keys, and stores what the user chooses."""

    def __init__(self, window: MainWindow, services: DesktopServices) -> None:
        super().__init__(window)
        self._window = window
        self._settings = services.settings
        window.keysChosen.connect(self._choose)
        window.actions_by_id.bind(read_bindings(services.settings.text(SETTING)))

    def _choose(self, bindings: KeyBindings) -> None:
        self._window.actions_by_id.bind(bindings)
        success, answer, _status = self._settings.set(SETTING, bindings.to_text())
        if not success:
            self._window.toast.say(str(answer["message"]))
