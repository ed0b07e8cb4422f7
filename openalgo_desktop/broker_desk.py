"""Brokers as the window sees them: logins, instrument lists, how full they are. Qt-free; on the loop alone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from adapters.broker_factory import broker as row_of
from adapters.broker_factory import endpoints_of
from adapters.catalogue import Catalogue
from adapters.downloads import Progress
from adapters.master_keeper import MasterKeeper
from adapters.master_shelf import MasterShelf
from market.errors import OpenAlgoError
from market.logins import LoginForm
from openalgo_desktop.browser_login import log_in_by_browser, redirect_url
from openalgo_desktop.typed_commands import MASTERS_FOLDER
from services.broker_session import BrokerSessions, LoginState
from services.result import ErrorCode, Result

Tell = Callable[[str, int, int | None], None]
"""`tell(file, done, total)`: how far a download is, in bytes; `total` None where it is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerFacts:
    """What is known of one broker beside its login.

    `limits` are its connections in words, `verified` what its decoding was compared with; `rows` are those of its
    instrument list, fetched at `fetched_ms` since 1970 UTC, both None where there is no list.
    """

    name: str
    title: str
    exchanges: tuple[str, ...]
    limits: str
    verified: tuple[str, ...]
    rows: int | None = None
    fetched_ms: float | None = None


class BrokerDesk:
    """Joins the sessions, the lists and the table of brokers."""

    def __init__(self, sessions: BrokerSessions, profile: Path, endpoints: Mapping[str, str]) -> None:
        self._sessions = sessions
        self._shelf = MasterShelf(profile / MASTERS_FOLDER)
        self._endpoints = endpoints

    @property
    def redirect_url(self) -> str:
        """The address to which browsers come back."""
        return redirect_url()

    def names(self) -> Sequence[str]:
        """Every broker that needs a login, in the order of the table."""
        return [state.broker for state in self._sessions.states()]

    def state(self, broker: str) -> LoginState:
        """How it stands with the login."""
        return self._sessions.state(broker)

    def form(self, broker: str) -> LoginForm:
        """What the login asks for."""
        return self._sessions.form(broker)

    def kept_fields(self, broker: str) -> frozenset[str]:
        """The fields that need not be typed again."""
        return self._sessions.kept_fields(broker)

    def on_change(self, broker: str, changed: Callable[[], None]) -> Callable[[], None]:
        """Call `changed` whenever the session is another one; returns what ends that."""
        return self._sessions.on_change(broker, changed)

    async def log_in(
        self, broker: str, fields: Mapping[str, str], open_browser: Callable[[str], Awaitable[object]]
    ) -> Result:
        """Log in with what was typed; through the browser where the broker wants that. May be cancelled."""
        try:
            if self._sessions.needs_browser(broker, fields):
                return await log_in_by_browser(self._sessions, broker, fields, open_browser)
            return await self._sessions.log_in(broker, fields)
        except OpenAlgoError as error:
            return Result.of(error)

    def log_out(self, broker: str, *, forget: bool = False) -> None:
        """End the session here; `forget` what is kept for the next login too."""
        self._sessions.log_out(broker, forget=forget)

    async def facts(self, broker: str) -> BrokerFacts:
        """What is known of `broker` beside its login. Reads its list in a worker."""
        row = row_of(broker)
        shelved = await asyncio.to_thread(self._shelf.glance, broker)
        return BrokerFacts(
            name=row.name,
            title=row.title,
            exchanges=tuple(sorted(row.capabilities.exchanges)),
            limits=row.connections,
            verified=row.verified,
            rows=shelved[1] if shelved else None,
            fetched_ms=shelved[0] if shelved else None,
        )

    async def update_instruments(self, broker: str, tell: Tell) -> Result:
        """Fetch the list anew; the message of the result is what is new. Running feeds take it over tomorrow."""
        row = row_of(broker)
        if row.masters is None:
            return Result.failed(ErrorCode.INVALID_PARAMETERS, f"{row.title}'s feed asks for the instruments itself")
        resolved = row.resolve(endpoints_of(broker, self._endpoints))
        keeper = MasterKeeper(row, resolved, self._shelf, Catalogue())

        def told(progress: Progress) -> None:
            tell(*progress)

        try:
            await keeper.load()
            updated = await keeper.update(told)
        except OpenAlgoError as error:
            return Result.of(error)
        skipped = updated.master.skipped.total()
        unnamed = f"; {skipped:,} rows without a name" if skipped else ""
        count = len(updated.master.instruments)
        return Result.succeeded({"rows": count}, f"{count:,} instruments: {updated.news.summary()}{unnamed}")
