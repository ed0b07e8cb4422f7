"""The feed that reads prices from a NATS server, on which a publisher on another host puts them.

It subscribes to the subjects of what is wished and to nothing else: the server filters, so that a proxy is sent only
what its own clients want. If the loop is behind, what waits is folded by instrument: memory is bounded and no final
value is lost.
"""

from __future__ import annotations

import asyncio
import functools
import logging
import random
import re
import time
from collections.abc import Callable, Iterable, Sequence

from adapters.backlog import Backlog
from adapters.base_adapter import BaseAdapter, Renewable
from adapters.bus_messages import decode_payload
from adapters.nats import subjects, wire
from adapters.nats.servers import NatsServer
from adapters.nats.session import NatsSession, NatsSettings
from market.errors import DecodeError
from market.exchanges import Exchange
from market.feeds import Capabilities, FeedSink, FeedState
from market.instruments import InstrumentKey
from market.modes import Mode
from market.subscriptions import Subscription, WishState
from market.ticks import Tick

logger = logging.getLogger(__name__)

_LINES_AT_ONCE = 500
_LOG_EVERY_S = 60.0
_QUOTED = re.compile(r'"([^"]+)"')


class NatsFeed(BaseAdapter):
    """Prices that a publisher puts on a NATS server.

    Any instrument can be wished: whether a publisher has it is not known. Messages that mean nothing are counted
    (`counters["malformed"]`) and skipped.

    Args:
        servers: tried in turn.
        settings: how patient to be.
        draw: the source of randomness of the reconnect delays, between 0 and 1.
    """

    def __init__(
        self,
        servers: Sequence[NatsServer],
        *,
        name: str = "nats",
        settings: NatsSettings | None = None,
        draw: Callable[[], float] = random.random,
    ) -> None:
        # A heartbeat of the bus would say nothing of those who publish on it.
        capabilities = Capabilities(exchanges=frozenset(Exchange), depth_levels=(5, 20, 50), has_heartbeat=False)
        super().__init__(name, capabilities)
        self._servers = tuple(servers)
        self._session = NatsSession(self._servers, self, settings or NatsSettings(), draw=draw)
        self._is_connected = False
        self._next_sid = 1
        self._sids: dict[InstrumentKey, int] = {}
        self._keys: dict[bytes, InstrumentKey] = {}
        self._lines: list[bytes] = []
        self._asked: list[Subscription] = []
        self._unnamed: list[str] = []
        self._waiting = Backlog(self.counters)
        self._handing_on: asyncio.Handle | None = None
        self._logged_at = -_LOG_EVERY_S

    async def start(self, sink: FeedSink) -> None:
        self._attach(sink)
        if any(server.exposes_secrets for server in self._servers):
            logger.warning("The NATS credentials cross the network unencrypted; use tls:// instead of nats://")
        self._report_state(FeedState.CONNECTING, "Connecting")
        self._session.start()

    async def stop(self) -> None:
        await self._session.close()
        if self._handing_on is not None:
            self._handing_on.cancel()
            self._handing_on = None
        self._waiting.clear()
        self._detach()

    def _connections(self) -> Iterable[Renewable]:
        return (self._session,)

    def why_not(self, key: InstrumentKey) -> str | None:
        return None

    def _send_subscribe(self, wishes: Sequence[Subscription]) -> None:
        if not self._is_connected:
            return
        for wish in wishes:
            if wish.key not in self._sids:
                sid, self._next_sid = self._next_sid, self._next_sid + 1
                self._sids[wish.key] = sid
                self._keys[str(sid).encode()] = wish.key
                self._lines.append(wire.subscribe(subjects.subject_of_all_modes(wish.key), sid))
                # What changes seldom would not be known for long: the publisher says it again for those who ask.
                self._lines.append(wire.publish(subjects.snapshot_subject(wish.key), b""))
        self._asked += wishes
        self._session.poke()

    def _send_unsubscribe(self, wishes: Sequence[Subscription]) -> None:
        for key in dict.fromkeys(wish.key for wish in wishes):
            if not any(Subscription(key, mode) in self.wishes for mode in Mode):
                self._let_go(key)
        self._session.poke()

    def _let_go(self, key: InstrumentKey) -> None:
        sid = self._sids.pop(key, None)
        if sid is not None:
            self._keys.pop(str(sid).encode(), None)
            self._lines.append(wire.unsubscribe(sid))

    # --- adapters.nats.session.NatsOwner

    def connected(self, info: wire.Info) -> None:
        self._is_connected = True
        self._forget()
        self._send_subscribe(self.wishes.reopen())

    def lost(self) -> None:
        self._is_connected = False
        self._forget()

    def next_lines(self) -> bytes | None:
        """Subscriptions that wait, and after the last of them a PING, whose answer says what became of them."""
        if self._lines:
            lines, self._lines = self._lines[:_LINES_AT_ONCE], self._lines[_LINES_AT_ONCE:]
            return b"".join(lines)
        if self._asked:
            asked, self._asked = self._asked, []
            return self._session.ping(functools.partial(self._settle, asked))
        return None

    def arrived(self, messages: Sequence[wire.Message]) -> None:
        received_ms = time.time() * 1000.0
        ticks: list[Tick] = []
        for message in messages:
            key = self._keys.get(message.sid)
            if key is None:
                self.counters["unwanted"] += 1
                continue
            try:
                ticks.append(decode_payload(key, message.payload, self.name, received_ms))
            except DecodeError as error:
                self._malformed(error)
        self._waiting.add(ticks)
        if self._handing_on is None:
            self._hand_on()

    def refused(self, reason: str) -> None:
        named = _QUOTED.search(reason)
        if named is None:
            self._unnamed.append(reason)
            return
        try:
            key, _mode = subjects.parse_subject(re.sub(r"\*$", Mode.LTP.name, named[1]))
        except DecodeError:
            logger.info("The NATS server refused something: %s", reason[:200])
            return
        self._refuse(key, reason)

    def state_changed(self, state: FeedState, detail: str, attempt: int) -> None:
        self._report_state(state, detail, attempt=attempt)

    # --- inside

    def _hand_on(self) -> None:
        """Publish a batch, and the next in the next turn of the loop as long as anything waits."""
        ticks = self._waiting.take()
        self._handing_on = asyncio.get_running_loop().call_soon(self._hand_on) if self._waiting else None
        if ticks:
            self._publish(ticks)

    def _settle(self, asked: Sequence[Subscription]) -> None:
        """The server has dealt with `asked`. Beyond its limit it refuses without a name: those asked for last."""
        unnamed, self._unnamed = self._unnamed, []
        keys = list(dict.fromkeys(wish.key for wish in asked))
        for key, reason in zip(reversed(keys), unnamed, strict=False):
            self._refuse(key, reason)
        self._confirm([wish for wish in asked if self.wishes.state(wish) is WishState.PENDING])

    def _refuse(self, key: InstrumentKey, reason: str) -> None:
        sid = self._sids.pop(key, None)
        if sid is not None:
            self._keys.pop(str(sid).encode(), None)
        for mode in Mode:
            wish = Subscription(key, mode)
            if wish in self.wishes:
                self._reject(wish, f"The NATS server refused {key}: {reason[:160]}")

    def _forget(self) -> None:
        self._sids.clear()
        self._keys.clear()
        self._lines.clear()
        self._asked.clear()
        self._unnamed.clear()

    def _malformed(self, error: DecodeError) -> None:
        self.counters["malformed"] += 1
        now_s = time.monotonic()
        if now_s - self._logged_at >= _LOG_EVERY_S:
            self._logged_at = now_s
            logger.info("Skipped a message from NATS (%d so far): %s", self.counters["malformed"], error)
