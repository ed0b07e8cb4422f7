"""One connection to Binance and the streams it carries: joins the conversation (`control`) to the kept socket."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from adapters.binance.control import StreamControl
from adapters.frames import FrameKind
from adapters.kept_connection import ConnectionPolicy, KeptConnection
from adapters.reconnect import Backoff
from market.feeds import FeedState


class ShardListener(Protocol):
    """The feed, as its connections see it."""

    def shard_opened(self, shard: Shard) -> None:
        """The connection is new; everything wanted on it is being asked for."""

    def shard_lost(self, shard: Shard) -> None:
        """The connection is over."""

    def shard_received(self, shard: Shard, frame: bytes) -> None:
        """A frame arrived."""

    def shard_state_changed(self) -> None:
        """The state of a connection changed: see `Shard.state`."""


class Shard:
    """Connection `number` (from 0) of a feed. `connections_made` counts how often it was opened."""

    def __init__(
        self,
        number: int,
        url: Callable[[], str],
        listener: ShardListener,
        policy: ConnectionPolicy,
        backoff: Backoff,
    ) -> None:
        self.number = number
        self.control = StreamControl()
        self.connections_made = 0
        self.state = FeedState.CONNECTING
        self.detail = ""
        self.attempt = 0
        self._listener = listener
        self._connection = KeptConnection(url, self, policy, backoff=backoff)

    async def run(self) -> None:
        """Keep the connection until cancelled."""
        await self._connection.run()

    def want(self, streams: Iterable[str]) -> None:
        """Carry `streams` from now on."""
        self.control.want(streams)
        self._connection.poke()

    def let_go(self, streams: Iterable[str]) -> None:
        """Carry `streams` no more."""
        self.control.let_go(streams)
        self._connection.poke()

    def renew(self, reason: str) -> None:
        """Replace the connection now."""
        self._connection.renew(reason)

    def opened(self) -> None:
        self.connections_made += 1
        self.control.restart()
        self._listener.shard_opened(self)

    def received(self, frame: bytes, kind: FrameKind) -> None:
        self._listener.shard_received(self, frame)

    def lost(self) -> None:
        self._listener.shard_lost(self)

    def next_message(self) -> bytes | None:
        return self.control.next_message()

    def state_changed(self, state: FeedState, detail: str, attempt: int) -> None:
        self.state, self.detail, self.attempt = state, detail, attempt
        self._listener.shard_state_changed()
