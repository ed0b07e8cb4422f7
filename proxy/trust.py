"""The state of each price as `data.state` says it: asked for every frame, answered by `market.liveness`. Pure."""

from __future__ import annotations

from market.feeds import Capabilities, FeedStatus
from market.liveness import Liveness, Sessions

__all__ = ["Sessions", "TrustBook"]


class TrustBook:
    """The latest state of every feed and session, ready to be asked for every tick.

    `liveness` is shared with whoever else judges prices in this process; without one, it keeps its own.
    """

    def __init__(self, sessions: Sessions, liveness: Liveness | None = None) -> None:
        self._liveness = liveness if liveness is not None else Liveness(sessions)
        self.state = self._liveness.state
        """`state(tick, now_ms)`: the state of `tick` at `now_ms`, in ms since 1970 UTC."""

    def add_feed(self, status: FeedStatus, capabilities: Capabilities) -> None:
        """Know a feed."""
        self._liveness.add_feed(status, capabilities)

    def report(self, status: FeedStatus) -> None:
        """Take a feed's new status."""
        self._liveness.report(status)
