"""Keeps the instruments of a venue that is asked for them (REST), rather than serving them as files, up to date."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Protocol

from adapters.catalogue import Catalogue, indexed
from adapters.master_news import Updated, compare
from adapters.master_shelf import MasterShelf
from adapters.masters import Master, check_size, filled
from adapters.reconnect import Backoff
from market.errors import OpenAlgoError, StorageError
from market.instruments import Instrument, InstrumentKey

_log = logging.getLogger(__name__)

REFRESH_S = 6 * 3600.0
_NEVER_WHOLE = 0.0
"""When a list was fetched that lacks a part: so long ago that the next start asks anew."""

Fetch = Callable[[], Awaitable[Master]]
"""Asks the venue for everything it lists; raises as requests do."""


class Lister(Protocol):
    """The requests of a venue, as far as its list goes."""

    async def instruments(self) -> Master:
        """Everything that is listed; raises as requests do."""

    async def close(self) -> None:
        """Close every connection."""


def asking(make: Callable[[], Lister]) -> Fetch:
    """Return what asks a venue for its list, over connections that are made for it and closed after it."""

    async def fetch() -> Master:
        lister = make()
        try:
            return await lister.instruments()
        finally:
            await lister.close()

    return fetch


class ListingKeeper:
    """One venue's list: from the shelf at once, from the venue whenever that is older than `refresh_s`.

    Where the venue gives all but a part, what was known of that part is kept, and the list asked for again soon.

    Args:
        name: of the venue, for the shelf.
        title: for the log.
        fetch: asks the venue.
        shelf: where lists are kept, None keeps them in memory alone.
        catalogue: what is filled.
    """

    def __init__(
        self,
        name: str,
        title: str,
        fetch: Fetch,
        shelf: MasterShelf | None,
        catalogue: Catalogue,
        *,
        refresh_s: float = REFRESH_S,
        retry_s: float = 5.0,
    ) -> None:
        self._name = name
        self._title = title
        self._fetch = fetch
        self._shelf = shelf
        self._catalogue = catalogue
        self._by_key: dict[InstrumentKey, Instrument] = {}
        self._refresh_s = refresh_s
        self._backoff = Backoff(first_s=retry_s, cap_s=300.0)
        self._lacking = Backoff(first_s=retry_s, cap_s=3600.0)  # most of the list is there: no hurry

    async def keep(self) -> None:
        """Runs until cancelled."""
        fetched_ms = await self.load()
        # A clock that went back does not make a list fresh for ever.
        age_s = self._refresh_s if fetched_ms is None else max(0.0, time.time() - fetched_ms / 1000.0)
        while True:
            await asyncio.sleep(max(0.0, self._refresh_s - age_s))
            try:
                lacks = (await self.update()).master.lacks
            except OpenAlgoError as exc:
                _log.info("The instruments of %s are not available: %s", self._title, exc)
                self._catalogue.not_had(str(exc))
                age_s = self._refresh_s - self._backoff.next_delay(asyncio.get_running_loop().time())
                continue
            except Exception:  # noqa: BLE001 - a list that surprises the reader must not end the asking
                _log.exception("The instruments of %s cannot be read", self._title)
                self._catalogue.not_had("It cannot be read; the log says more")
                age_s = self._refresh_s - self._backoff.next_delay(asyncio.get_running_loop().time())
                continue
            self._backoff.reset()
            if lacks:
                age_s = self._refresh_s - self._lacking.next_delay(asyncio.get_running_loop().time())
            else:
                self._lacking.reset()
                age_s = 0.0

    async def load(self) -> float | None:
        """Take over what is on the shelf; returns when it was fetched (ms since 1970 UTC), None if nothing is there."""
        shelved = await asyncio.to_thread(self._shelf.load, self._name) if self._shelf is not None else None
        if shelved is None:
            return None
        await self._take(shelved.master)
        return shelved.fetched_ms

    async def update(self) -> Updated:
        """Ask for the list, keep it and take it over. A list that cannot be kept is used all the same.

        Raises:
            DecodeError: the answer is empty, or far shorter than what is known.
            FeedError: the venue does not answer, or refuses.
        """
        old = self._by_key
        master = await self._fetch()
        lacks = master.lacks
        if not lacks:
            check_size(self._title, len(master.instruments), len(self._catalogue))
        if lacks:
            for lack in lacks:
                _log.info("The instruments of %s go without %s: %s", self._title, lack.what, lack.reason)
            today = datetime.now(UTC).date()
            master = await asyncio.to_thread(filled, master, self._catalogue.instruments, today)
        if self._shelf is not None:
            fetched_ms = _NEVER_WHOLE if lacks else time.time() * 1000.0
            try:
                master = await asyncio.to_thread(self._shelf.keep, self._name, master, fetched_ms)
            except StorageError as exc:
                _log.warning("The instruments of %s are used, but not kept: %s", self._title, exc)
        await self._take(master)
        news = await asyncio.to_thread(compare, old, self._by_key, datetime.now(UTC).date())
        skipped = f"; {master.skipped.total():,} rows without a name" if master.skipped else ""
        count = f"{len(master.instruments):,}"
        _log.info("Instruments of %s: %s, %s%s", self._title, count, news.summary(), skipped)
        return Updated(dataclasses.replace(master, lacks=lacks), news)

    async def _take(self, master: Master) -> None:
        self._by_key = await asyncio.to_thread(indexed, master.instruments)
        self._catalogue.replace(master.instruments, self._by_key)
