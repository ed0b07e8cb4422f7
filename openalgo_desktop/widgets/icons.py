"""The pictures that ship with the application."""

from __future__ import annotations

from importlib import resources

from PySide6.QtGui import QIcon, QPixmap


def application() -> QIcon:
    """The application's icon; empty until there is an application."""
    picture = QPixmap()
    picture.loadFromData((resources.files("resources") / "icons" / "openalgo-desktop.png").read_bytes())
    return QIcon(picture)
