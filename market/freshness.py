"""How far a shown price can be trusted, in one word. `market.liveness` decides which.

A quiet market is not a dead feed: silence of an instrument while its feed is alive is `quiet`, never `stale`.
"""

from __future__ import annotations

from enum import StrEnum


class Freshness(StrEnum):
    """The state of a price, as `data.state` says it on the wire."""

    LIVE = "live"
    QUIET = "quiet"
    FROZEN = "frozen"
    """Silent for longer than it ever is, while its neighbours on the same exchange and feed move."""
    STALE = "stale"
    CLOSED = "closed"
    SNAPSHOT = "snapshot"
    """Asked for now and then, because no stream is there."""
    DELAYED = "delayed"
    """Even the newest prices of the feed are more than a minute old by the exchange's own times."""
    REPLAY = "replay"
    SIMULATED = "simulated"

    @property
    def is_doubtful(self) -> bool:
        """Whether the market may be elsewhere although its exchange trades."""
        return self in (Freshness.STALE, Freshness.FROZEN)
