"""What a venue tells to requests alone: asked for now and then, and handed on with what its stream tells."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from adapters.venue import Polled
from market.errors import OpenAlgoError
from market.instruments import Instrument, InstrumentKey
from market.ticks import Tick, fold

_log = logging.getLogger(__name__)

_STEP_S = 1.0


class Figures:
    """The polled figures of one feed.

    They wait for the next tick of their instrument: on their own they would make a price that stands still look fresh.

    Args:
        polled: what to ask, and how often.
        wanted: the instruments whose figures are wanted now.
        counters: of the feed; `figures` and `figures_failed` are counted.
    """

    def __init__(self, polled: Polled, wanted: Callable[[], Iterable[Instrument]], counters: Counter[str]) -> None:
        self._polled = polled
        self._wanted = wanted
        self._counters = counters
        self._asked_at: dict[InstrumentKey, float] = {}
        self._waiting: dict[InstrumentKey, Tick] = {}

    async def run(self) -> None:
        """Ask until cancelled. What fails is asked for again when its time comes; the stream goes on without it."""
        while True:
            due = self._due(asyncio.get_running_loop().time())
            if due:
                await self._ask(due)
            await asyncio.sleep(_STEP_S)

    def joined(self, ticks: Sequence[Tick]) -> Sequence[Tick]:
        """Return `ticks` with the figures that waited for them."""
        if self._waiting.keys().isdisjoint(tick.key for tick in ticks):
            return ticks
        return [fold(self._waiting.pop(tick.key), tick) if tick.key in self._waiting else tick for tick in ticks]

    def _due(self, now_s: float) -> list[Instrument]:
        wanted = {instrument.key: instrument for instrument in self._wanted()}
        for gone in (self._asked_at.keys() | self._waiting.keys()) - wanted.keys():
            self._asked_at.pop(gone, None)
            self._waiting.pop(gone, None)
        before = now_s - self._polled.every_s
        due = [instrument for key, instrument in wanted.items() if self._asked_at.get(key, before) <= before]
        self._asked_at.update((instrument.key, now_s) for instrument in due)
        return due

    async def _ask(self, instruments: Sequence[Instrument]) -> None:
        try:
            async for tick in self._polled.ask(instruments):
                self._counters["figures"] += 1
                self._waiting[tick.key] = tick
        except OpenAlgoError:
            self._counters["figures_failed"] += 1
        except Exception:  # noqa: BLE001 - an answer that surprises the reader must not end the asking
            self._counters["figures_failed"] += 1
            _log.exception("Figures that are asked for cannot be read")
