"""What a broker's folder gives to the one feed that all brokers share (`adapters.broker_feed`). Pure contracts.

A venue describes its connections as *lanes*: kinds of connection with an address, limits and a conversation each. Most
have one; a broker whose deep books come from another host has two. The conversation is a sans-I/O state machine: it
is told what is wanted, hands out messages, and turns frames into events in the market's vocabulary.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from adapters.frames import FrameKind
from adapters.kept_connection import ConnectionPolicy, Socket
from adapters.transport import open_websocket
from market.candles import Candle
from market.feeds import Capabilities, NatureKnown
from market.instruments import Instrument, InstrumentKey
from market.logins import BrokerSession
from market.modes import Mode
from market.ticks import Tick


class Want(NamedTuple):
    """An instrument, and the highest mode in which anybody wants it: it carries the modes below."""

    instrument: Instrument
    mode: Mode

    @property
    def key(self) -> InstrumentKey:
        """The key of the instrument."""
        return self.instrument.key


class Acked(NamedTuple):
    """The broker accepted the subscriptions of `keys`, in the mode asked for last."""

    keys: tuple[InstrumentKey, ...]


class Refused(NamedTuple):
    """The broker refused `key`; `reason` is a sentence."""

    key: InstrumentKey
    reason: str


class SessionOver(NamedTuple):
    """The broker does not accept the session any more; `reason` is a sentence."""

    reason: str


class ConnectionOver(NamedTuple):
    """The broker ends, or is about to end, this connection. `is_planned`: no fault, so connect again at once."""

    reason: str
    is_planned: bool = False


class AnswerDue(NamedTuple):
    """The conversation has something to say. Frames that mean nothing but ticks are not followed by `next_message`."""


class Skipped(NamedTuple):
    """Something that was understood and is of no use here, or was not understood; `what` is its name in counters."""

    what: str


class EnquiryDue(NamedTuple):
    """The conversation needs what a request alone tells: `what`, one word, of the instrument with this key and token.

    Only a conversation that is an `Enquirer` says so, on a lane with `enquire`.
    """

    key: InstrumentKey
    token: str
    what: str


Event = Tick | Acked | Refused | SessionOver | ConnectionOver | AnswerDue | EnquiryDue | NatureKnown | Skipped
Enquire = Callable[[str, str], Awaitable[object]]
"""Makes the request for a token and a `what`; raises as requests do."""


class CandleRange(NamedTuple):
    """Which candles are asked for: the latest `limit` of `interval_s` seconds, or those from `start_ms` to `end_ms`.

    As in `market.feeds.Feed.history`; times in ms since 1970 UTC.
    """

    interval_s: int
    limit: int
    start_ms: int | None = None
    end_ms: int | None = None


class Conversation(Protocol):
    """One connection as a state machine. Knows no socket, no loop, no clock; lasts through every reconnect.

    It keeps what is wanted. After `opened` it asks for everything again, in batches that the broker takes.
    """

    def opened(self, session: BrokerSession | None) -> None:
        """The connection is new: nothing said or heard on an earlier one holds any more."""

    def want(self, wants: Iterable[Want]) -> Iterable[Event] | None:
        """Carry these too, or in another mode than so far. Never more instruments than the lane allows.

        Returns what is known of them already and no frame will bring, as of an instrument that another name of it has
        subscribed to; it is read a moment later, and may be made then. None where there is no such thing.
        """

    def let_go(self, keys: Iterable[InstrumentKey]) -> None:
        """Carry these no more."""

    def next_message(self) -> bytes | None:
        """Return the next message to send, `frames.Binary` for a binary one, or None; it counts as sent."""

    def receive(self, frame: bytes, kind: FrameKind, received_ms: float) -> Sequence[Event]:
        """Return what `frame` says, in order. `received_ms` in ms since 1970 UTC.

        Raises:
            DecodeError: it means nothing; counted, logged at most once a minute, and the connection goes on.
        """


class Enquirer(Protocol):
    """What a conversation is besides, where some of what it needs comes by request (`EnquiryDue`)."""

    def still_needs(self, due: EnquiryDue) -> bool:
        """Whether `due` is of use yet: asked again before every attempt."""

    def answered(self, due: EnquiryDue, answer: object, received_ms: float) -> Sequence[Event] | None:
        """Return what `answer` means, in order; None where it is of no use, as when it is too old: ask again."""


class Address(NamedTuple):
    """Where to connect: a ws or wss URL, and headers. Both may hold tokens, so neither is ever logged."""

    url: str
    headers: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """A kind of connection of a venue.

    Args:
        name: shown where there is more than one.
        conversation: makes the state machine of one connection.
        address: where to connect, asked for at every connect; may ask the broker first. Raises as `HttpClient` does.
        policy: patience, pacing and keep-alive messages.
        per_connection: instruments that one connection may carry, None for no limit.
        carries: what it carries, in words that follow a number.
        connections: how many connections there may be, None for no limit.
        follows: whether something comes over it whenever a price of what it carries moves on another lane.
        connect_gap_s: the least time between two attempts to connect, where the broker refuses quick ones.
        opener: opens the connection instead of a plain WebSocket to `address`, where the conversation takes more.
        enquire: makes the requests that its conversations need; there is one only where they are `Enquirer`s.
        token_statuses: the HTTP statuses of a refused handshake that mean that the session is over.
    """

    name: str
    conversation: Callable[[], Conversation]
    address: Callable[[BrokerSession | None], Awaitable[Address]] | None = None
    policy: ConnectionPolicy = field(default_factory=ConnectionPolicy)
    per_connection: int | None = None
    carries: str = "instruments"
    connections: int | None = 1
    follows: bool = False
    connect_gap_s: float = 0.0
    token_statuses: frozenset[int] = frozenset({401, 403})
    opener: Callable[[BrokerSession | None], Awaitable[Socket]] | None = None
    enquire: Enquire | None = None

    async def open(self, session: BrokerSession | None) -> Socket:
        """Open one connection. Raises as `transport.open_websocket` does."""
        if self.opener is not None:
            return await self.opener(session)
        assert self.address is not None, "a lane needs an address or an opener"
        url, headers = await self.address(session)
        return await open_websocket(url, headers=headers, limits=self.policy.limits, token_statuses=self.token_statuses)


@dataclass(frozen=True, slots=True, kw_only=True)
class Polled:
    """Figures that a venue gives to requests alone, beside a stream that is without them: open interest, volume.

    Args:
        ask: asks for some instruments; yields a tick as each answer comes, with these figures and nothing else; raises
            as requests do.
        every_s: the age at which an instrument is asked for again.
        mode: the lowest mode that shows them.
    """

    ask: Callable[[Sequence[Instrument]], AsyncIterator[Tick]]
    every_s: float
    mode: Mode


class Venue(Protocol):
    """A broker or an exchange as the feed sees it."""

    @property
    def name(self) -> str:
        """Short lower-case name: `zerodha`."""

    @property
    def title(self) -> str:
        """The name as users know it: `Zerodha`."""

    @property
    def capabilities(self) -> Capabilities:
        """What it can do."""

    @property
    def needs_login(self) -> bool:
        """Whether connections need a session."""

    @property
    def lanes(self) -> Sequence[Lane]:
        """Its kinds of connection, the usual one first."""

    @property
    def polled(self) -> Polled | None:
        """What its streams do not tell and its requests do."""

    def route(self, want: Want) -> Sequence[str]:
        """The names of the lanes that carry `want`: mostly the first one, for deep books perhaps another or both."""

    def why_not(self, key: InstrumentKey) -> str | None:
        """None if instruments like `key` can be served, else a sentence; the catalogue is asked separately."""

    async def history(
        self, session: BrokerSession | None, instrument: Instrument, asked: CandleRange
    ) -> Sequence[Candle]:
        """As `market.feeds.Feed.history`; `session` is there where the venue needs one."""

    async def close(self) -> None:
        """Close what requests have opened."""
