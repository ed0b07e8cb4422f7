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
import secrets
import time
from collections.abc import Callable, Iterable, Sequence

from adapters.backlog import Backlog
from adapters.base_adapter import BaseAdapter, Renewable
from adapters.bus_messages import decode_payload
from adapters.nats import subjects, wire, wishes
from adapters.nats.servers import NatsServer
from adapters.nats.session import NatsSession, NatsSettings
from adapters.natures import NatureBook
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
# Instruments have the numbers above it.
_CENSUS_SID = 1
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
        self._next_sid = _CENSUS_SID + 1
        self._sids: dict[InstrumentKey, int] = {}
        self._keys: dict[bytes, InstrumentKey] = {}
        self._lines: list[bytes] = []
        self._asked: list[Subscription] = []
        self._unnamed: list[str] = []
        self._waiting = Backlog(self.counters)
        self._natures = NatureBook()
        # Who we are to publishers, which hold for us what we wish.
        self._wishes_subject = subjects.wishes_subject(secrets.token_hex(8))
        self._refreshing: asyncio.TimerHandle | None = None
        self._handing_on: asyncio.Handle | None = None
        self._logged_at = -_LOG_EVERY_S

    async def start(self, sink: FeedSink) -> None:
        self._attach(sink)
        if any(server.exposes_secrets for server in self._servers):
            logger.warning("The NATS credentials cross the network unencrypted; use tls:// instead of nats://")
        self._report_state(FeedState.CONNECTING, "Connecting")
        self._session.start()

    async def stop(self) -> None:
        if self._is_connected and self._sids:
            self._lines = [wire.publish(self._wishes_subject, wishes.farewell())]
            self._session.poke()
            await asyncio.sleep(0)
        self._stop_refreshing()
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

    def _send_subscribe(self, wanted: Sequence[Subscription]) -> None:
        if not self._is_connected:
            return
        for wish in wanted:
            if wish.key not in self._sids:
                sid, self._next_sid = self._next_sid, self._next_sid + 1
                self._sids[wish.key] = sid
                self._keys[str(sid).encode()] = wish.key
                self._lines.append(wire.subscribe(subjects.subject_of_all_modes(wish.key), sid))
                # What changes seldom would not be known for long: the publisher says it again for those who ask.
                self._lines.append(wire.publish(subjects.snapshot_subject(wish.key), b""))
        self._asked += wanted
        self._announce(wish.key for wish in wanted)
        self._session.poke()

    def _send_unsubscribe(self, unwanted: Sequence[Subscription]) -> None:
        for key in dict.fromkeys(wish.key for wish in unwanted):
            if not self._modes_of(key):
                self._let_go(key)
        self._announce(wish.key for wish in unwanted)
        self._session.poke()

    def _modes_of(self, key: InstrumentKey) -> list[Mode]:
        return [mode for mode in Mode if Subscription(key, mode) in self.wishes]

    def _announce(self, keys: Iterable[InstrumentKey]) -> None:
        """Say to publishers what is wished of `keys` by now."""
        modes = {key: self._modes_of(key) for key in keys}
        wished = {key: held for key, held in modes.items() if held}
        gone = [key for key, held in modes.items() if not held]
        self._lines += [wire.publish(self._wishes_subject, payload) for payload in wishes.announcements(wished, gone)]

    def _refresh(self) -> None:
        """Say all of it again: what is not said again lapses, and a publisher that is new knows nothing yet."""
        self._stop_refreshing()
        if self._is_connected:
            self._announce(self._sids)
            self._session.poke()
            self._refreshing = asyncio.get_running_loop().call_later(wishes.REFRESH_S, self._refresh)

    def _stop_refreshing(self) -> None:
        if self._refreshing is not None:
            self._refreshing.cancel()
            self._refreshing = None

    def _let_go(self, key: InstrumentKey) -> None:
        sid = self._sids.pop(key, None)
        if sid is not None:
            self._keys.pop(str(sid).encode(), None)
            self._lines.append(wire.unsubscribe(sid))

    # --- adapters.nats.session.NatsOwner

    def connected(self, info: wire.Info) -> None:
        self._is_connected = True
        self._forget()
        self._lines.append(wire.subscribe(subjects.CENSUS, _CENSUS_SID))
        self._send_subscribe(self.wishes.reopen())
        self._stop_refreshing()
        self._refreshing = asyncio.get_running_loop().call_later(wishes.REFRESH_S, self._refresh)

    def lost(self) -> None:
        self._is_connected = False
        self._stop_refreshing()
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
                self._take_other(message)
                continue
            try:
                ticks.append(decode_payload(key, message.payload, self.name, received_ms, self._natures))
            except DecodeError as error:
                self._malformed(error)
        self._tell_natures(self._natures.take())
        self._waiting.add(ticks)
        if self._handing_on is None:
            self._hand_on()

    def _take_other(self, message: wire.Message) -> None:
        if message.sid == b"%d" % _CENSUS_SID:
            self.counters["censuses"] += 1
            self._refresh()
        else:
            self.counters["unwanted"] += 1

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
