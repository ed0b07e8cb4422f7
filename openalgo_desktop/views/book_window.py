"""An order book in a window of its own: it keeps its instrument whatever is selected, and remembers its place."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QByteArray, QSettings, Qt, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import QVBoxLayout, QWidget

from openalgo_desktop.presentation.window_places import clamped
from openalgo_desktop.views.book_pane import LEAST_WIDTH, BookPane
from openalgo_desktop.views.window_memory import box_of
from openalgo_desktop.widgets import icons
from openalgo_desktop.widgets.scale import px, scale_layouts
from openalgo_desktop.widgets.skin import Skin


class BookWindow(QWidget):
    """`closed` when the user closes it. `place` is the name under which its geometry is kept in `store`."""

    closed = Signal()

    def __init__(self, skin: Skin, name: str, place: str, store: QSettings | None) -> None:
        super().__init__(None, Qt.WindowType.Window)
        self.name = name
        self._place = f"books/{place}"
        self._store = store
        self.skin = skin
        self.pane = BookPane(skin, self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.pane)
        self.setWindowIcon(icons.application())
        self.setAutoFillBackground(True)
        QShortcut(QKeySequence.StandardKey.Close, self, self.close)
        QShortcut(QKeySequence("F8"), self, partial(self.pane.settingChosen.emit, "book_tab", "trades"))
        QShortcut(QKeySequence("F9"), self, self.pane.snapRequested.emit)
        self.show_badge("")
        self.wear(skin)
        self._restore()

    def wear(self, skin: Skin) -> None:
        """Paint in other colours and sizes."""
        self.skin = skin
        self.pane.set_skin(skin)
        self.pane.setMinimumWidth(LEAST_WIDTH)
        scale_layouts(self)

    def show_badge(self, badge: str) -> None:
        """Mark data that is not live in the title."""
        self.setWindowTitle(f"{self.name} — {badge}" if badge else self.name)

    @property
    def tab(self) -> str:
        """The tab that was shown here last, or nothing."""
        saved = None if self._store is None else self._store.value(f"{self._place}/tab")
        return saved if isinstance(saved, str) else ""

    def save(self) -> None:
        """Keep place, size and tab for the next time."""
        if self._store is not None:
            self._store.setValue(f"{self._place}/geometry", self.saveGeometry())
            self._store.setValue(f"{self._place}/tab", self.pane.tab)

    def _restore(self) -> None:
        self.resize(px(380), px(720))
        saved = None if self._store is None else self._store.value(f"{self._place}/geometry")
        if not isinstance(saved, QByteArray):
            return  # a first time: the desktop knows best where a new window goes
        self.restoreGeometry(saved)
        screens = [box_of(screen.availableGeometry()) for screen in QGuiApplication.screens()]
        now = box_of(self.geometry())
        wanted = clamped(now, screens)
        if wanted != now:
            self.setGeometry(*wanted)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.save()
        super().closeEvent(event)
        self.closed.emit()
