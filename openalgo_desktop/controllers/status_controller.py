"""Judges once a second: how fresh every row is, how each feed does, and what the status strip says of it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject

from market.feed_pulse import FeedHealth
from market.feeds import Capabilities, FeedStatus
from openalgo_desktop.controllers.ports import DesktopServices
from openalgo_desktop.presentation import feed_lines, formats
from openalgo_desktop.presentation.feed_lines import Fact
from openalgo_desktop.presentation.honesty import honesty
from openalgo_desktop.presentation.session_lines import badges, holiday_hint
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
        self._hint: tuple[str, bool] | None = None
        self._hinted: tuple[object, ...] = ()
        # First, so that they are seen however narrow the window is.
        self._notices = [feed_lines.notice_chip(notice) for notice in services.desk.notices()]

    def judge(self, now_ms: float) -> None:
        """Look at everything, at `now_ms` since 1970 UTC."""
        care = self._services.care
        feeds = [(status, offers, care.liveness.health(status.feed, now_ms)) for status, offers in self._feeds()]
        elapsed_s = 1.0 if self._judged_ms is None else max((now_ms - self._judged_ms) / 1000.0, 0.2)
        self._judged_ms = now_ms
        self._window.board.set_freshness(lambda tick: care.liveness.state(tick, now_ms))
        self._show_doubts(now_ms)
        self._show_sessions(now_ms)
        badge = feed_lines.badge((capabilities.nature, health) for _, capabilities, health in feeds)
        self._window.show_badge(badge)
        self._window.status.show_state(
            [*self._notices, *(self._chip(*each, now_ms, elapsed_s) for each in feeds)],
            self._facts(elapsed_s),
            badge=badge,
            trouble=feed_lines.trouble((status, health) for status, _, health in feeds),
        )

    def _show_doubts(self, now_ms: float) -> None:
        """Which lists have prices that may be old; of those that are not shown, by the last values known."""
        board, desk, state = self._window.board, self._services.desk, self._services.care.liveness.state
        shown, doubts = {row.key for row in board.listed}, {}
        for each in self._services.watchlists.lists():
            if set(each.keys) == shown:
                count = board.doubtful
            else:
                ticks = (desk.last(key) for key in each.keys)
                count = sum(tick is not None and state(tick, now_ms).is_doubtful for tick in ticks)
            if count:
                doubts[each.id] = count
        self._window.watch.tabs.show_doubts(doubts)

    def _show_sessions(self, now_ms: float) -> None:
        calendar = self._services.calendar
        exchanges = {row.key.exchange: None for row in self._window.board.listed}
        asked = (formats.ist_date(now_ms), *exchanges)
        if asked != self._hinted:
            self._hinted, self._hint = asked, holiday_hint(calendar, exchanges, now_ms)
        texts = [badge.text for badge in badges(calendar, exchanges, now_ms)]
        hint, soon = self._hint or ("", False)
        self._window.watch.show_sessions([*texts, hint] if soon else texts, "" if soon else hint)

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
