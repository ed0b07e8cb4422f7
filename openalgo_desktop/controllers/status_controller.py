"""Judges once a second: how fresh every row is, how each feed does, and what the status strip says of it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject

from market.feed_pulse import FeedHealth
from market.feeds import Capabilities, FeedStatus
from openalgo_desktop.controllers.ports import DesktopServices
from openalgo_desktop.presentation import feed_lines
from openalgo_desktop.presentation.feed_lines import Fact
from openalgo_desktop.presentation.honesty import honesty
from openalgo_desktop.views.main_window import MainWindow

Feeds = Sequence[tuple[FeedStatus, Capabilities, FeedHealth]]


class StatusController(QObject):
    """Counts what comes in, and shows it."""

    def __init__(self, window: MainWindow, services: DesktopServices) -> None:
        super().__init__(window)
        self._window = window
        self._services = services
        self._ticks: dict[str, int] = {}
        self._total_in = services.desk.counters().get("ticks_in", 0)
        self._judged_ms: float | None = None
        # First, so that they are seen however narrow the window is.
        self._notices = [feed_lines.notice_chip(notice) for notice in services.desk.notices()]

    def judge(self, now_ms: float) -> None:
        """Look at everything, at `now_ms` since 1970 UTC."""
        care = self._services.care
        feeds = [(status, offers, care.liveness.health(status.feed, now_ms)) for status, offers in self._feeds()]
        elapsed_s = 1.0 if self._judged_ms is None else max((now_ms - self._judged_ms) / 1000.0, 0.2)
        self._judged_ms = now_ms
        self._window.board.set_freshness(lambda tick: care.liveness.state(tick, now_ms))
        badge = feed_lines.badge((capabilities.nature, health) for _, capabilities, health in feeds)
        self._window.show_badge(badge)
        self._window.status.show_state(
            [*self._notices, *(self._chip(*each, now_ms, elapsed_s) for each in feeds)],
            self._facts(elapsed_s),
            badge=badge,
            trouble=feed_lines.trouble((status, health) for status, _, health in feeds),
        )

    def _feeds(self) -> list[tuple[FeedStatus, Capabilities]]:
        return self._services.desk.feeds()

    def _chip(
        self, status: FeedStatus, offers: Capabilities, health: FeedHealth, now_ms: float, elapsed_s: float
    ) -> feed_lines.FeedChip:
        before, self._ticks[status.feed] = self._ticks.get(status.feed, health.ticks), health.ticks
        per_second = (health.ticks - before) / elapsed_s
        return feed_lines.chip(status, offers.nature, health, per_second=per_second, now_ms=now_ms)

    def _facts(self, elapsed_s: float) -> list[Fact]:
        counters = self._services.desk.counters()
        total = counters.get("ticks_in", 0)
        per_second, self._total_in = max(total - self._total_in, 0) / elapsed_s, total
        clients = counters.get("clients", 0)
        shown = self._window.board.account.take()
        return [
            honesty(per_second, self._window.clock.measured_hz, shown, self._services.care.lost()),
            Fact(
                f"{clients} client" if clients == 1 else f"{clients} clients",
                "",
                "Programs connected to the local port",
            ),
            Fact(self._services.server_url, "", "Where programs connect with an API key"),
        ]
