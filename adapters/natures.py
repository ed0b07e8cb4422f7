"""What a bus says of the nature of its prices: simulated or replayed ones come in among live ones, by instrument.

The least real word wins: where two publish one instrument, or the word is missing now and then, it stays for ten
seconds, so that it neither flickers nor gets lost. Pure: time is an argument.
"""

from __future__ import annotations

from market.feeds import FeedNature
from market.instruments import InstrumentKey

_STAYS_MS = 10_000.0
_UNREAL = {nature.value: nature for nature in FeedNature if nature is not FeedNature.LIVE}


class NatureBook:
    """Takes the `state` of each message; `take` gives what has changed since."""

    def __init__(self) -> None:
        self._unreal: dict[InstrumentKey, tuple[FeedNature, float]] = {}
        self._changes: dict[InstrumentKey, FeedNature] = {}

    def note(self, key: InstrumentKey, state: object, now_ms: float) -> None:
        """Take note that a message about `key` had this `state`, which may be anything, at `now_ms`."""
        nature = _UNREAL.get(state) if isinstance(state, str) else None
        if nature is None and not self._unreal:
            return
        known = self._unreal.get(key)
        if nature is not None:
            if known is None or known[0] is not nature:
                self._changes[key] = nature
            self._unreal[key] = (nature, now_ms)
        elif known is not None and now_ms - known[1] > _STAYS_MS:
            del self._unreal[key]
            self._changes[key] = FeedNature.LIVE

    def take(self) -> dict[InstrumentKey, FeedNature]:
        """Return and forget the changes."""
        changes, self._changes = self._changes, {}
        return changes
