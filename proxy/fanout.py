"""From one update to many clients: each payload is encoded once however many hold it. Pure but for its clock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Protocol

from market.instruments import InstrumentKey
from market.ticks import Tick, Update
from proxy.outbox import Outbox
from proxy.payloads import encode_tick, is_worth_sending
from proxy.registry import Channel
from proxy.trust import TrustBook


class Channels(Protocol):
    """What is asked of the registry of clients."""

    def channels(self, key: InstrumentKey) -> Mapping[Channel, Mapping[Hashable, None]]:
        """See `proxy.registry.Registry.channels`."""


class Recipient(Hashable, Protocol):
    """A connection as the fan-out sees it."""

    outbox: Outbox


class Fanout:
    """A sink of the hub that fills the outboxes of clients.

    `frame` wraps a JSON text into the bytes that go on the wire; `dirty` collects the clients that have something to
    be written.
    """

    def __init__(
        self, registry: Channels, trust: TrustBook, *, frame: Callable[[bytes], bytes], now_ms: Callable[[], float]
    ) -> None:
        self._registry = registry
        self._trust = trust
        self._frame = frame
        self._now_ms = now_ms
        self.dirty: set[Hashable] = set()
        self.counters: Counter[str] = Counter()

    def __call__(self, updates: Sequence[Update]) -> None:
        """Queue `updates` for everybody who holds them."""
        now_ms = self._now_ms()
        encoded = 0
        for tick, changed in updates:
            if not changed:
                continue
            for channel, holders in self._registry.channels(tick.key).items():
                if not changed & channel.mode.bit or not is_worth_sending(tick, channel.mode):
                    continue
                frame = self._frame(encode_tick(tick, channel, self._trust.state(tick, now_ms), now_ms))
                slot = (tick.key, channel)
                encoded += 1
                for client in holders:
                    client.outbox.push(slot, frame)  # type: ignore[attr-defined]
                self.dirty.update(holders)
        self.counters["frames_encoded"] += encoded

    def snapshot(self, client: Recipient, tick: Tick, channel: Channel) -> None:
        """Queue the last known value for one client, if it says anything that `channel` shows."""
        if not is_worth_sending(tick, channel.mode):
            return
        now_ms = self._now_ms()
        payload = encode_tick(tick, channel, self._trust.state(tick, now_ms), now_ms, is_snapshot=True)
        client.outbox.push((tick.key, channel), self._frame(payload))
        self.dirty.add(client)
