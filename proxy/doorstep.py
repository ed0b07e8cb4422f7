"""Who has connected and not shaken hands yet: bounded in number, so that a flood of half-open connections uses up no
descriptors and keeps nobody out.

A client shakes hands within milliseconds, one that only wants to hold a place never does. So it is the oldest that has
to go when there are too many, never the one that has just come. Pure: no sockets, no clock.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, TypeVar

V = TypeVar("V", bound=Hashable)


class Doorstep(Generic[V]):
    """Visitors by address: at most `most` in all, and `most_per_address` of each."""

    def __init__(self, most: int, most_per_address: int) -> None:
        self._most = most
        self._most_per_address = most_per_address
        self._address: dict[V, str] = {}
        self._by_address: dict[str, dict[V, None]] = {}

    def arrive(self, visitor: V, address: str) -> V | None:
        """Take in `visitor`; returns the one that has to go for it, if there is no room.

        It is the oldest of the same address, where there are too many of that, else the oldest of the address that
        has sent the most.
        """
        mine = self._by_address.setdefault(address, {})
        leaving: V | None = None
        if len(mine) >= self._most_per_address:
            leaving = next(iter(mine))
        elif len(self._address) >= self._most:
            crowd = max(self._by_address.values(), key=len)
            leaving = next(iter(crowd))
        self._address[visitor] = address
        mine[visitor] = None
        if leaving is not None:
            self.leave(leaving)
        return leaving

    def leave(self, visitor: V) -> None:
        """`visitor` has shaken hands, or has gone; one that is not here may leave too."""
        address = self._address.pop(visitor, None)
        if address is None:
            return
        others = self._by_address[address]
        del others[visitor]
        if not others:
            del self._by_address[address]

    def __len__(self) -> int:
        return len(self._address)
