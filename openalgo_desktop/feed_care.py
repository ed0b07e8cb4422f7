"""The feeds as their user sees them: how alive they are, what happened to them, the order to connect anew. Qt-free."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Mapping

from market.feed_journal import FeedJournal
from market.feed_pulse import FeedHealth, FeedVerdict
from market.feeds import Capabilities, Feed, FeedEvent, FeedState, FeedStatus, NatureKnown
from market.liveness import Liveness, Sessions
from market.pulse import FROZEN_AFTER_MS
from market.stall_watch import StallWatch
from proxy.hub import Hub
from proxy.router import FeedRouter

_ASKED = "You asked to reconnect"
_MADE_ANEW = "No price although its exchanges trade: the connection is made anew"
# Each connection is looked at once in so many rounds, and never many in one: they may carry thousands.
_PARTS_EVERY = 10
_LOST = ("malformed", "decode_errors", "dropped")


class FeedCare:
    """Joins liveness and journal of all feeds. Feed it the hub's updates and the router's events."""

    def __init__(self, router: FeedRouter, hub: Hub, sessions: Sessions) -> None:
        self._router = router
        self._hub = hub
        self.liveness = Liveness(sessions, wanted=router.is_wanted)
        self.journal = FeedJournal()
        self._verdicts: dict[str, FeedVerdict] = {}
        self._stalls = StallWatch()
        self._rounds = 0
        # Feeds without heartbeat that fell silent, and when they spoke last.
        self._muted: dict[str, float] = {}

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
        self.liveness.attend(now_ms)
        stalled: set[str] = set()
        replaced = self._router.replaced()
        for feed in self._router.feeds:
            health = self.liveness.health(feed.name, now_ms)
            self._note_verdict(feed.name, health, now_ms)
            status = self._router.statuses.get(feed.name)
            if status is None or status.state is not FeedState.LIVE:
                continue
            # What others stand in for is not seen to stall any more; it is waited for all the same.
            is_absent = health.last_ms is None or now_ms - health.last_ms > FROZEN_AFTER_MS
            if is_absent and any(self.liveness.is_open(exchange, now_ms) for exchange in replaced.get(feed.name, ())):
                health = dataclasses.replace(health, verdict=FeedVerdict.STALLED)
            if health.verdict is FeedVerdict.STALLED:
                stalled.add(feed.name)
            if self._stalls.is_due(feed.name, health, now_ms, since_ms=status.since_ms) and feed.reconnect(_MADE_ANEW):
                self.journal.write(feed.name, _MADE_ANEW, now_ms)
        self._router.attend(now_ms, stalled)
        self._rounds += 1
        for feed in self._router.feeds:
            if feed.name not in stalled:
                self._attend_parts(feed, now_ms)

    def _attend_parts(self, feed: Feed, now_ms: float) -> None:
        """One connection of several may bring nothing while the others do."""
        status, parts = self._router.statuses.get(feed.name), feed.parts()
        if len(parts) < 2 or status is None or status.state is not FeedState.LIVE:
            return
        for part in parts[self._rounds % _PARTS_EVERY :: _PARTS_EVERY]:
            health = self.liveness.health_of(feed.name, part.keys, now_ms, follows_ms=part.follows_ms)
            if self._stalls.is_due(f"{feed.name} {part.title}", health, now_ms, since_ms=status.since_ms):
                part.renew(_MADE_ANEW)
                self.journal.write(feed.name, f"{part.title.capitalize()}: {_MADE_ANEW}", now_ms)

    def _note_verdict(self, name: str, health: FeedHealth, now_ms: float) -> None:
        """Say what no connection reports: that prices stopped coming, and that they came back."""
        before, self._verdicts[name] = self._verdicts.get(name), health.verdict
        if name in self._muted:
            self._unmute(name, health.last_ms, now_ms)
        elif health.verdict is before or health.last_ms is None:
            return
        elif health.verdict is FeedVerdict.SILENT:
            self._mute(name, health.last_ms, now_ms)
        elif health.verdict is FeedVerdict.STALLED:
            silent_s = (now_ms - health.last_ms) / 1000.0
            self.journal.write(name, f"Connected, but no instrument has moved for {silent_s:.0f} s", now_ms)
        elif before is FeedVerdict.STALLED and health.verdict is FeedVerdict.LIVE:
            self.journal.write(name, "Prices arrive again", now_ms)

    def _mute(self, name: str, last_ms: float, now_ms: float) -> None:
        """A bus cannot tell that its publishers are gone: their silence does, and everybody is told."""
        self._muted[name] = last_ms
        detail = f"Nothing has arrived for {(now_ms - last_ms) / 1000.0:.0f} s, and nothing vouches for the source"
        self._router.report_from(FeedStatus(name, FeedState.MUTE, detail, now_ms))

    def _unmute(self, name: str, last_ms: float | None, now_ms: float) -> None:
        status = self._router.statuses.get(name)
        if status is None or status.state is not FeedState.MUTE:
            del self._muted[name]  # the feed has spoken for itself meanwhile
        elif last_ms is not None and last_ms > self._muted[name]:
            del self._muted[name]
            self._router.report_from(FeedStatus(name, FeedState.LIVE, "Prices arrive again", now_ms))

    def reconnect(self, name: str) -> bool:
        """Replace the connections of the feed `name` now; False where it keeps none."""
        feed = next((feed for feed in self._router.feeds if feed.name == name), None)
        done = feed is not None and feed.reconnect(_ASKED)
        if done:
            self.journal.write(name, _ASKED, time.time() * 1000.0)
        return done

    def lost(self) -> int:
        """How many messages went astray on their way in: unreadable ones, and batches at which a reader failed."""
        lost = self._hub.counters["sink_errors"]
        for feed in self._router.feeds:
            counters: Mapping[str, int] = getattr(feed, "counters", {})
            lost += sum(counters.get(name, 0) for name in _LOST)
        return lost
