"""When to make a connection anew that is open and answers heartbeats, but has brought no price for too long.

The commonest failure of brokers' feeds: nothing is wrong with the socket, and nothing comes. Whether silence is
unusual is `market.liveness`'s to say; this says how long it is borne. Pure: time is an argument, in ms.
"""

from __future__ import annotations

from dataclasses import dataclass

from market.feed_pulse import FeedHealth, FeedVerdict

FIRST_MS = 90_000.0
LONGEST_MS = 1_800_000.0
SETTLE_MS = 30_000.0
"""What was silent because its exchange was closed, or because nothing was wanted, is given this long to begin."""


@dataclass(slots=True)
class _Account:
    patience_ms: float = FIRST_MS
    renewed_ms: float = float("-inf")
    stalled_ms: float | None = None


class StallWatch:
    """Every vain attempt doubles the patience, for the market itself may have halted; prices that last restore it."""

    def __init__(self) -> None:
        self._accounts: dict[str, _Account] = {}

    def is_due(self, feed: str, health: FeedHealth, now_ms: float, *, since_ms: float = 0.0) -> bool:
        """Whether the connections of `feed`, made at `since_ms`, should be made anew now; if so, it counts as done."""
        if health.verdict is not FeedVerdict.STALLED:
            account = self._accounts.get(feed)
            if account is not None:
                account.stalled_ms = None
            # A snapshot that comes with a new connection is no sign that prices flow.
            lasts = account is not None and now_ms - account.renewed_ms > account.patience_ms
            if lasts and health.verdict is FeedVerdict.LIVE:
                del self._accounts[feed]
            return False
        account = self._accounts.setdefault(feed, _Account())
        if account.stalled_ms is None:
            account.stalled_ms = now_ms
        if now_ms - account.stalled_ms < SETTLE_MS:
            return False
        if now_ms - max(health.last_ms or 0.0, account.renewed_ms, since_ms) < account.patience_ms:
            return False
        account.renewed_ms = now_ms
        account.patience_ms = min(2.0 * account.patience_ms, LONGEST_MS)
        return True
