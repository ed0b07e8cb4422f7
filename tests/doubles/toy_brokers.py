"""The brokers of the application as the page of brokers sees them: real sessions over toy logins, lists made up."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

from market.logins import LoginForm, LoginKind
from openalgo_desktop.broker_desk import BrokerFacts
from services.broker_session import BrokerSessions, LoginState
from services.result import ErrorCode, Result


class ToyBrokers:
    """Fulfils `controllers.broker_ports.Brokers`.

    Attributes:
        back: set when the browser comes back from the broker's page.
        fetched: the outcome of `update_instruments`.
    """

    redirect_url = "http://127.0.0.1:8766/callback"

    def __init__(self, sessions: BrokerSessions) -> None:
        self.sessions = sessions
        self.back = asyncio.Event()
        self.sent: list[str] = []
        self.rows: int | None = None
        self.fetched = Result.failed(ErrorCode.BROKER_UNAVAILABLE, "The broker does not answer")
        self.may_fetch = asyncio.Event()

    def names(self) -> Sequence[str]:
        return [state.broker for state in self.sessions.states()]

    def state(self, broker: str) -> LoginState:
        return self.sessions.state(broker)

    def form(self, broker: str) -> LoginForm:
        return self.sessions.form(broker)

    def kept_fields(self, broker: str) -> frozenset[str]:
        return self.sessions.kept_fields(broker)

    async def log_in(
        self, broker: str, fields: Mapping[str, str], open_browser: Callable[[str], Awaitable[object]]
    ) -> Result:
        if self.form(broker).kind is not LoginKind.BROWSER:
            return await self.sessions.log_in(broker, fields)
        await open_browser("https://web.example/login")
        await self.back.wait()
        return await self.sessions.log_in(broker, fields, answer={"code": "c"})

    def log_out(self, broker: str, *, forget: bool = False) -> None:
        self.sessions.log_out(broker, forget=forget)

    async def facts(self, broker: str) -> BrokerFacts:
        return BrokerFacts(
            name=broker,
            title=broker.title(),
            exchanges=("BSE", "NSE"),
            limits="1 connection of 10 instruments",
            verified=("toy peer",),
            rows=self.rows,
            fetched_ms=None if self.rows is None else 1.0,
        )

    async def update_instruments(self, broker: str, tell: Callable[[str, int, int | None], None]) -> Result:
        tell("list", 1_000_000, 2_000_000)
        await self.may_fetch.wait()
        return self.fetched
