"""The feeds as their user sees them: how alive they are, what happened to them, the order to connect anew. Qt-free."""

from __future__ import annotations

import time
from collections.abc import Mapping

from market.feed_journal import FeedJournal
from market.feeds import Capabilities, FeedEvent, FeedStatus, NatureKnown
from market.liveness import Liveness, Sessions
from proxy.hub import Hub
from proxy.router import FeedRouter

_LOST = ("malformed", "decode_errors", "dropped")


class FeedCare:
    """Joins liveness and journal of all feeds. Feed it the hub's updates and the router's events."""

    def __init__(self, router: FeedRouter, hub: Hub, sessions: Sessions) -> None:
        self._router = router
        self._hub = hub
        self.liveness = Liveness(sessions, wanted=router.serving)
        self.journal = FeedJournal()

    def add_feed(self, status: FeedStatus, capabilities: Capabilities) -> None:
        """Know a feed."""
        self.liveness.add_feed(status, capabilities)

    def on_event(self, event: FeedEvent) -> None:
        """Take what a feed reports."""
        self.journal.note(event, time.time() * 1000.0)
        if isinstance(event, FeedStatus):
            self.liveness.report(event)
        elif isinstance(event, NatureKnown):
            self.liveness.note_nature(event.feed, event.key, event.nature)

    def attend(self) -> None:
        """Look at every feed and instrument; meant for once a second."""
        now_ms = time.time() * 1000.0
        self._router.attend(now_ms)
        self.liveness.attend(now_ms)

    def reconnect(self, name: str) -> bool:
        """Replace the connections of the feed `name` now; False where it keeps none."""
        feed = next((feed for feed in self._router.feeds if feed.name == name), None)
        done = feed is not None and feed.reconnect()
        if done:
            self.journal.write(name, "You asked to reconnect", time.time() * 1000.0)
        return done

    def lost(self) -> int:
        """How many messages went astray on their way in: unreadable ones, and batches at which a reader failed."""
        lost = self._hub.counters["sink_errors"]
        for feed in self._router.feeds:
            counters: Mapping[str, int] = getattr(feed, "counters", {})
            lost += sum(counters.get(name, 0) for name in _LOST)
        return lost
