"""Where prices come from, put together: the feeds that were asked for, and the logins that some need. Qt-free."""

from __future__ import annotations

import asyncio
import logging
from datetime import date
from pathlib import Path

from adapters.broker_factory import FeedSettings, create_feed
from market.errors import InvalidRequestError, StorageError
from market.feeds import Feed
from market.sessions import SessionCalendar
from openalgo_desktop.broker_logins import BrokerLogins
from openalgo_desktop.failures import UsageError
from openalgo_desktop.options import EngineOptions
from openalgo_desktop.source_check import check_source
from openalgo_desktop.typed_commands import MASTERS_FOLDER
from services.broker_session import BrokerSessions
from services.login_drawer import LoginDrawer
from services.storage.database import Storage
from services.vault import Vault

_log = logging.getLogger(__name__)

_NOTICE_EVERY_S = 3.0


class FeedSources:
    """Makes the feeds, and keeps their logins. `sessions` is what the window logs in with."""

    def __init__(self, options: EngineOptions, profile: Path, storage: Storage, vault: Vault) -> None:
        self._options = options
        self._profile = profile
        self.sessions = BrokerSessions(BrokerLogins(options.endpoints), LoginDrawer(storage, vault))
        self._settings: FeedSettings | None = None
        self._keeping: asyncio.Task[None] | None = None
        self._noticing: asyncio.Task[None] | None = None

    def make(self, calendar: SessionCalendar, today: date) -> list[Feed]:
        """Return the feeds, not started yet.

        Args:
            calendar: of the demonstration, which moves at any hour.
            today: in India.

        Raises:
            UsageError: one of them cannot be made so.
        """
        settings = self._settings = self._settings_of(calendar, today)
        try:
            return [create_feed(spec, settings) for spec in self._options.feeds]
        except InvalidRequestError as error:
            raise UsageError(str(error)) from None

    async def check(self, source: str) -> str:
        """Try a source that is not in use; returns what is wrong with it, or an empty text."""
        if self._settings is None:
            return "Sources cannot be tried before the start"
        return await check_source(source, self._settings)

    def _settings_of(self, calendar: SessionCalendar, today: date) -> FeedSettings:
        options = self._options
        return FeedSettings(
            calendar=calendar,
            today=today,
            endpoints=options.endpoints,
            zmq_host=options.zmq_host,
            zmq_port=options.zmq_port,
            nats_url=options.nats_url,
            sessions=self.sessions,
            masters=self._profile / MASTERS_FOLDER,
        )

    def start(self) -> None:
        """Begin to renew logins, and to notice those made by another process on this profile."""
        loop = asyncio.get_running_loop()
        self._keeping = loop.create_task(self.sessions.keep_renewed(), name="logins-renewed")
        self._noticing = loop.create_task(self._notice(), name="logins-noticed")

    async def stop(self) -> None:
        """End both. Safe to call twice, and before `start`."""
        tasks = [task for task in (self._keeping, self._noticing) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _notice(self) -> None:
        while True:
            await asyncio.sleep(_NOTICE_EVERY_S)
            try:
                await self.sessions.notice_changes()
            except StorageError as error:
                _log.warning("Logins made elsewhere cannot be looked for: %s", error)
