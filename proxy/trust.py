"""The state of each price as `data.state` says it: live, quiet, stale, closed, replay or simulated.

Combines what feeds report with the session calendar by the one rule of `market.freshness`. Pure: time is an argument.
"""

from __future__ import annotations

from typing import Protocol

from market.exchanges import Exchange
from market.feeds import Capabilities, FeedNature, FeedState, FeedStatus
from market.freshness import Freshness, freshness
from market.ticks import Tick

_SESSION_CHECK_MS = 1_000.0


class Sessions(Protocol):
    """What is asked of the session calendar."""

    def is_open(self, exchange: Exchange, at_ms: float) -> bool:
        """Whether `exchange` trades at `at_ms`."""


class TrustBook:
    """The latest state of every feed and session, ready to be asked for every tick."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._feeds: dict[str, FeedStatus] = {}
        self._natures: dict[str, FeedNature] = {}
        self._open: dict[Exchange, tuple[float, bool]] = {}

    def add_feed(self, status: FeedStatus, capabilities: Capabilities) -> None:
        """Know a feed."""
        self._feeds[status.feed] = status
        self._natures[status.feed] = capabilities.nature

    def report(self, status: FeedStatus) -> None:
        """Take a feed's new status."""
        self._feeds[status.feed] = status

    def state(self, tick: Tick, now_ms: float) -> Freshness:
        """The state of `tick` at `now_ms`."""
        status = self._feeds.get(tick.source)
        return freshness(
            age_ms=now_ms - tick.received_ms,
            feed_state=status.state if status else FeedState.LIVE,
            nature=self._natures.get(tick.source, FeedNature.LIVE),
            session_open=self._is_open(tick.key.exchange, now_ms),
        )

    def _is_open(self, exchange: Exchange, now_ms: float) -> bool:
        checked_ms, is_open = self._open.get(exchange, (-_SESSION_CHECK_MS, False))
        if not 0 <= now_ms - checked_ms < _SESSION_CHECK_MS:
            is_open = self._sessions.is_open(exchange, now_ms)
            self._open[exchange] = (now_ms, is_open)
        return is_open
