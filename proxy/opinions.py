"""What a second feed says of an instrument that another one serves: compared, never mixed in. Pure."""

from __future__ import annotations

from typing import NamedTuple

from market.instruments import InstrumentKey
from market.ticks import Tick


class Opinion(NamedTuple):
    """The price that `feed` has for an instrument, and when it came (ms since 1970 UTC)."""

    feed: str
    ltp: float
    received_ms: float


class Opinions:
    """Who was asked about which instrument, and what they said last."""

    def __init__(self) -> None:
        self._asked: dict[InstrumentKey, str] = {}
        self._said: dict[InstrumentKey, Opinion] = {}

    def ask(self, key: InstrumentKey, feed: str) -> None:
        """Listen to `feed` about `key`."""
        self._asked[key] = feed

    def asked(self, key: InstrumentKey) -> str | None:
        """Who was asked about `key`, or None."""
        return self._asked.get(key)

    def forget(self, key: InstrumentKey) -> None:
        """Listen to nobody about `key` any more."""
        self._asked.pop(key, None)
        self._said.pop(key, None)

    def take(self, feed: str, tick: Tick) -> None:
        """A tick that is not shown: keep its price if it was asked for."""
        if tick.ltp is not None and self._asked.get(tick.key) == feed:
            self._said[tick.key] = Opinion(feed, tick.ltp, tick.received_ms)

    def of(self, key: InstrumentKey) -> Opinion | None:
        """What was said about `key` last, or None."""
        return self._said.get(key)
