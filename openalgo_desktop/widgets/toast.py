"""One sentence over the window's lower edge that goes away by itself; the same cause again only counts up."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QLabel, QWidget

from openalgo_desktop.presentation.palette import Palette
from openalgo_desktop.widgets.scale import css, px

SHOWN_MS = 6_000


class Toast(QLabel):
    """Floats above `parent`; a click closes it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._over = parent
        self._sentence = ""
        self._times = 0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.hide)
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAccessibleName("Message")
        self.hide()
        parent.installEventFilter(self)

    def dress(self, palette: Palette) -> None:
        """Take the colours of a theme."""
        self.setStyleSheet(
            css(
                f"background: {palette.bg_hover}; color: {palette.text_primary};"
                f"border: 1px solid {palette.warn}; border-radius: 3px; padding: 8px 12px;"
            )
        )

    def say(self, sentence: str) -> None:
        """Show `sentence`; repeated while it is shown, it gets a counter."""
        again = self.isVisible() and sentence == self._sentence
        self._times = self._times + 1 if again else 1
        self._sentence = sentence
        self.setText(sentence if self._times == 1 else f"{sentence} (×{self._times})")
        self._place()
        self.show()
        self.raise_()
        self._timer.start(SHOWN_MS)

    def mousePressEvent(self, _event: object) -> None:
        self._timer.stop()
        self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        parent = self._over
        width = min(px(520), parent.width() - 32)
        self.setFixedWidth(width)
        self.setFixedHeight(max(self.heightForWidth(width), px(36)))
        self.move((parent.width() - width) // 2, parent.height() - self.height() - 44)
