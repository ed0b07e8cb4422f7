"""Who wants what: holders of subscriptions, looked up by instrument for every tick.

A channel is what one encoded payload serves: a mode, and for Depth the number of levels, so that a client that asked
for 5 levels and one that asked for 20 each get theirs. A holder has at most one channel per (instrument, mode).
Pure: no sockets, no clock.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from functools import lru_cache
from itertools import islice
from typing import Generic, NamedTuple, TypeVar

from market.instruments import InstrumentKey
from market.modes import Mode
from market.subscriptions import Subscription

H = TypeVar("H", bound=Hashable)


class Channel(NamedTuple):
    """A mode, the number of depth levels (0 where the mode has no depth), and whether it is sent as msgpack."""

    mode: Mode
    levels: int = 0
    is_packed: bool = False


# One object for all that hold the same: a thousand clients with a hundred subscriptions have few different ones.
_channel = lru_cache(maxsize=2_048)(Channel)


class Registry(Generic[H]):
    """Subscriptions of many holders, in both directions."""

    def __init__(self) -> None:
        self._by_key: dict[InstrumentKey, dict[Channel, dict[H, None]]] = {}
        self._by_holder: dict[H, dict[Subscription, Channel]] = {}
        self._count = 0
        # Derived, and forgotten at every change: who gets the frames of a key, one tuple for all keys that the same
        # holders want, so that frames for the same holders can be handed out together.
        self._audiences: dict[InstrumentKey, tuple[tuple[Channel, tuple[H, ...]], ...]] = {}
        self._shared: dict[frozenset[H], tuple[H, ...]] = {}

    def hold(self, holder: H, wish: Subscription, levels: int = 0, *, is_packed: bool = False) -> None:
        """Record that `holder` wants `wish`; another depth for the same wish replaces the one before."""
        channel = _channel(wish.mode, levels if wish.mode is Mode.DEPTH else 0, is_packed)
        held = self._by_holder.setdefault(holder, {})
        before = held.get(wish)
        if before == channel:
            return
        if before is None:
            self._count += 1
        else:
            self._unlink(holder, wish, before)
        held[wish] = channel
        self._forget_audiences()
        self._by_key.setdefault(wish.key, {}).setdefault(channel, {})[holder] = None

    def release(self, holder: H, wish: Subscription) -> bool:
        """Forget that `holder` wants `wish`; False if it did not."""
        held = self._by_holder.get(holder)
        channel = held.pop(wish, None) if held else None
        if channel is None or held is None:
            return False
        self._count -= 1
        if not held:
            del self._by_holder[holder]
        self._unlink(holder, wish, channel)
        return True

    def channels(self, key: InstrumentKey) -> Mapping[Channel, Mapping[H, None]]:
        """The channels of `key` that somebody holds, each with its holders. Not a copy."""
        return self._by_key.get(key, _NOTHING)

    def audiences(self, key: InstrumentKey) -> tuple[tuple[Channel, tuple[H, ...]], ...]:
        """The channels of `key` that somebody holds, each with its holders: the same object for the same holders."""
        found = self._audiences.get(key)
        if found is None:
            found = tuple((channel, self._audience(holders)) for channel, holders in self.channels(key).items())
            # What nobody holds is not remembered: a feed may send any number of keys.
            if found:
                self._audiences[key] = found
        return found

    def _audience(self, holders: Mapping[H, None]) -> tuple[H, ...]:
        return self._shared.setdefault(frozenset(holders), tuple(holders))

    def _forget_audiences(self) -> None:
        self._audiences.clear()
        self._shared.clear()

    def held_by(self, holder: H, limit: int | None = None) -> list[Subscription]:
        """What `holder` holds, in the order it was asked for; at most `limit` of it."""
        return list(islice(self._by_holder.get(holder, ()), limit))

    def count_of(self, holder: H) -> int:
        """How many subscriptions `holder` holds."""
        return len(self._by_holder.get(holder, ()))

    def is_held(self, wish: Subscription) -> bool:
        """Whether anybody wants `wish`."""
        return any(channel.mode is wish.mode for channel in self._by_key.get(wish.key, ()))

    def __len__(self) -> int:
        return self._count

    def _unlink(self, holder: H, wish: Subscription, channel: Channel) -> None:
        self._forget_audiences()
        channels = self._by_key[wish.key]
        holders = channels[channel]
        del holders[holder]
        if not holders:
            del channels[channel]
            if not channels:
                del self._by_key[wish.key]


_NOTHING: Mapping[Channel, Mapping[H, None]] = {}  # type: ignore[valid-type]
