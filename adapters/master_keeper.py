"""Keeps a broker's instruments up to date: from the shelf at once, from the broker every morning."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from adapters.broker_table import Broker, Endpoints
from adapters.catalogue import Catalogue, indexed
from adapters.collector import pausing
from adapters.downloads import Progress, download, unpacked
from adapters.master_news import Updated, compare
from adapters.master_shelf import MasterShelf
from adapters.masters import Master, MasterFile, MasterPlan, check_size
from adapters.reconnect import Backoff
from adapters.rollover import next_rollover_ms
from adapters.transport import HttpClient, Limits
from market.errors import FeedRejectedError, OpenAlgoError, StorageError
from market.instruments import Instrument, InstrumentKey
from market.logins import BrokerSession, SessionSource

_log = logging.getLogger(__name__)

REFRESH_HOUR_IST = 8.6
"""Brokers make the new list between eight and half past eight."""

_LOGIN_CHECK_S = 5.0
_NEVER_WHOLE = 0.0
"""When a list was fetched that lacks what needs a login: so long ago that it is fetched anew once there is one."""

_LIMITS = Limits(request_timeout_s=60.0)


class MasterKeeper:
    """One broker's list.

    Args:
        broker: its row, which has a plan.
        endpoints: resolved base addresses.
        shelf: where lists are kept, None keeps them in memory alone.
        catalogue: what is filled with the list.
        sessions: where the login is read, for files that need one. Without it they are left out until it is there.
    """

    def __init__(
        self,
        broker: Broker,
        endpoints: Endpoints,
        shelf: MasterShelf | None,
        catalogue: Catalogue,
        sessions: SessionSource | None = None,
    ) -> None:
        assert broker.masters is not None, f"{broker.name} has no plan of a list"
        self._broker = broker
        self._plan: MasterPlan = broker.masters
        self._endpoints = endpoints
        self._shelf = shelf
        self._catalogue = catalogue
        self._sessions = sessions
        self._is_whole = True
        self._by_key: dict[InstrumentKey, Instrument] = {}

    @property
    def is_whole(self) -> bool:
        """Whether the last update had every file of the plan: some need a login."""
        return self._is_whole

    async def keep(self) -> None:
        """Load what is on the shelf, and fetch anew whenever that is of yesterday. Runs until cancelled."""
        fetched_ms = await self.load()
        backoff = Backoff(first_s=5.0, cap_s=900.0)
        while True:
            now_ms = time.time() * 1000.0
            due_ms = next_rollover_ms(fetched_ms, REFRESH_HOUR_IST) if fetched_ms is not None else now_ms
            if due_ms > now_ms:
                await asyncio.sleep(min(60.0, (due_ms - now_ms) / 1000.0))
                continue
            if fetched_ms is not None and self._needs_login():
                await asyncio.sleep(_LOGIN_CHECK_S)  # an old list that is whole is better than a new one that is not
                continue
            try:
                await self.update()
            except OpenAlgoError as exc:
                _log.info("The instruments of %s cannot be fetched: %s", self._broker.title, exc)
                self._catalogue.not_had(str(exc))
                await asyncio.sleep(max(1.0, backoff.next_delay(asyncio.get_running_loop().time())))
                continue
            except Exception:  # noqa: BLE001 - a list that surprises the reader must not end the asking
                _log.exception("The instruments of %s cannot be read", self._broker.title)
                self._catalogue.not_had("It cannot be read; the log says more")
                await asyncio.sleep(max(1.0, backoff.next_delay(asyncio.get_running_loop().time())))
                continue
            backoff.reset()
            fetched_ms = self._fetched_ms()

    async def load(self) -> float | None:
        """Take over what is on the shelf; returns when it was fetched (ms since 1970 UTC), None if nothing is there."""
        if self._shelf is None:
            return None
        shelved = await asyncio.to_thread(self._shelf.load, self._broker.name)
        if shelved is None:
            return None
        await self._take(shelved.master)
        return shelved.fetched_ms

    async def update(self, progress: Callable[[Progress], None] = lambda _: None) -> Updated:
        """Fetch the list, keep it, and take it over.

        Raises:
            FeedError: the broker does not answer, or refuses.
            DecodeError: what it sent is not its list, or far shorter than the one before.
            StorageError: it cannot be kept; it is taken over all the same. Any other failure leaves all as it was.
        """
        session = self._session()
        wanted = [each for each in self._plan.files if session is not None or not each.needs_session]
        self._is_whole = len(wanted) == len(self._plan.files)
        if not self._is_whole:
            _log.info("Some lists of %s need a login; they are left out until then", self._broker.title)
        files = {}
        roles = {each.endpoint for each in wanted}
        clients = {role: HttpClient(self._endpoints[role], limits=_LIMITS) for role in roles}
        try:
            for file in wanted:
                headers = self._headers(file, session)
                try:
                    files[file.name] = await self._fetched(clients[file.endpoint], file, headers, progress)
                except FeedRejectedError as exc:
                    if not file.is_optional:
                        raise
                    _log.info("The instruments of %s go without %s: %s", self._broker.title, file.name, exc)
        finally:
            for client in clients.values():
                await client.close()
        return await self.take_files(files)

    async def take_files(self, files: dict[str, bytes], *, is_partial: bool = False) -> Updated:
        """Read `files`, keep and take over what they say. `is_partial`: they may be fewer instruments than before.

        Raises as `update` does.
        """
        master = await asyncio.to_thread(self._parsed, files)
        check_size(self._broker.title, len(master.instruments), 0 if is_partial else len(self._by_key))
        failure: StorageError | None = None
        if self._shelf is not None:
            try:
                master = await asyncio.to_thread(self._shelf.keep, self._broker.name, master, self._fetched_ms())
            except StorageError as exc:
                failure = exc
        old = self._by_key
        await self._take(master)
        today = (datetime.now(UTC) + timedelta(hours=5, minutes=30)).date()
        news = await asyncio.to_thread(compare, old, self._by_key, today)
        skipped = f"; {master.skipped.total():,} rows without a name" if master.skipped else ""
        _log.info(
            "Instruments of %s: %s, %s%s", self._broker.title, f"{len(master.instruments):,}", news.summary(), skipped
        )
        if failure is not None:
            raise failure
        return Updated(master, news)

    def _parsed(self, files: dict[str, bytes]) -> Master:
        with pausing():
            return self._plan.parse(files)

    def _session(self) -> BrokerSession | None:
        session = self._sessions.current(self._broker.name) if self._sessions is not None else None
        return None if session is None or session.is_over(time.time() * 1000.0) else session

    def _fetched_ms(self) -> float:
        return time.time() * 1000.0 if self._is_whole else _NEVER_WHOLE

    def _needs_login(self) -> bool:
        """Whether a list that is fetched now is not whole, because there is no login."""
        return any(each.needs_session for each in self._plan.files) and self._session() is None

    def _headers(self, file: MasterFile, session: BrokerSession | None) -> Mapping[str, str]:
        make = self._broker.master_headers
        return make(session) if file.needs_session and session is not None and make is not None else {}

    async def _fetched(
        self, http: HttpClient, file: MasterFile, headers: Mapping[str, str], progress: Callable[[Progress], None]
    ) -> bytes:
        if self._shelf is None:
            body = await (
                http.get(file.path, headers=headers)
                if file.payload is None
                else http.post(file.path, file.payload, headers=headers)
            )
            return await asyncio.to_thread(unpacked, body)
        part = self._shelf.folder / "parts" / f"{self._broker.name}.{file.name}.part"
        return await download(http, file.path, part, headers=headers, payload=file.payload, progress=progress)

    async def _take(self, master: Master) -> None:
        by_key = await asyncio.to_thread(indexed, master.instruments)
        self._by_key = by_key
        self._catalogue.replace(master.instruments, by_key)
