"""What the engine does again and again: judge what is alive, notice what other processes changed, tidy up."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import NamedTuple

from market.feeds import Feed
from market.instruments import Instrument
from services.instruments import InstrumentDirectory

logger = logging.getLogger(__name__)

_ROUND_S = 1.0


class Job(NamedTuple):
    """Something to do every so many seconds; what `do` returns is awaited, if it can be."""

    every_s: int
    do: Callable[[], object]


class Housekeeping:
    """Does its jobs in their order, every second those that are due.

    One that fails keeps no other from being done, and is said once until it works again.
    """

    def __init__(self, *jobs: Job) -> None:
        self._jobs = jobs
        self._failing: set[Job] = set()

    async def run(self) -> None:
        """Until cancelled."""
        rounds = 0
        while True:
            await asyncio.sleep(_ROUND_S)
            rounds += 1
            for job in self._jobs:
                if rounds % job.every_s == 0:
                    await self._do(job)

    async def _do(self, job: Job) -> None:
        try:
            done = job.do()
            if isinstance(done, Awaitable):
                await done
        except Exception:  # who judges what is alive must not die of one round
            if job not in self._failing:
                logger.exception("A job of the housekeeping failed")
            self._failing.add(job)
        else:
            self._failing.discard(job)


class DirectoryFeeder:
    """Hands the instruments of feeds to the search.

    Args:
        feeds: the preferred one first: of an instrument that several know, its details are those of the first.
    """

    def __init__(self, feeds: Sequence[Feed], directory: InstrumentDirectory) -> None:
        self._feeds = feeds
        self._directory = directory
        self._versions: dict[str, int] = {}

    async def refresh(self) -> None:
        """Take over the instruments of feeds that have learnt of more since the last time."""
        for place, feed in enumerate(self._feeds):
            version = feed.instruments_version
            if version != self._versions.get(feed.name, 0):
                self._versions[feed.name] = version
                await asyncio.to_thread(self._add, feed, self._feeds[:place])

    def _add(self, feed: Feed, preferred: Sequence[Feed]) -> None:
        instruments: Iterable[Instrument] = feed.instruments()
        if preferred:
            instruments = [each for each in instruments if not any(other.listing(each.key) for other in preferred)]
        self._directory.add(instruments)
