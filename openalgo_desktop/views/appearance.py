"""How the window looks: theme, colours of up and down, and size, each changed live and independent of the others."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from openalgo_desktop.presentation.palette import DARK, LIGHT, Palette, with_directions
from openalgo_desktop.widgets import scale
from openalgo_desktop.widgets.skin import Skin, dress

STEP = 10


class Appearance(QObject):
    """Dresses the application. `changed` carries the new `Skin`, for everything that paints or measures."""

    changed = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._theme, self._pair, self._up_is_red = "system", "green_red", False
        self._worn: tuple[Palette, int] | None = None
        self.palette = DARK
        QGuiApplication.styleHints().colorSchemeChanged.connect(self.wear)

    def take(self, setting: str, value: str) -> None:
        """Take the value of a setting; what is not about looks is left alone."""
        if setting == "theme":
            self._theme = value
        elif setting == "up_down_palette":
            self._pair = value
        elif setting == "up_is_red":
            self._up_is_red = value.lower() == "true"
        elif setting == "ui_scale":
            scale.CURRENT.set(int(value))
        else:
            return
        self.wear()

    def wear(self) -> None:
        """Dress the application, unless it looks like that already: a style sheet for all of it is costly."""
        palette = with_directions(self._base(), self._pair, up_is_red=self._up_is_red)
        if self._worn == (palette, scale.CURRENT.percent):
            return
        self._worn, self.palette = (palette, scale.CURRENT.percent), palette
        app = QApplication.instance()
        if isinstance(app, QApplication):
            dress(app, palette)
        self.changed.emit(Skin(palette))

    def _base(self) -> Palette:
        if self._theme == "system":
            light = QGuiApplication.styleHints().colorScheme() is Qt.ColorScheme.Light
            return LIGHT if light else DARK
        return LIGHT if self._theme == "light" else DARK


def stepped(percent: int, by: int) -> int:
    """The next size up or down from `percent`, within what is offered."""
    return min(max((percent // STEP + by) * STEP, scale.LEAST), scale.MOST)
