"""What the service layer needs from the rest of the application, as protocols that it owns.

The engine passes objects that fit; services import neither `proxy` nor `adapters`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from market.feeds import Capabilities, FeedStatus
from market.instruments import InstrumentKey
from market.notices import Notice
from market.subscriptions import Outcome, Subscription
from market.ticks import Tick


class MarketDesk(Protocol):
    """The in-process door to the hub: who wants what, and the last known values.

    A `holder` is the name of an in-process subscriber; holders never see each other's subscriptions. All calls are
    made on the engine's loop and return at once.
    """

    def subscribe(self, holder: str, wishes: Sequence[Subscription]) -> list[Outcome]:
        """Hold `wishes` for `holder`; one outcome per wish, in order."""

    def unsubscribe(self, holder: str, wishes: Sequence[Subscription]) -> list[Outcome]:
        """Let go of `wishes`; one that was not held is accepted all the same."""

    def subscriptions(self, holder: str) -> list[Subscription]:
        """What `holder` holds, in the order it was asked for."""

    def last(self, key: InstrumentKey) -> Tick | None:
        """The last known value of `key`, or None."""

    def rejection(self, wish: Subscription) -> str | None:
        """Why the source refused `wish` after it was accepted here, or None."""

    def feeds(self) -> list[tuple[FeedStatus, Capabilities]]:
        """The feeds, in order of preference, with their latest status."""

    def notices(self) -> Sequence[Notice]:
        """What the user must know for as long as the application runs."""

    def counters(self) -> Mapping[str, int]:
        """Running totals: `ticks_in`, `frames_out`, `conflated`, `clients`, `clients_total`, `subscriptions`, …"""


class UserKeys(Protocol):
    """Which users have an API key."""

    def get_user_api_key(self, username: str) -> str | None:
        """The key that the user's own programs use, or None."""
