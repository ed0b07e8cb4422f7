"""What a click in the status strip asks for: a feed from near, or the way of a tick."""

from __future__ import annotations

import platform
import time

from PySide6.QtCore import QObject, QPoint
from PySide6.QtGui import QGuiApplication

from market.feeds import Capabilities, FeedStatus
from openalgo_desktop import __version__
from openalgo_desktop.controllers.ports import DesktopServices
from openalgo_desktop.logs import redact
from openalgo_desktop.presentation.feed_report import diagnostics, event_lines, summary
from openalgo_desktop.views.feed_pane import FeedPane
from openalgo_desktop.views.main_window import MainWindow


class FeedController(QObject):
    """One pane, for the feed that was clicked last."""

    def __init__(self, window: MainWindow, services: DesktopServices) -> None:
        super().__init__(window)
        self._window = window
        self._services = services
        self._name = ""
        self._pane: FeedPane | None = None
        window.status.feedChosen.connect(self.open)

    @property
    def pane(self) -> FeedPane | None:
        """The pane while it is open."""
        return self._pane if self._pane is not None and self._pane.isVisible() else None

    def open(self, name: str, corner: QPoint) -> None:
        """Show the feed `name`; `corner` is where its chip begins on the screen."""
        if self._pane is None:
            self._pane = FeedPane(self._window)
            self._pane.reconnectRequested.connect(self.reconnect)
            self._pane.copyRequested.connect(self.copy)
        self._name = name
        self._show(self._pane)
        self._pane.open_above(corner)

    def close(self) -> None:
        """Close the pane."""
        if self._pane is not None:
            self._pane.close()

    def each_second(self) -> None:
        """Bring the open pane up to date."""
        pane = self.pane
        if pane is not None:
            self._show(pane)

    def reconnect(self) -> None:
        """Connect the shown feed anew, or say why that means nothing."""
        if self._services.care.reconnect(self._name):
            self._window.toast.say(f"The {self._name} feed is connecting anew")
        else:
            self._window.toast.say(f"The {self._name} feed keeps no connection that could be opened anew")
        self.each_second()

    def copy(self) -> None:
        """Put what is known of the shown feed on the clipboard."""
        found = self._find()
        if found is None:
            return
        now_ms, care = time.time() * 1000.0, self._services.care
        text = diagnostics(
            *found,
            care.liveness.health(self._name, now_ms),
            care.journal.entries(self._name),
            now_ms=now_ms,
            version=__version__,
            system=f"{platform.system()} {platform.release()}, Python {platform.python_version()}",
        )
        # Sources word their refusals themselves, and some repeat what they were given.
        QGuiApplication.clipboard().setText(redact(text))
        self._window.toast.say(f"Diagnostics of the {self._name} feed copied")

    def _find(self) -> tuple[FeedStatus, Capabilities] | None:
        return next((each for each in self._services.desk.feeds() if each[0].feed == self._name), None)

    def _show(self, pane: FeedPane) -> None:
        found = self._find()
        if found is None:
            return
        now_ms, care = time.time() * 1000.0, self._services.care
        health = care.liveness.health(self._name, now_ms)
        facts = summary(*found, health, now_ms)
        if found[0].detail:
            facts.append(("Says", redact(found[0].detail)))
        pane.show_feed(self._name, facts, event_lines(care.journal.entries(self._name)))
