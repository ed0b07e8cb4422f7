"""From one update to many clients: each payload is encoded once, and joined with its neighbours once, however many
clients hold it. Pure but for its clock.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from typing import Protocol, cast

from market.instruments import InstrumentKey
from market.ticks import Tick, Update
from proxy.outbox import Outbox
from proxy.payloads import encode_tick, is_worth_sending
from proxy.registry import Channel
from proxy.trust import TrustBook

# Frames for the same clients are joined once for all of them, in pieces of about this size.
_RUN_BYTES = 64 << 10


class Recipient(Hashable, Protocol):
    """A connection as the fan-out sees it."""

    outbox: Outbox


class Audiences(Protocol):
    """What is asked of the registry of clients."""

    def audiences(self, key: InstrumentKey) -> Sequence[tuple[Channel, tuple[Hashable, ...]]]:
        """See `proxy.registry.Registry.audiences`."""


class Fanout:
    """A sink of the hub that fills the outboxes of clients.

    `frame(payload, is_packed)` wraps it into the bytes that go on the wire; `dirty` collects the clients that have
    something to be written.
    """

    def __init__(
        self,
        registry: Audiences,
        trust: TrustBook,
        *,
        frame: Callable[[bytes, bool], bytes],
        now_ms: Callable[[], float],
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
        run: list[tuple[Hashable, bytes]] = []
        size = 0
        audience: tuple[Hashable, ...] = ()
        for tick, changed in updates:
            if not changed:
                continue
            for channel, holders in self._registry.audiences(tick.key):
                mode = channel.mode
                if not changed >> mode & 1 or not is_worth_sending(tick, mode):
                    continue
                payload = encode_tick(tick, channel, self._trust.state(tick, now_ms), now_ms)
                frame = self._frame(payload, channel.is_packed)
                if holders is not audience or size > _RUN_BYTES:
                    self._hand_out(run, audience)
                    run, size, audience = [], 0, holders
                run.append(((tick.key, channel), frame))
                size += len(frame)
        self._hand_out(run, audience)

    def _hand_out(self, run: list[tuple[Hashable, bytes]], audience: tuple[Hashable, ...]) -> None:
        if not run:
            return
        joined = b"".join(frame for _slot, frame in run)
        for client in cast("tuple[Recipient, ...]", audience):
            client.outbox.push_run(run, joined)
        self.dirty.update(audience)
        self.counters["frames_encoded"] += len(run)

    def snapshot(self, client: Recipient, tick: Tick, channel: Channel) -> None:
        """Queue the last known value for one client, if it says anything that `channel` shows."""
        if not is_worth_sending(tick, channel.mode):
            return
        now_ms = self._now_ms()
        payload = encode_tick(tick, channel, self._trust.state(tick, now_ms), now_ms, is_snapshot=True)
        client.outbox.push((tick.key, channel), self._frame(payload, channel.is_packed))
        self.dirty.add(client)
