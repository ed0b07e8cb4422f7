"""A subscription, and the state in which a feed holds it.

A subscription is a wish: it stays wished through every reconnect until it is withdrawn, and a rejection stays
visible with its reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import NamedTuple

from market.instruments import InstrumentKey
from market.modes import Mode


class Subscription(NamedTuple):
    """Somebody wants `mode` of `key`."""

    key: InstrumentKey
    mode: Mode


class WishState(StrEnum):
    """How far a feed has got with a wish."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"


class Wishes:
    """What one feed is asked for, and what has become of it. Plain values: no I/O, no clock."""

    def __init__(self) -> None:
        self._states: dict[Subscription, WishState] = {}
        self._reasons: dict[Subscription, str] = {}

    def add(self, wishes: Iterable[Subscription]) -> list[Subscription]:
        """Wish for `wishes`; returns those that are new, or were rejected before and are tried again."""
        rejected = WishState.REJECTED
        fresh = [wish for wish in dict.fromkeys(wishes) if self._states.get(wish, rejected) is rejected]
        for wish in fresh:
            self._states[wish] = WishState.PENDING
            self._reasons.pop(wish, None)
        return fresh

    def remove(self, wishes: Iterable[Subscription]) -> list[Subscription]:
        """Withdraw `wishes`; returns those that were wished."""
        gone = [wish for wish in wishes if self._states.pop(wish, None) is not None]
        for wish in gone:
            self._reasons.pop(wish, None)
        return gone

    def confirm(self, wishes: Iterable[Subscription]) -> None:
        """The source acknowledged `wishes`."""
        for wish in wishes:
            if wish in self._states:
                self._states[wish] = WishState.CONFIRMED

    def reject(self, wish: Subscription, reason: str) -> None:
        """The source refused `wish`."""
        if wish in self._states:
            self._states[wish] = WishState.REJECTED
            self._reasons[wish] = reason

    def reopen(self, wishes: Iterable[Subscription] | None = None) -> list[Subscription]:
        """A connection is new: `wishes`, all by default, are pending again and returned, rejected ones too."""
        again = [wish for wish in (self._states if wishes is None else wishes) if wish in self._states]
        for wish in again:
            self._states[wish] = WishState.PENDING
            self._reasons.pop(wish, None)
        return again

    def rejected(self) -> list[Subscription]:
        """The wishes that the source refused."""
        return list(self._reasons)

    def state(self, wish: Subscription) -> WishState | None:
        """The state of `wish`, or None if nobody wishes it."""
        return self._states.get(wish)

    def is_pending(self, wish: Subscription) -> bool:
        """Whether `wish` is neither confirmed nor rejected yet."""
        return self._states.get(wish) is WishState.PENDING

    def reason(self, wish: Subscription) -> str | None:
        """Why `wish` was rejected, or None."""
        return self._reasons.get(wish)

    def __contains__(self, wish: object) -> bool:
        return wish in self._states

    def __iter__(self) -> Iterator[Subscription]:
        return iter(self._states)

    def __len__(self) -> int:
        return len(self._states)


class Outcome(NamedTuple):
    """What became of one request to subscribe or unsubscribe.

    `error` is a sentence and `code` an error code, both None when it was accepted; `feed` serves it;
    `depth_levels` is the number of levels a Depth subscription will get.
    """

    subscription: Subscription
    error: str | None = None
    code: str | None = None
    feed: str | None = None
    depth_levels: int = 5

    @property
    def accepted(self) -> bool:
        """Whether the request was accepted."""
        return self.error is None
