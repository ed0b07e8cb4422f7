"""The feed that needs no account and no network: a random market at any rate, the same at the same seed."""

from __future__ import annotations

import asyncio
import logging
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from datetime import date

from adapters.base_adapter import BaseAdapter
from adapters.simulated.history import MOST_CANDLES, Range, candles_of, recorded_bars
from adapters.simulated.simulation import Simulation
from adapters.simulated.universe import DEPTH_LEVELS, SOURCE, build_listings
from market.candles import Candle
from market.errors import FeedRejectedError, InvalidRequestError
from market.feeds import Capabilities, FeedNature, FeedSink, FeedState
from market.instruments import Instrument, InstrumentKey
from market.modes import Mode
from market.sessions import DAY_MS, MINUTE_MS, SessionCalendar
from market.subscriptions import Subscription
from market.symbols import split_depth_suffix
from market.ticks import Tick

LEAST_RATE, MOST_RATE = 1.0, 50_000.0
_log = logging.getLogger(__name__)

# Those that programs ask for; any number of whole minutes up to a day is answered.
_HISTORY_MINUTES = (1, 2, 3, 5, 10, 15, 20, 30, 60, 120, 180, 240, 1440)
_PAUSE_S = 0.02
_PAUSE_AT_REST_S = 0.25
# From here on a shorter pause keeps the batches small.
_FAST_RATE, _FAST_PAUSE_S = 5_000.0, 0.005
# Subscriptions served in one turn of the loop. Drawing the path of a root takes one or two milliseconds.
_SERVED_PER_TURN, _ROOTS_PER_TURN = 40, 1


def _wall_clock_ms() -> float:
    return time.time() * 1000.0


class SimulatedFeed(BaseAdapter):
    """A market of a few hundred instruments that trade at random.

    `ticks_per_second` (1 to 50,000) is the rate over all subscribed instruments together; None gives each its
    natural rate. Expiries are chosen for `today`. `clock` gives ms since 1970 UTC. Force the sessions of `calendar`
    open to see it move at night.

    Raises:
        InvalidRequestError: the rate is out of range.
    """

    def __init__(
        self,
        *,
        calendar: SessionCalendar,
        today: date,
        ticks_per_second: float | None = None,
        seed: int = 1,
        clock: Callable[[], float] = _wall_clock_ms,
    ) -> None:
        if ticks_per_second is not None and not LEAST_RATE <= ticks_per_second <= MOST_RATE:
            raise InvalidRequestError(
                f"The simulated feed makes 1 to 50,000 ticks a second, not {ticks_per_second:,.10g}"
            )
        listings = build_listings(today, calendar)
        exchanges = frozenset(listing.instrument.key.exchange for listing in listings)
        depths = tuple(sorted({*DEPTH_LEVELS.values()}))
        super().__init__(
            SOURCE,
            Capabilities(
                exchanges=exchanges,
                depth_levels=depths,
                # Who asks for fewer levels than the book has gets its best ones.
                depth_of_exchange={
                    exchange: tuple(levels for levels in depths if levels <= most)
                    for exchange, most in DEPTH_LEVELS.items()
                },
                nature=FeedNature.SIMULATED,
                history_s=tuple(60 * minutes for minutes in _HISTORY_MINUTES),
            ),
        )
        self._simulation = Simulation(listings, calendar, SOURCE, seed, ticks_per_second)
        self._clock = clock
        self._fresh: deque[Subscription] = deque()
        self._serving: asyncio.Handle | None = None
        self._task: asyncio.Task[None] | None = None

    async def start(self, sink: FeedSink) -> None:
        if self._task is not None:
            return
        self._attach(sink)
        self._report_state(FeedState.LIVE, "Simulated prices")
        self._send_subscribe(self.wishes.reopen())
        self._task = asyncio.create_task(self._run(), name="simulated feed")

    async def stop(self) -> None:
        task, self._task = self._task, None
        if self._serving is not None:
            self._serving.cancel()
            self._serving = None
        self._fresh.clear()
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        for key in {wish.key for wish in self.wishes}:
            self._simulation.unfollow(key)
        self._detach()

    def why_not(self, key: InstrumentKey) -> str | None:
        if key in self._simulation.listings:
            return None
        stem, levels = split_depth_suffix(key.symbol)
        listing = self._simulation.listings.get(InstrumentKey(key.exchange, stem))
        if levels is not None and listing is not None:
            return f"The simulated feed takes no depth suffix; subscribe to {stem} for {listing.depth_levels} levels"
        return f"Unknown instrument {key}"

    def instruments(self) -> Iterable[Instrument]:
        return [listing.instrument for listing in self._simulation.listings.values()]

    def listing(self, key: InstrumentKey) -> Instrument | None:
        found = self._simulation.listings.get(key)
        return found.instrument if found is not None else None

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
        if interval_s < 60 or interval_s % 60 or interval_s * 1000 > DAY_MS:
            raise FeedRejectedError(
                f"The simulated feed has candles of whole minutes up to a day, not of {interval_s} s"
            )
        simulation = self._simulation
        walk = simulation.walk(key, self._clock())
        wanted = Range(min(limit, MOST_CANDLES), start_ms or 0, sys.maxsize if end_ms is None else end_ms)
        return await asyncio.to_thread(
            candles_of,
            walk,
            recorded_bars(walk.spot),
            walk.last,
            simulation.seed,
            simulation.calendar,
            interval_s // 60 * MINUTE_MS,
            wanted,
        )

    def publish_due(self) -> None:
        """Publish what traded since the last call, by the clock. A timer calls it between `start` and `stop`."""
        ticks = self._simulation.due(self._clock())
        if ticks:
            self._publish(ticks)

    def _send_subscribe(self, wishes: Sequence[Subscription]) -> None:
        self._fresh.extend(wishes)
        if self._fresh and self._serving is None:
            self._serving = asyncio.get_running_loop().call_soon(self._serve)

    def _send_unsubscribe(self, wishes: Sequence[Subscription]) -> None:
        for key in dict.fromkeys(wish.key for wish in wishes):
            held = [mode for mode in Mode if Subscription(key, mode) in self.wishes]
            self._simulation.unfollow(key, down_to=max(held, default=None))

    def _serve(self) -> None:
        """Answer fresh subscriptions: each with its outcome and everything that is known."""
        self._serving = None
        served: list[Subscription] = []
        refused: list[tuple[Subscription, str]] = []
        ticks: list[Tick] = []
        roots, now_ms = 0, self._clock()
        while self._fresh and len(served) < _SERVED_PER_TURN and roots < _ROOTS_PER_TURN:
            wish = self._fresh.popleft()
            if wish not in self.wishes:
                continue
            reason = self.why_not(wish.key)
            if reason is not None:
                refused.append((wish, reason))
                continue
            roots += not self._simulation.knows_root(wish.key)
            served.append(wish)
            ticks.append(self._simulation.follow(wish.key, wish.mode, now_ms))
        if self._fresh:
            self._serving = asyncio.get_running_loop().call_soon(self._serve)
        for wish, reason in refused:
            self._reject(wish, reason)
        if served:
            self._confirm(served)
            self._publish(ticks)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._pause_s())
            try:
                self.publish_due()
            except Exception:  # noqa: BLE001 - whatever a sink raises, the next batch is due all the same
                self.counters["failures"] += 1
                _log.exception("The simulated feed could not publish a batch")

    def _pause_s(self) -> float:
        if self._simulation.backlog >= 1:
            return 0.0
        rate = self._simulation.rate
        if not rate:
            return _PAUSE_AT_REST_S
        return _FAST_PAUSE_S if rate > _FAST_RATE else _PAUSE_S
