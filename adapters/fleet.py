"""All connections of one lane: which of them carries which instrument, opened when needed and closed when empty."""

from __future__ import annotations

import asyncio
import dataclasses
import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from adapters.background import BackgroundTasks
from adapters.enquiries import Enquiries
from adapters.kept_connection import Socket, closed
from adapters.lane_connection import LaneConnection, LaneListener
from adapters.reconnect import Backoff
from adapters.session_gate import SessionGate
from adapters.sharding import assign
from adapters.venue import Lane, Want
from market.errors import TokenExpiredError
from market.instruments import InstrumentKey
from market.logins import BrokerSession

_NO_LIMIT = 1_000_000


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How a feed reconnects: the first delay, the longest one (seconds), and the source of their jitter."""

    first_s: float = 1.0
    cap_s: float = 30.0
    draw: Callable[[], float] = dataclasses.field(default=lambda: 1.0)


class Fleet:
    """Runs its connections as tasks of the feed.

    Args:
        owner: the feed's name, for the names of tasks.
        keep_first: whether the first connection stays open while it carries nothing.
    """

    def __init__(
        self,
        owner: str,
        lane: Lane,
        gate: SessionGate,
        tasks: BackgroundTasks,
        listener: LaneListener,
        patience: Patience,
        *,
        keep_first: bool,
    ) -> None:
        self.lane = lane
        self._owner = owner
        self._gate = gate
        self._tasks = tasks
        self._listener = listener
        self._patience = patience
        self._keep_first = keep_first
        self._placed: Mapping[InstrumentKey, int] = {}
        self._connections: dict[int, tuple[LaneConnection, asyncio.Task[None]]] = {}
        self._closing: dict[int, list[asyncio.Task[None]]] = {}
        self._last_attempt = float("-inf")

    def __iter__(self) -> Iterator[LaneConnection]:
        return (connection for connection, _ in self._connections.values())

    def __len__(self) -> int:
        return len(self._connections)

    def __contains__(self, key: object) -> bool:
        return key in self._placed

    @property
    def room(self) -> int | None:
        """How many instruments the lane takes in all, or None."""
        if self.lane.per_connection is None or self.lane.connections is None:
            return None
        return self.lane.per_connection * self.lane.connections

    def start(self) -> None:
        """Open the first connection, although it carries nothing yet."""
        self._connection(0)

    def want(self, wants: Sequence[Want]) -> list[InstrumentKey]:
        """Carry `wants`, new ones or in another mode; returns those that there is no room for."""
        by_key = {want.key: want for want in wants}
        assignment = assign(
            (*self._placed, *by_key),
            self._placed,
            self.lane.per_connection or _NO_LIMIT,
            connections=self.lane.connections,
        )
        self._placed = assignment.placed
        by_number: dict[int, list[Want]] = {}
        for key, want in by_key.items():
            if key in assignment.placed:
                by_number.setdefault(assignment.placed[key], []).append(want)
        for number, each in by_number.items():
            self._connection(number).want(each)
        return assignment.refused

    def let_go(self, keys: Iterable[InstrumentKey]) -> None:
        """Carry `keys` no more; a connection that is empty now is closed."""
        by_number: dict[int, list[InstrumentKey]] = {}
        placed = dict(self._placed)
        for key in keys:
            number = placed.pop(key, None)
            if number is not None:
                by_number.setdefault(number, []).append(key)
        self._placed = placed
        for number, each in by_number.items():
            connection, task = self._connections[number]
            connection.let_go(each)
            if not connection.keys and not (self._keep_first and number == 0):
                del self._connections[number]
                task.cancel()
                self._closing[number] = [*self._still_closing(number), task]

    def renew(self, reason: str) -> None:
        """Replace every connection."""
        for connection in self:
            connection.renew(reason)

    def forget(self) -> None:
        """The tasks have ended."""
        self._connections.clear()
        self._closing.clear()
        self._placed = {}

    def _connection(self, number: int) -> LaneConnection:
        known = self._connections.get(number)
        if known is not None:
            return known[0]
        policy = self.lane.policy
        if policy.renew_after_s is not None:  # not all at the same time
            policy = dataclasses.replace(
                policy, renew_after_s=policy.renew_after_s * (0.9 + 0.1 * self._patience.draw())
            )
        opener, name = functools.partial(self._open, number), f"{self._owner}-{self.lane.name}-{number}"
        enquire = self.lane.enquire
        enquiries = None if enquire is None else Enquiries(enquire, self._tasks, name, self._backoff)
        connection = LaneConnection(self.lane, number, opener, self._listener, policy, self._backoff(), enquiries)
        task = self._tasks.spawn(connection.run(), name)
        self._connections[number] = (connection, task)
        return connection

    def _backoff(self) -> Backoff:
        return Backoff(first_s=self._patience.first_s, cap_s=self._patience.cap_s, draw=self._patience.draw)

    def _still_closing(self, number: int) -> list[asyncio.Task[None]]:
        return [task for task in self._closing.get(number, ()) if not task.done()]

    async def _open(self, number: int) -> tuple[Socket, BrokerSession | None]:
        """Open a connection with the session of now, once the earlier ones of the same number are closed."""
        if closing := self._still_closing(number):
            await asyncio.wait(closing)
        while True:
            session = await self._gate.session()
            await self._mind_the_gap()
            if session != self._gate.current():
                continue
            try:
                socket = await self.lane.open(session)
            except TokenExpiredError as exc:
                self._gate.refuse(session, str(exc))
                raise
            if session == self._gate.current():
                return socket, session
            await closed(socket)  # there was a log-out, or another login, meanwhile

    async def _mind_the_gap(self) -> None:
        now = asyncio.get_running_loop().time()
        at = max(now, self._last_attempt + self.lane.connect_gap_s)
        self._last_attempt = at
        await asyncio.sleep(at - now)
