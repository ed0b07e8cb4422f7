"""What all dialogs share: margins that follow the scale, and a size that fits the screen."""

from __future__ import annotations

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog

from openalgo_desktop.widgets.scale import px, scale_layouts


class Dialog(QDialog):
    """A dialog of `width` × `height` at 100 %, 0 for as large as its content."""

    wanted = (0, 0)

    def showEvent(self, event: QShowEvent) -> None:
        scale_layouts(self)
        width, height = (px(each) for each in self.wanted)
        room = self.screen().availableGeometry()
        hint = self.sizeHint()
        self.resize(min(max(width, hint.width()), room.width()), min(max(height, hint.height()), room.height()))
        super().showEvent(event)
