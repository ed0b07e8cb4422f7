"""Says once what goes wrong and what can be done about it, says when it is over, and keeps it to be read again."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from market.feeds import FeedStatus
from openalgo_desktop.controllers.ports import DesktopServices
from openalgo_desktop.presentation import feed_lines, formats
from openalgo_desktop.presentation.feed_lines import Tone
from openalgo_desktop.presentation.notice_log import NoticeLog
from openalgo_desktop.views.main_window import MainWindow
from openalgo_desktop.views.notices_dialog import NoticesDialog

SETTLE_S = 2


class TroubleController(QObject):
    """Feeds that are lost, a profile that cannot be written, and everything that toasts say."""

    loginWanted = Signal(str)
    """The user wants to log in to the broker of this feed."""

    # Storage fails in a thread of its own.
    _storageFailed = Signal(str)

    def __init__(self, window: MainWindow, services: DesktopServices) -> None:
        super().__init__(window)
        self._window = window
        self._services = services
        self.log = NoticeLog()
        self._unwell: dict[str, float] = {}
        self._worse_for: dict[str, int] = {}
        window.toast.said.connect(self._note)
        window.actions_by_id.on("help.notices", self.open)
        self._storageFailed.connect(self._storage_failed)
        services.host.on_storage_failure(self._storageFailed.emit)
        for notice in services.host.notices:
            self.note(notice)

    def say(self, sentence: str, cause: str = "") -> None:
        """Show a sentence, and keep it."""
        self._window.toast.say(sentence, cause=cause)

    def note(self, sentence: str) -> None:
        """Keep a sentence that need not be shown."""
        self.log.note(sentence, time.time() * 1000.0)

    def open(self) -> None:
        """Show what was said."""
        NoticesDialog(self.log, str(self._services.host.log_file or ""), self._window).exec()

    def each_second(self) -> None:
        """Look at the feeds."""
        now_ms = time.time() * 1000.0
        care = self._services.care
        for status, _ in self._services.desk.feeds():
            health = care.liveness.health(status.feed, now_ms)
            found = feed_lines.trouble([(status, health)])
            # A connection that is made at the start, or anew within a moment, is not worth a word.
            is_bad = found is not None and (found[0] is Tone.BAD or status.attempt > 0)
            self._judge(status, found[1] if is_bad and found is not None else "", now_ms)

    def _judge(self, status: FeedStatus, trouble: str, now_ms: float) -> None:
        feed = status.feed
        cause = f"feed {feed}"
        if not trouble:
            self._worse_for.pop(feed, None)
            since = self._unwell.pop(feed, None)
            if since is not None:
                self._window.toast.forget(cause)
                self.say(f"{feed} is back: it was away from {formats.clock(since)} to {formats.clock(now_ms)}")
            return
        self._worse_for[feed] = self._worse_for.get(feed, 0) + 1
        if self._worse_for[feed] == SETTLE_S and feed not in self._unwell:
            self._unwell[feed] = now_ms - SETTLE_S * 1000.0
            self._window.toast.say(trouble, cause=cause, action=self._remedy(status))

    def _remedy(self, status: FeedStatus) -> tuple[str, Callable[[], None]]:
        feed = status.feed
        if status.needs_login:
            return "Log in…", lambda: self.loginWanted.emit(feed)
        return "Reconnect now", lambda: self._reconnect(feed)

    def _reconnect(self, feed: str) -> None:
        if not self._services.care.reconnect(feed):
            self.say(f"The {feed} feed keeps no connection that could be opened anew")

    def _storage_failed(self, sentence: str) -> None:
        if "nothing is lost" not in sentence:
            sentence = f"{sentence}. Nothing is lost while this window is open, and it is tried again every few seconds"
        self.say(sentence, "storage")

    def _note(self, sentence: str, cause: str) -> None:
        self.log.note(sentence, time.time() * 1000.0, cause=cause)
