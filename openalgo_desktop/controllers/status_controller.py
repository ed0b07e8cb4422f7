"""Judges once a second: how fresh every row is, how each feed does, and what the status strip says of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from PySide6.QtCore import QObject

from market.feeds import Capabilities, FeedNature, FeedState, FeedStatus
from market.freshness import Freshness, freshness
from market.ticks import Tick, Update
from openalgo_desktop.controllers.ports import DesktopServices
from openalgo_desktop.presentation import feed_lines
from openalgo_desktop.views.main_window import MainWindow


class StatusController(QObject):
    """Counts what comes in, and shows it."""

    def __init__(self, window: MainWindow, services: DesktopServices) -> None:
        super().__init__(window)
        self._window = window
        self._services = services
        self._ticks: Counter[str] = Counter()
        self._last_ms: dict[str, float] = {}
        self._total_in = services.desk.counters().get("ticks_in", 0)
        self._judged_ms: float | None = None

    def count(self, updates: Sequence[Update]) -> None:
        """Count a batch by its source."""
        ticks, last = self._ticks, self._last_ms
        for tick, _changed in updates:
            ticks[tick.source] += 1
            last[tick.source] = tick.received_ms

    def judge(self, now_ms: float) -> None:
        """Look at everything, at `now_ms` since 1970 UTC."""
        feeds = self._services.desk.feeds()
        elapsed_s = 1.0 if self._judged_ms is None else max((now_ms - self._judged_ms) / 1000.0, 0.2)
        self._judged_ms = now_ms
        self._judge_rows(feeds, now_ms)
        badge = feed_lines.badge(capabilities.nature for _, capabilities in feeds)
        self._window.show_badge(badge)
        self._window.status.show_state(
            self._chips(feeds, now_ms, elapsed_s),
            self._facts(elapsed_s),
            badge=badge,
            trouble=feed_lines.trouble(status for status, _ in feeds),
        )
        self._ticks.clear()

    def _judge_rows(self, feeds: Sequence[tuple[FeedStatus, Capabilities]], now_ms: float) -> None:
        known = {status.feed: (status.state, capabilities.nature) for status, capabilities in feeds}
        calendar = self._services.calendar

        def judge(tick: Tick) -> Freshness:
            # A publisher on the bus signs with its own name; it is as alive as its ticks.
            state, nature = known.get(tick.source, (FeedState.LIVE, FeedNature.LIVE))
            return freshness(
                age_ms=now_ms - tick.received_ms,
                feed_state=state,
                nature=nature,
                session_open=calendar.is_open(tick.key.exchange, now_ms),
            )

        self._window.board.set_freshness(judge)

    def _chips(
        self, feeds: Sequence[tuple[FeedStatus, Capabilities]], now_ms: float, elapsed_s: float
    ) -> list[feed_lines.FeedChip]:
        symbols = Counter(row.tick.source for row in self._window.board.listed if row.tick is not None)
        chips = []
        for status, capabilities in feeds:
            last = self._last_ms.get(status.feed)
            chips.append(
                feed_lines.chip(
                    status,
                    capabilities.nature,
                    symbols=symbols[status.feed],
                    per_second=self._ticks[status.feed] / elapsed_s,
                    age_ms=None if last is None else now_ms - last,
                )
            )
        return chips

    def _facts(self, elapsed_s: float) -> list[tuple[str, str]]:
        counters = self._services.desk.counters()
        total = counters.get("ticks_in", 0)
        per_second, self._total_in = max(total - self._total_in, 0) / elapsed_s, total
        clients = counters.get("clients", 0)
        return [
            (f"in {feed_lines.rate(per_second)}/s", "Ticks from all feeds in the last second"),
            (f"shown {round(self._window.clock.measured_hz)} Hz", "How often numbers are repainted; none are lost"),
            (f"{clients} client" if clients == 1 else f"{clients} clients", "Programs connected to the local port"),
            (self._services.server_url, "Where programs connect with an API key"),
        ]
