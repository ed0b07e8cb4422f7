"""What happened to each feed lately: changes of its connection and refusals, with times and sentences, for the user."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from market.feeds import FeedEvent, FeedState, FeedStatus, Rejected

KEPT = 50


class JournalEntry(NamedTuple):
    """One thing that happened. `state` is None where it was no change of the connection; time in ms since 1970 UTC."""

    at_ms: float
    state: FeedState | None
    sentence: str


class FeedJournal:
    """The last `KEPT` entries of every feed. Memory is bounded: a feed that refuses a thousand instruments is too."""

    def __init__(self) -> None:
        self._entries: dict[str, deque[JournalEntry]] = {}

    def note(self, event: FeedEvent, at_ms: float) -> None:
        """Take what a feed reported at `at_ms`; confirmations are no news."""
        if isinstance(event, FeedStatus):
            self._add(event.feed, JournalEntry(event.since_ms or at_ms, event.state, event.detail))
        elif isinstance(event, Rejected):
            self._add(event.feed, JournalEntry(at_ms, None, f"Refused {event.subscription.key}: {event.reason}"))

    def write(self, feed: str, sentence: str, at_ms: float) -> None:
        """Add a sentence of our own, for example that the user asked for something."""
        self._add(feed, JournalEntry(at_ms, None, sentence))

    def entries(self, feed: str) -> Sequence[JournalEntry]:
        """What happened to `feed`, newest first."""
        return tuple(reversed(self._entries.get(feed, ())))

    def _add(self, feed: str, entry: JournalEntry) -> None:
        self._entries.setdefault(feed, deque(maxlen=KEPT)).append(entry)
