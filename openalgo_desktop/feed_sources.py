"""Where prices come from, put together: the feeds that were asked for, and the logins that some need. Qt-free."""

from __future__ import annotations

import asyncio
import contextlib
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
        options = self._options
        settings = FeedSettings(
            calendar=calendar,
            today=today,
            endpoints=options.endpoints,
            zmq_host=options.zmq_host,
            zmq_port=options.zmq_port,
            nats_url=options.nats_url,
            sessions=self.sessions,
            masters=self._profile / MASTERS_FOLDER,
        )
        try:
            return [create_feed(spec, settings) for spec in options.feeds]
        except InvalidRequestError as error:
            raise UsageError(str(error)) from None

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
        for task in tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _notice(self) -> None:
        while True:
            await asyncio.sleep(_NOTICE_EVERY_S)
            try:
                await self.sessions.notice_changes()
            except StorageError as error:
                _log.warning("Logins made elsewhere cannot be looked for: %s", error)
