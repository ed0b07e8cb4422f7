"""The way out to other hosts: a sink of the hub that publishes on a NATS server. It never waits, and never piles up."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Protocol

from adapters.nats import subjects, wire
from adapters.nats.outbox import ConflatingOutbox
from adapters.nats.servers import NatsServer
from adapters.nats.session import NatsSession, NatsSettings
from adapters.nats.wishes import RemoteWishes
from market.errors import DecodeError
from market.feeds import FeedState, FeedStatus
from market.instruments import InstrumentKey
from market.modes import Mode
from market.subscriptions import Subscription
from market.ticks import Tick, Update, known_modes

logger = logging.getLogger(__name__)

_MESSAGES_AT_ONCE = 100
_MOST_SUBJECTS = 65_536
_WISHES_SID = b"2"
_LAPSE_EVERY_S = 2.0


class Messages(Protocol):
    """What is said, which is for the port's side to know (`proxy.outgoing.OutgoingMessages`)."""

    def modes(self, tick: Tick, changed: int) -> list[Mode]:
        """The modes of an update that are worth sending."""

    def payload(self, tick: Tick, mode: Mode, now_ms: float) -> bytes:
        """The JSON object that says `mode` of `tick`, as it stands at `now_ms`."""

    @property
    def now_ms(self) -> Callable[[], float]:
        """The time in ms since 1970 UTC."""


class Holder(Protocol):
    """Whom readers' wishes are told, so that feeds here subscribe to them."""

    def hold(self, reader: str, wishes: Sequence[Subscription]) -> None:
        """`reader` wishes these too."""

    def let_go(self, reader: str, wishes: Sequence[Subscription]) -> None:
        """`reader` wishes these no more."""


class NatsPublisher:
    """Publishes what `messages` finds worth it on the first server that answers, and what readers ask for again.

    Args:
        servers: tried in turn.
        messages: what is said of an update.
        last: the last known value of an instrument, for readers that come late.
        holder: whom readers' wishes are told; nobody where it is None.
        settings: how patient to be.
        draw: the source of randomness of the reconnect delays, between 0 and 1.

    Counters: `published`, `snapshots` (asked for), `wishes` (messages of readers), `lapsed`,
    `conflated` (replaced by a newer value while the server was away or
    slow), `dropped`.
    """

    def __init__(
        self,
        servers: Sequence[NatsServer],
        messages: Messages,
        *,
        last: Callable[[InstrumentKey], Tick | None],
        holder: Holder | None = None,
        settings: NatsSettings | None = None,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self._servers = tuple(servers)
        self._messages = messages
        self._last = last
        self._holder = holder
        self._wishes = RemoteWishes()
        self._timer: asyncio.TimerHandle | None = None
        self._session = NatsSession(self._servers, self, settings or NatsSettings(), draw=draw)
        self._max_payload = wire.Info().max_payload
        self._subjects: dict[tuple[InstrumentKey, Mode], str] = {}
        self._is_connected = False
        self._introduction = b""
        self.counters: Counter[str] = Counter()
        self._outbox = ConflatingOutbox(self.counters)
        self._outbox.hold_back()
        self.status = FeedStatus("nats", FeedState.STOPPED)

    async def start(self) -> None:
        """Begin to connect, in the background."""
        if any(server.exposes_secrets for server in self._servers):
            logger.warning("The NATS credentials cross the network unencrypted; use tls:// instead of nats://")
        self._session.start()
        self._let_lapse()

    async def stop(self) -> None:
        """End the connection; what waits is given up. Safe to call twice."""
        if self._timer is not None:
            self._timer.cancel()
        await self._session.close()
        self.state_changed(FeedState.STOPPED, "", 0)

    def on_updates(self, updates: Sequence[Update]) -> None:
        """Take updates of the hub."""
        for tick, changed in updates:
            for mode in self._messages.modes(tick, changed):
                self._outbox.put(tick, mode)
        if self._is_connected and len(self._outbox):
            self._session.poke()

    # --- adapters.nats.session.NatsOwner

    def connected(self, info: wire.Info) -> None:
        self._is_connected = True
        self._max_payload = info.max_payload
        self._introduction = wire.subscribe(f"{subjects.SNAPSHOTS}.>", 1)
        if self._holder is not None:
            self._introduction += wire.subscribe(f"{subjects.WISHES}.>", 2) + wire.publish(subjects.CENSUS, b"")
        self._session.poke()

    def lost(self) -> None:
        self._is_connected = False
        self._outbox.hold_back()

    def next_lines(self) -> bytes | None:
        """A piece of what waits. The next is asked for when the server has taken this one, and not before."""
        if self._introduction:
            introduction, self._introduction = self._introduction, b""
            return introduction
        now_ms = self._messages.now_ms()
        while taken := self._outbox.take(_MESSAGES_AT_ONCE):
            lines = [line for tick, mode in taken if (line := self._line(tick, mode, now_ms))]
            if lines:
                self.counters["published"] += len(lines)
                return b"".join(lines)
        return None

    def arrived(self, messages: Sequence[wire.Message]) -> None:
        for message in messages:
            try:
                if message.sid == _WISHES_SID:
                    self._take_wishes(message)
                else:
                    self._say_again(subjects.parse_snapshot_subject(message.subject.decode()))
            except (DecodeError, UnicodeError):
                self.counters["malformed"] += 1

    def refused(self, reason: str) -> None:
        self.counters["refused"] += 1
        if self.counters["refused"] == 1:
            logger.warning("The NATS server refuses what is published: %s", reason[:200])

    def state_changed(self, state: FeedState, detail: str, attempt: int) -> None:
        self.status = FeedStatus("nats", state, detail, time.time() * 1000.0, attempt)
        if state is FeedState.RECONNECTING and attempt == 1:
            logger.warning("Publishing to NATS is interrupted: %s", detail)
        elif state is FeedState.LIVE:
            logger.info("Publishing to NATS: %s", detail)

    # --- inside

    def _say_again(self, key: InstrumentKey) -> None:
        self.counters["snapshots"] += 1
        tick = self._last(key)
        if tick is not None:
            self.on_updates((Update(tick, known_modes(tick)),))

    def _take_wishes(self, message: wire.Message) -> None:
        if self._holder is None:
            return
        reader = subjects.parse_wishes_subject(message.subject.decode())
        change = self._wishes.take(reader, message.payload, asyncio.get_running_loop().time())
        self.counters["wishes"] += 1
        if change.fresh:
            self._holder.hold(reader, change.fresh)
        if change.gone:
            self._holder.let_go(reader, change.gone)

    def _let_lapse(self) -> None:
        """Every few seconds: who has not said again what it wishes is gone."""
        loop = asyncio.get_running_loop()
        for reader, wishes in self._wishes.lapse(loop.time()).items():
            self.counters["lapsed"] += len(wishes)
            if self._holder is not None:
                self._holder.let_go(reader, wishes)
        self._timer = loop.call_later(_LAPSE_EVERY_S, self._let_lapse)

    def _line(self, tick: Tick, mode: Mode, now_ms: float) -> bytes | None:
        payload = self._messages.payload(tick, mode, now_ms)
        if len(payload) > self._max_payload:
            # The server would end the connection.
            self.counters["dropped"] += 1
            return None
        return wire.publish(self._subject(tick.key, mode), payload)

    def _subject(self, key: InstrumentKey, mode: Mode) -> str:
        subject = self._subjects.get((key, mode))
        if subject is None:
            if len(self._subjects) >= _MOST_SUBJECTS:
                self._subjects.clear()
            subject = self._subjects[key, mode] = subjects.subject_of(key, mode)
        return subject
