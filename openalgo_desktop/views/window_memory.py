"""Size and place of the window and of its parts, kept between starts; brought back to a screen that is there."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QByteArray, QRect, QSettings
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMainWindow, QSplitter

from openalgo_desktop.presentation.window_places import Box, clamped

_WINDOW = "window"


class WindowMemory:
    """Restores and saves `window` and its `splitters` by name; a missing `store` keeps nothing."""

    def __init__(self, window: QMainWindow, splitters: Mapping[str, QSplitter], store: QSettings | None) -> None:
        self._window = window
        self._splitters = splitters
        self._store = store
        self._saved: dict[str, QByteArray] = {}

    def restore(self) -> None:
        """Take what was kept, as far as the screens of today allow."""
        if self._store is None:
            return
        for name, splitter in self._splitters.items():
            saved = self._store.value(name)
            if isinstance(saved, QByteArray):
                splitter.restoreState(saved)
        saved = self._store.value(_WINDOW)
        if isinstance(saved, QByteArray):
            self._window.restoreGeometry(saved)
        self.bring_back()

    def bring_back(self) -> None:
        """Move the window onto a screen, and make it no larger than that."""
        if self._window.isMaximized() or self._window.isFullScreen():
            return
        screens = [box_of(screen.availableGeometry()) for screen in QGuiApplication.screens()]
        now = box_of(self._window.geometry())
        wanted = clamped(now, screens)
        if wanted != now:
            self._window.setGeometry(*wanted)

    def save(self) -> None:
        """Keep what is different from what was kept last; cheap enough for every two seconds."""
        if self._store is None:
            return
        states = {_WINDOW: self._window.saveGeometry()}
        states |= {name: splitter.saveState() for name, splitter in self._splitters.items()}
        if states == self._saved:
            return
        for name, state in states.items():
            self._store.setValue(name, state)
        self._store.sync()
        self._saved = states


def box_of(rect: QRect) -> Box:
    """`rect` as `clamped` takes it."""
    return rect.x(), rect.y(), rect.width(), rect.height()
