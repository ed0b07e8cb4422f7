"""What a connection needs of the server that accepted it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, Protocol, TypeVar

from market.credentials import Secret
from market.instruments import InstrumentKey
from proxy.complaints import Complaints
from proxy.config import ServerConfig
from proxy.desk import Desk
from proxy.registry import Channel
from proxy.server.turns import Turns
from proxy.session import Identity
from proxy.throttle import WrongKeys

C = TypeVar("C", contravariant=True)


class Host(Protocol[C]):
    """The server, as its connections (`C`) see it."""

    config: ServerConfig
    desk: Desk
    wrong_keys: WrongKeys
    complaints: Complaints
    turns: Turns
    close_timeout_s: float

    @property
    def is_full(self) -> bool:
        """Whether no further connection is accepted."""

    def now_ms(self) -> float:
        """The time in ms since 1970 UTC."""

    def joined(self, connection: C) -> None:
        """A socket was accepted."""

    def opened(self, connection: C) -> None:
        """A handshake was completed."""

    def left(self, connection: C) -> None:
        """A socket was closed."""

    def mark_dirty(self, connection: C) -> None:
        """`connection` has something to be written in this turn of the loop."""

    def flush_later(self, connection: C, delay_s: float) -> None:
        """Call `connection.flush_paced` after a while."""

    def send_snapshot(self, connection: C, key: InstrumentKey, channel: Channel) -> None:
        """Queue the last known value of `key`, if there is one."""

    def start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run `work` as a task that lives no longer than the server."""

    async def verify(self, api_key: Secret) -> Identity | None:
        """Whose key this is, or None."""

    def connections_of(self, key_id: int, *, besides: C | None = None) -> int:
        """How many connections have authenticated with a key."""
