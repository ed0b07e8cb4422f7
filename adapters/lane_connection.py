"""One connection of a lane: joins its conversation to a kept socket."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Protocol, cast

from adapters.enquiries import Enquiries
from adapters.frames import FrameKind
from adapters.kept_connection import ConnectionPolicy, KeptConnection, Socket
from adapters.reconnect import Backoff
from adapters.venue import ConnectionOver, Enquirer, EnquiryDue, Event, Lane, Want
from market.errors import DecodeError
from market.feeds import FeedState
from market.instruments import InstrumentKey
from market.logins import BrokerSession
from market.ticks import Tick


class LaneListener(Protocol):
    """The feed, as its connections see it. All calls are made on the loop."""

    def connection_opened(self, connection: LaneConnection) -> None:
        """The connection is new; everything wanted on it is being asked for."""

    def connection_said(self, connection: LaneConnection, events: Sequence[Event]) -> None:
        """A frame meant `events`."""

    def connection_garbled(self, connection: LaneConnection, error: DecodeError) -> None:
        """A frame meant nothing."""

    def connection_changed(self) -> None:
        """The state of a connection changed."""


class LaneConnection:
    """Connection `number` (from 0) of the lane `lane`. `made` counts how often it was opened."""

    def __init__(
        self,
        lane: Lane,
        number: int,
        opener: Callable[[], Awaitable[tuple[Socket, BrokerSession | None]]],
        listener: LaneListener,
        policy: ConnectionPolicy,
        backoff: Backoff,
        enquiries: Enquiries | None = None,
    ) -> None:
        self.lane = lane.name
        self.number = number
        self.keys: set[InstrumentKey] = set()
        self.made = 0
        self.state = FeedState.CONNECTING
        self.detail = ""
        self.attempt = 0
        self._conversation = lane.conversation()
        self._enquiries = enquiries
        self._follows = lane.follows
        self._brought_ms = 0.0
        self._opener = opener
        self._listener = listener
        self._session: BrokerSession | None = None
        self._kept = KeptConnection(lambda: "", self, policy, backoff=backoff, opener=self._open)

    @property
    def title(self) -> str:
        return f"connection {self.number + 1} ({self.lane})"

    @property
    def follows_ms(self) -> float | None:
        return self._brought_ms if self._follows else None

    async def run(self) -> None:
        """Keep the connection until cancelled."""
        await self._kept.run()

    @property
    def session(self) -> BrokerSession | None:
        """The session that it was opened with last."""
        return self._session

    def want(self, wants: Iterable[Want]) -> None:
        """Carry `wants`, or carry them in another mode."""
        given = list(wants)
        self.keys.update(want.key for want in given)
        known = self._conversation.want(given)
        if known is not None:  # said when the wishes have been noted everywhere
            asyncio.get_running_loop().call_soon(self._say, known)
        self._kept.poke()

    def _say(self, known: Iterable[Event]) -> None:
        events = list(known) if self.state in (FeedState.LIVE, FeedState.MUTE) else []
        if events:
            self._answered(events)

    def let_go(self, keys: Iterable[InstrumentKey]) -> None:
        """Carry `keys` no more."""
        given = list(keys)
        self.keys.difference_update(given)
        if self._enquiries is not None:
            self._enquiries.drop(given)
        self._conversation.let_go(given)
        self._kept.poke()

    def renew(self, reason: str) -> None:
        """Replace the connection now."""
        self._kept.renew(reason)

    async def _open(self) -> Socket:
        socket, self._session = await self._opener()
        return socket

    # what the kept connection tells

    def opened(self) -> None:
        self.made += 1
        self._brought_ms = time.time() * 1000.0
        self._conversation.opened(self._session)
        self._listener.connection_opened(self)

    def received(self, frame: bytes, kind: FrameKind) -> None:
        now_ms = time.time() * 1000.0
        try:
            events = self._conversation.receive(frame, kind, now_ms)
        except DecodeError as exc:
            self._listener.connection_garbled(self, exc)
            return
        self._listener.connection_said(self, events)
        others = [event for event in events if type(event) is not Tick]
        if len(others) != len(events):
            self._brought_ms = now_ms
        if others or not events:
            self._kept.poke()  # an answer may be due; after ticks alone it is not, and waking the writer costs
        for event in others:
            if type(event) is ConnectionOver:
                (self._kept.renew if event.is_planned else self._kept.give_up)(event.reason)
            elif type(event) is EnquiryDue:
                self._enquire(event)

    def _enquire(self, due: EnquiryDue) -> None:
        assert self._enquiries is not None, "a lane whose conversations enquire needs `enquire`"
        self._enquiries.see_to(due, cast("Enquirer", self._conversation), self._answered)

    def _answered(self, events: Sequence[Event]) -> None:
        self._listener.connection_said(self, events)
        self._kept.poke()
        for event in events:
            if type(event) is EnquiryDue:
                self._enquire(event)

    def lost(self) -> None:
        """The conversation is told when there is a new connection."""
        if self._enquiries is not None:
            self._enquiries.drop_all()

    def next_message(self) -> bytes | None:
        return self._conversation.next_message()

    def state_changed(self, state: FeedState, detail: str, attempt: int) -> None:
        self.state, self.detail, self.attempt = state, detail, attempt
        self._listener.connection_changed()
