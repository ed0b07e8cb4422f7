"""One sentence over the window's lower edge that goes away by itself; the same cause again only counts up."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from openalgo_desktop.presentation.palette import Palette
from openalgo_desktop.widgets.scale import css, px

SHOWN_MS = 6_000
SHOWN_WITH_BUTTON_MS = 20_000
Action = tuple[str, Callable[[], object]]
"""What a button says and does."""


class Toast(QFrame):
    """Floats above `parent`; a click closes it. `said(sentence, cause)` tells everything that was shown."""

    said = Signal(str, str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._over = parent
        self._cause = ""
        self._times = 0
        self._action: Action | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.hide)
        self.setObjectName("toast")
        self._label = QLabel(self)
        self._label.setWordWrap(True)
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        self._label.setAccessibleName("Message")
        self.button = QPushButton(self)
        self.button.hide()
        self.button.clicked.connect(self._act)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 8, 12, 8)
        layout.setSpacing(12)
        layout.addWidget(self._label, 1)
        layout.addWidget(self.button)
        self.hide()
        parent.installEventFilter(self)

    def text(self) -> str:
        """The sentence as it is shown, with its counter."""
        return self._label.text()

    def dress(self, palette: Palette) -> None:
        """Take the colours of a theme."""
        self.setStyleSheet(
            css(
                f"#toast {{ background: {palette.bg_hover}; border: 1px solid {palette.warn}; border-radius: 3px; }}"
                f"QLabel {{ background: transparent; color: {palette.text_primary}; }}"
            )
        )

    def say(self, sentence: str, *, cause: str = "", action: Action | None = None) -> None:
        """Show `sentence`; the same cause (by default the same sentence), while it is shown, gets a counter."""
        cause = cause or sentence
        again = self.isVisible() and cause == self._cause
        self._times = self._times + 1 if again else 1
        self._cause, self._action = cause, action
        self._label.setText(sentence if self._times == 1 else f"{sentence} (×{self._times})")
        self.button.setVisible(action is not None)
        if action is not None:
            self.button.setText(action[0])
        self._place()
        self.show()
        self.raise_()
        self._timer.start(SHOWN_MS if action is None else SHOWN_WITH_BUTTON_MS)
        self.said.emit(sentence, cause)

    def forget(self, cause: str) -> None:
        """Hide what is shown, if it is of `cause`: it is over."""
        if self.isVisible() and cause == self._cause:
            self._close()

    def _act(self) -> None:
        action = self._action
        self._close()
        if action is not None:
            action[1]()

    def _close(self) -> None:
        self._timer.stop()
        self.hide()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._close()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        for part in (self, self._label, self.button):  # what was not shown yet has not got its font
            part.ensurePolished()
        parent = self._over
        width = min(px(560), parent.width() - 32)
        layout = self.layout()
        assert layout is not None
        layout.invalidate()
        layout.activate()
        self.setFixedWidth(width)
        self.setFixedHeight(max(self.heightForWidth(width), layout.sizeHint().height(), px(36)))
        self.move((parent.width() - width) // 2, parent.height() - self.height() - px(44))
