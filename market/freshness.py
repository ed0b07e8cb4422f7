"""How far a shown price can be trusted: one rule for the grid and for the wire.

A quiet market is not a dead feed: silence of an instrument while its feed is alive is `quiet`, never `stale`.
"""

from __future__ import annotations

from enum import StrEnum

from market.feeds import FeedNature, FeedState

QUIET_AFTER_MS = 10_000.0


class Freshness(StrEnum):
    """The state of a price, as `data.state` says it on the wire."""

    LIVE = "live"
    QUIET = "quiet"
    STALE = "stale"
    CLOSED = "closed"
    REPLAY = "replay"
    SIMULATED = "simulated"


_OF_NATURE = {FeedNature.SIMULATED: Freshness.SIMULATED, FeedNature.REPLAY: Freshness.REPLAY}


def freshness(
    *,
    age_ms: float,
    feed_state: FeedState,
    nature: FeedNature = FeedNature.LIVE,
    session_open: bool = True,
    quiet_after_ms: float = QUIET_AFTER_MS,
) -> Freshness:
    """Return the state of a price received `age_ms` ago from a feed that is now in `feed_state`."""
    if feed_state is not FeedState.LIVE:
        return Freshness.STALE
    if nature in _OF_NATURE:
        return _OF_NATURE[nature]
    if not session_open:
        return Freshness.CLOSED
    return Freshness.QUIET if age_ms > quiet_after_ms else Freshness.LIVE
