"""Prices for programs that ask instead of listening: what is known is answered at once, what nobody watches is watched.

A watched instrument stays watched for a while, so that one that is polled is answered from memory. A price that was
known before the watching began is old, and is never answered. Used on the loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from market.feeds import FeedState
from market.instruments import InstrumentKey
from market.modes import Mode
from market.subscriptions import Subscription
from market.ticks import Tick, Update
from services.ports import MarketDesk

HOLDER = "http"
UNKNOWN, FULL, SILENT = "INVALID_SYMBOLS", "CAPACITY_EXCEEDED", "BROKER_UNAVAILABLE"


class QuoteDesk(MarketDesk, Protocol):
    """What is asked of the desk besides."""

    def is_wanted(self, wish: Subscription) -> bool:
        """Whether anybody wants `wish`."""


class TickSource(Protocol):
    """Who tells of new ticks: the market data service."""

    def add_tick_listener(self, callback: Callable[[Sequence[Update]], object]) -> int:
        """Call `callback` with every batch; returns an id."""

    def unsubscribe_from_updates(self, subscriber_id: int) -> bool:
        """Stop calling it."""


class NoPrice(NamedTuple):
    """Why there is no price, as a sentence, and its code."""

    reason: str
    code: str


class Patience(NamedTuple):
    """Seconds: how long a price is waited for, how long for the rest of it, how long an idle one is kept."""

    first_s: float = 2.0
    rest_s: float = 0.5
    idle_s: float = 60.0
    most: int = 1_000
    """Instruments watched at the same time."""


@dataclass(slots=True)
class _Watch:
    since_ms: float
    complete_by_s: float
    used_s: float
    users: int = 0


class LiveQuotes:
    """Asks the desk for what programs want to know, in the name of one holder."""

    def __init__(self, desk: QuoteDesk, ticks: TickSource, *, patience: Patience | None = None) -> None:
        self._desk = desk
        self._ticks = ticks
        self._patience = patience or Patience()
        self._watched: OrderedDict[Subscription, _Watch] = OrderedDict()
        self._awaited: list[tuple[frozenset[InstrumentKey], asyncio.Event]] = []
        self._listener: int | None = None
        self._sweeper: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._watched)

    async def of(self, keys: Iterable[InstrumentKey], mode: Mode) -> dict[InstrumentKey, Tick | NoPrice]:
        """What is known of each of `keys`, waited for a little while if it is not known yet."""
        wishes = [Subscription(key, mode) for key in dict.fromkeys(keys)]
        answers: dict[InstrumentKey, Tick | NoPrice] = self._watch(wishes)
        open_wishes = [wish for wish in wishes if wish.key not in answers]
        try:
            await self._collect(open_wishes, answers)
        finally:
            self._done_with(open_wishes)
        for wish in open_wishes:
            if wish.key not in answers:
                answers[wish.key] = self._in_time(wish)
        return answers

    def close(self) -> None:
        """Watch nothing any more; whoever waits is answered at once."""
        if self._sweeper is not None:
            self._sweeper.cancel()
            self._sweeper = None
        self._let_go(list(self._watched))
        for _, event in self._awaited:
            event.set()

    # --- watching

    def _watch(self, wishes: Sequence[Subscription]) -> dict[InstrumentKey, Tick | NoPrice]:
        """Watch `wishes`; returns those that cannot be."""
        loop = asyncio.get_running_loop()
        now_s = loop.time()
        for wish in wishes:
            watch = self._watched.get(wish)
            if watch is not None:
                watch.used_s, watch.users = now_s, watch.users + 1
                self._watched.move_to_end(wish)
        fresh = [wish for wish in wishes if wish not in self._watched]
        room = self._make_room(len(fresh))
        refused: dict[InstrumentKey, Tick | NoPrice] = {
            wish.key: NoPrice(f"{self._patience.most} instruments are being watched, and no more can be", FULL)
            for wish in fresh[room:]
        }
        since_ms = time.time() * 1000.0
        were_wanted = [self._desk.is_wanted(wish) for wish in fresh[:room]]
        outcomes = self._desk.subscribe(HOLDER, fresh[:room])
        for wish, was_wanted, outcome in zip(fresh[:room], were_wanted, outcomes, strict=True):
            if outcome.error is not None:
                refused[wish.key] = NoPrice(outcome.error, outcome.code or SILENT)
                continue
            began_ms = 0.0 if was_wanted else since_ms
            self._watched[wish] = _Watch(began_ms, now_s + self._patience.rest_s, now_s, 1)
        if self._watched and self._sweeper is None:
            self._sweeper = loop.call_later(self._patience.idle_s / 4, self._sweep)
        return refused

    def _make_room(self, wanted: int) -> int:
        """Let go of what was used longest ago and nobody waits for; returns how many of `wanted` there is room for."""
        excess = len(self._watched) + wanted - self._patience.most
        if excess > 0:
            idle = [wish for wish, watch in self._watched.items() if not watch.users]
            self._let_go(idle[:excess])
        return max(0, min(wanted, self._patience.most - len(self._watched)))

    def _done_with(self, wishes: Iterable[Subscription]) -> None:
        now_s = asyncio.get_running_loop().time()
        for wish in wishes:
            watch = self._watched.get(wish)
            if watch is not None:
                watch.users -= 1
                watch.used_s = now_s

    def _let_go(self, wishes: Sequence[Subscription]) -> None:
        for wish in wishes:
            del self._watched[wish]
        if wishes:
            self._desk.unsubscribe(HOLDER, wishes)

    def _sweep(self) -> None:
        loop = asyncio.get_running_loop()
        until_s = loop.time() - self._patience.idle_s
        self._let_go([wish for wish, watch in self._watched.items() if not watch.users and watch.used_s <= until_s])
        self._sweeper = loop.call_later(self._patience.idle_s / 4, self._sweep) if self._watched else None

    # --- waiting

    async def _collect(self, wishes: Sequence[Subscription], answers: dict[InstrumentKey, Tick | NoPrice]) -> None:
        loop = asyncio.get_running_loop()
        deadline_s = loop.time() + self._patience.first_s
        event = asyncio.Event()
        entry = frozenset(wish.key for wish in wishes), event
        self._awaited.append(entry)
        self._listen()
        try:
            missing = list(wishes)
            while True:
                event.clear()
                missing = self._look(missing, answers)
                pause_s = self._pause_s(missing, loop.time(), deadline_s)
                if not missing or pause_s <= 0.0:
                    return
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(event.wait(), pause_s)
        finally:
            self._awaited.remove(entry)
            self._listen()

    def _look(self, wishes: Sequence[Subscription], answers: dict[InstrumentKey, Tick | NoPrice]) -> list[Subscription]:
        """Take over what is known by now; returns what is still missing."""
        dead = {status.feed for status, _ in self._desk.feeds() if status.state is not FeedState.LIVE}
        now_s = asyncio.get_running_loop().time()
        missing = []
        for wish in wishes:
            tick = self._known(wish, now_s)
            if tick is None or tick.source in dead:
                missing.append(wish)
            else:
                answers[wish.key] = tick
        return missing

    def _known(self, wish: Subscription, now_s: float) -> Tick | None:
        """The value of a watched instrument, if it is newer than the watching and as complete as it gets."""
        watch, tick = self._watched.get(wish), self._desk.last(wish.key)
        if watch is None or tick is None or tick.ltp is None or tick.received_ms < watch.since_ms:
            return None
        return tick if _is_complete(tick, wish.mode) or now_s >= watch.complete_by_s else None

    def _pause_s(self, missing: Sequence[Subscription], now_s: float, deadline_s: float) -> float:
        """How long to wait at most: to the deadline, or to when an incomplete price is good enough."""
        by_s = [watch.complete_by_s for wish in missing if (watch := self._watched.get(wish)) is not None]
        if not by_s:  # nobody watches any more
            return 0.0
        # Half a millisecond more, so that the timer does not ring before the time it is set to.
        moments = [moment + 0.0005 for moment in by_s if moment + 0.0005 > now_s]
        return min([deadline_s, *moments]) - now_s

    def _in_time(self, wish: Subscription) -> Tick | NoPrice:
        dead = [status for status, _ in self._desk.feeds() if status.state is not FeedState.LIVE]
        reason = f"No price of {wish.key} arrived within {self._patience.first_s:g} seconds"
        if dead:
            reason += "; " + ", ".join(f"the {status.feed} feed is {status.state}" for status in dead)
        return NoPrice(reason, SILENT)

    def _listen(self) -> None:
        """Listen to ticks only while somebody waits."""
        if self._awaited and self._listener is None:
            self._listener = self._ticks.add_tick_listener(self._on_updates)
        elif not self._awaited and self._listener is not None:
            self._ticks.unsubscribe_from_updates(self._listener)
            self._listener = None

    def _on_updates(self, updates: Sequence[Update]) -> None:
        for keys, event in self._awaited:
            if not event.is_set() and any(update[0][0] in keys for update in updates):
                event.set()


def _is_complete(tick: Tick, mode: Mode) -> bool:
    """Whether `tick` has what a feed sends in `mode`, and not only what somebody else asked for."""
    if mode is Mode.DEPTH:
        return tick.depth is not None
    return mode is Mode.LTP or tick.open is not None or tick.close is not None or tick.bid_price is not None
