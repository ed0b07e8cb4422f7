"""The feed that all brokers share: joins a venue's conversations to sockets, to a login, and to the hub.

A broker's folder says what is particular (`adapters.venue`); everything that keeps a feed alive all day is here, once:
wishes through every reconnect, sharding, one instrument asked for once, waiting for a login, refusals with a reason.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from typing import Any

from adapters.background import BackgroundTasks
from adapters.base_adapter import BaseAdapter
from adapters.catalogue import Catalogue
from adapters.figures import Figures
from adapters.fleet import Fleet, Patience
from adapters.lane_connection import LaneConnection
from adapters.needs import Needs
from adapters.session_gate import SessionGate
from adapters.venue import Acked, CandleRange, ConnectionOver, Event, Lane, Refused, SessionOver, Skipped, Venue, Want
from market.candles import Candle
from market.errors import DecodeError, FeedRejectedError, FeedUnavailableError
from market.feeds import FeedPart, FeedSink, FeedState, NatureKnown
from market.instruments import Instrument, InstrumentKey
from market.logins import SessionSource
from market.modes import Mode
from market.subscriptions import Subscription
from market.ticks import Tick

_log = logging.getLogger(__name__)

_GARBAGE_LOG_INTERVAL_S = 60.0
# A connection that is added to live ones does not make their prices stale: hence connecting comes last.
_WORST_FIRST = (FeedState.RECONNECTING, FeedState.MUTE, FeedState.LIVE, FeedState.CONNECTING)


class BrokerFeed(BaseAdapter):
    """The feed of one venue.

    Args:
        venue: what is particular to it.
        catalogue: its instruments; wishes made before it is loaded wait for it.
        sessions: where logins are read; needed by a venue that needs a login.
        keeping: keeps the catalogue up to date while the feed runs, if something must.
        patience: how reconnects are delayed.
    """

    def __init__(
        self,
        venue: Venue,
        catalogue: Catalogue,
        sessions: SessionSource | None = None,
        *,
        keeping: Callable[[], Coroutine[Any, Any, None]] | None = None,
        patience: Patience | None = None,
    ) -> None:
        super().__init__(venue.name, venue.capabilities)
        self._venue = venue
        self._catalogue = catalogue
        self._keeping = keeping
        self._catalogue_keeping: asyncio.Task[None] | None = None
        self._tasks = BackgroundTasks()
        self._gate = SessionGate(venue.name, venue.title, sessions if venue.needs_login else None, self._judge)
        patience = patience or Patience(draw=random.random)
        self._fleets: dict[str, Fleet] = {
            lane.name: Fleet(venue.name, lane, self._gate, self._tasks, self, patience, keep_first=place == 0)
            for place, lane in enumerate(venue.lanes)
        }
        self._figures = Figures(venue.polled, self._with_figures, self.counters) if venue.polled is not None else None
        self._needs = Needs()
        self._unconfirmed: set[InstrumentKey] = set()
        self._carried: dict[InstrumentKey, tuple[str, str]] = {}
        self._end_listening: Callable[[], None] | None = None
        self._garbage_logged_at = float("-inf")

    @property
    def instruments_version(self) -> int:
        return self._catalogue.version

    def listing(self, key: InstrumentKey) -> Instrument | None:
        return self._catalogue.find(key)

    @property
    def needs_login(self) -> bool:
        """Whether it has prices only after a login."""
        return self._venue.needs_login

    @property
    def lanes(self) -> Sequence[Lane]:
        """The kinds of connection it has."""
        return self._venue.lanes

    async def start(self, sink: FeedSink) -> None:
        self._attach(sink)
        self._report_state(FeedState.CONNECTING, "Connecting")
        self._gate.watch(self._session_changed)
        self._end_listening = self._catalogue.on_change(self._catalogue_changed)
        self._keep_catalogue()
        next(iter(self._fleets.values())).start()
        if self._figures is not None:
            self._tasks.spawn(self._figures.run(), f"{self.name}-figures")
        self._admit(list(self.wishes))

    async def stop(self) -> None:
        self._gate.close()
        if self._end_listening is not None:
            self._end_listening()
            self._end_listening = None
        await self._tasks.close()
        await self._venue.close()
        for fleet in self._fleets.values():
            fleet.forget()
        self._needs = Needs()
        self._unconfirmed.clear()
        self._carried.clear()
        self._detach()

    def why_not(self, key: InstrumentKey) -> str | None:
        reason = self._venue.why_not(key)
        if reason is None and self._catalogue.is_loaded and self._catalogue.find(key) is None:
            reason = f"{self._venue.title} has no instrument {key}"
        return reason

    def instruments(self) -> Iterable[Instrument]:
        return self._catalogue.instruments

    async def history(
        self,
        key: InstrumentKey,
        interval_s: int,
        limit: int,
        *,
        start_ms: int | None = None,
        end_ms: int | None = None,
    ) -> Sequence[Candle]:
        reason = self.why_not(key)
        if reason is not None:
            raise FeedRejectedError(reason)
        instrument = self._catalogue.find(key)
        if instrument is None:
            raise FeedUnavailableError(f"The instruments of {self._venue.title} are not loaded yet")
        session = self._gate.current()
        if session is None and self._venue.needs_login:
            raise FeedUnavailableError(f"{self._venue.title} gives candles after a login")
        return await self._venue.history(session, instrument, CandleRange(interval_s, limit, start_ms, end_ms))

    def reconnect(self, reason: str) -> bool:
        self._hurry_catalogue()
        return super().reconnect(reason)

    def parts(self) -> Sequence[FeedPart]:
        return list(self._connections())

    def _connections(self) -> Iterable[LaneConnection]:
        return [connection for fleet in self._fleets.values() for connection in fleet]

    def _send_subscribe(self, wishes: Sequence[Subscription]) -> None:
        self._admit(wishes)

    def _send_unsubscribe(self, wishes: Sequence[Subscription]) -> None:
        self._let_go(wishes)

    def _session_changed(self) -> None:
        """Replace every connection: after a log-out the new ones wait for the next login."""
        is_in = self._gate.current() is not None
        self._renew("There is a new login" if is_in else "Logged out")
        if is_in and not self._catalogue.is_loaded:
            self._keep_catalogue()  # a list that needs the login is asked for at once, not at the next try

    def _catalogue_changed(self) -> None:
        if self._catalogue.is_loaded:
            self._check_wishes()
        self._judge()

    def _hurry_catalogue(self) -> None:
        """Ask at once for a list that could not be had: the next try may be minutes away."""
        if self._catalogue.why_missing:
            self._keep_catalogue()

    def _keep_catalogue(self) -> None:
        if self._catalogue_keeping is not None:
            self._catalogue_keeping.cancel()
        if self._keeping is not None:
            self._catalogue_keeping = self._tasks.spawn(self._keeping(), f"{self.name}-instruments")

    def _with_figures(self) -> Iterable[Instrument]:
        """The instruments that are wanted in a mode that shows what the venue tells to requests alone."""
        assert self._venue.polled is not None
        for key in self._needs:
            mode, instrument = self._needs.mode(key), self._catalogue.find(key)
            if mode is not None and mode >= self._venue.polled.mode and instrument is not None:
                yield instrument

    # wishes → instruments in a mode → lanes

    def _admit(self, wishes: Sequence[Subscription]) -> None:
        """Ask for `wishes`, and refuse those that nothing can be asked for."""
        admitted: list[Subscription] = []
        for wish in wishes:
            reason = self.why_not(wish.key)
            if reason is not None:
                self._let_go([wish])
                self._reject(wish, reason)
            elif self._catalogue.is_loaded:
                admitted.append(wish)
        changed = self._needs.add(admitted)
        self._unconfirmed.update(wish.key for wish in admitted)
        self._carry(changed)

    def _let_go(self, wishes: Sequence[Subscription]) -> None:
        changed = self._needs.remove(wishes)
        gone = [key for key, mode in changed.items() if mode is None]
        for fleet in self._fleets.values():
            fleet.let_go(gone)
        self._unconfirmed.difference_update(gone)
        for key in gone:
            self._carried.pop(key, None)
        self._carry({key: mode for key, mode in changed.items() if mode is not None})
        self._judge()  # what was broken may be gone with what it carried

    def _carry(self, modes: Mapping[InstrumentKey, Mode]) -> None:
        """Put instruments on the lanes that carry their modes, and take them off the others."""
        by_lane: dict[str, list[Want]] = {name: [] for name in self._fleets}
        for key, mode in modes.items():
            instrument = self._catalogue.find(key)
            if instrument is None:
                continue
            self._carried[key] = _names(instrument)
            want = Want(instrument, mode)
            for name in self._venue.route(want):
                by_lane[name].append(want)
        for name, wants in by_lane.items():
            fleet = self._fleets[name]
            wanted = {want.key for want in wants}
            fleet.let_go([key for key in modes if key not in wanted and key in fleet])
            if wants:
                self._refuse_crowded(fleet, fleet.want(wants))

    def _refuse_crowded(self, fleet: Fleet, keys: Sequence[InstrumentKey]) -> None:
        for key in keys:
            what = f"{fleet.room} {fleet.lane.carries}"
            self._refuse(key, f"{self._venue.title} carries {what} at most, and has them already")

    def _refuse(self, key: InstrumentKey, reason: str) -> None:
        wishes = self._needs.wishes(key)
        self._let_go(wishes)
        for wish in wishes:
            self._reject(wish, reason)

    def _check_wishes(self) -> None:
        """The catalogue is new.

        Refuse what does not exist any more, ask anew for what has another token now, try again what was refused,
        admit what waited for it: in this order, for the token of what is gone may be that of something new.
        """
        rejected = self.wishes.rejected()
        self._admit([wish for wish in self.wishes if wish.key in self._needs and self.why_not(wish.key) is not None])
        self._carry_renamed()
        self._admit(self.wishes.reopen(rejected))
        self._admit([wish for wish in self.wishes if self.wishes.is_pending(wish) and wish.key not in self._needs])

    def _carry_renamed(self) -> None:
        """Tokens are given anew: the one of an expired contract belongs to another one later."""
        renamed: dict[InstrumentKey, Mode] = {}
        for key, names in self._carried.items():
            instrument, mode = self._catalogue.find(key), self._needs.mode(key)
            if instrument is not None and mode is not None and _names(instrument) != names:
                renamed[key] = mode
        if renamed:
            for fleet in self._fleets.values():
                fleet.let_go(renamed)
            self._carry(renamed)

    # what the connections tell

    def connection_opened(self, connection: LaneConnection) -> None:
        self._hurry_catalogue()  # the network may be back
        if connection.made == 1:
            return
        self.counters["reconnects"] += 1
        self._unconfirmed |= connection.keys
        self.wishes.reopen(wish for key in connection.keys for wish in self._needs.wishes(key))
        self._admit(self.wishes.reopen(self.wishes.rejected()))

    def connection_said(self, connection: LaneConnection, events: Sequence[Event]) -> None:
        ticks = [event for event in events if type(event) is Tick]
        if len(ticks) != len(events):
            for event in events:
                if type(event) is not Tick:
                    self._take(connection, event)
        if ticks:
            if self._unconfirmed:
                self._confirm_keys({tick.key for tick in ticks})
            self._publish(ticks if self._figures is None else self._figures.joined(ticks))

    def _take(self, connection: LaneConnection, event: Event) -> None:
        if isinstance(event, Acked):
            self._confirm_keys(event.keys)
        elif isinstance(event, Refused):
            self.counters["refusals"] += 1
            self._refuse(event.key, event.reason)
        elif isinstance(event, SessionOver):
            self.counters["sessions_over"] += 1
            self._gate.refuse(connection.session, event.reason)
            self._renew(event.reason)
        elif isinstance(event, Skipped):
            self.counters[event.what] += 1
        elif isinstance(event, ConnectionOver):
            self.counters["closings"] += 1
        elif isinstance(event, NatureKnown) and self._sink is not None:
            self._sink.report(event)

    def _confirm_keys(self, keys: Iterable[InstrumentKey]) -> None:
        confirmed = self._unconfirmed.intersection(keys)
        if confirmed:
            self._unconfirmed -= confirmed
            self._confirm([wish for key in confirmed for wish in self._needs.wishes(key)])

    def connection_garbled(self, connection: LaneConnection, error: DecodeError) -> None:
        self.counters["decode_errors"] += 1
        now = time.monotonic()
        if now - self._garbage_logged_at >= _GARBAGE_LOG_INTERVAL_S:
            self._garbage_logged_at = now
            total = self.counters["decode_errors"]
            _log.warning("Undecodable frame from %s (%d so far): %s", self._venue.title, total, error)

    def connection_changed(self) -> None:
        self._judge()

    def _judge(self) -> None:
        """Report the worst of all connections, or that there is no login or no list of instruments."""
        if self._sink is None:
            return
        if self._gate.why_closed:
            self._report_state(FeedState.FAILED, self._gate.why_closed, needs_login=True)
            return
        connections = list(self._connections())
        worst = min(connections, key=lambda each: _WORST_FIRST.index(each.state), default=None)
        if worst is None:
            return
        if worst.state is FeedState.LIVE and self._catalogue.why_missing:  # connected, and nothing can be asked for
            reason = self._catalogue.why_missing
            self._report_state(FeedState.FAILED, f"Its list of instruments is not there, and asked for again: {reason}")
            return
        detail = worst.detail
        if detail and len(connections) > 1:
            lane = f" ({worst.lane})" if len(self._fleets) > 1 else ""
            detail = f"Connection {worst.number + 1}{lane} of {len(connections)}: {detail}"
        self._report_state(worst.state, detail, attempt=worst.attempt)

    def _renew(self, reason: str) -> None:
        for fleet in self._fleets.values():
            fleet.renew(reason)


def _names(instrument: Instrument) -> tuple[str, str]:
    """What conversations ask for `instrument` by."""
    return instrument.token, instrument.broker_symbol
