"""What the page of brokers needs of the rest of the application, as protocols that it owns."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol

from market.logins import LoginForm
from openalgo_desktop.presentation.broker_lines import Login
from services.result import Result


class Facts(Protocol):
    """What is known of a broker beside its login; see `broker_desk.BrokerFacts`."""

    @property
    def title(self) -> str: ...
    @property
    def exchanges(self) -> tuple[str, ...]: ...
    @property
    def limits(self) -> str: ...
    @property
    def rows(self) -> int | None: ...
    @property
    def fetched_ms(self) -> float | None: ...


class TitledLogin(Login, Protocol):
    """A login with the name of its broker as users know it."""

    @property
    def title(self) -> str: ...


class Brokers(Protocol):
    """The brokers of the application; see `broker_desk.BrokerDesk`."""

    @property
    def redirect_url(self) -> str:
        """The address to which browsers come back."""

    def names(self) -> Sequence[str]:
        """Every broker that needs a login."""

    def state(self, broker: str) -> TitledLogin:
        """How it stands with the login."""

    def form(self, broker: str) -> LoginForm:
        """What the login asks for."""

    def kept_fields(self, broker: str) -> frozenset[str]:
        """The fields that need not be typed again."""

    async def log_in(
        self, broker: str, fields: Mapping[str, str], open_browser: Callable[[str], Awaitable[object]]
    ) -> Result:
        """Log in with what was typed; may be cancelled."""

    def log_out(self, broker: str, *, forget: bool = False) -> None:
        """End the session here."""

    async def facts(self, broker: str) -> Facts:
        """What is known beside the login."""

    async def update_instruments(self, broker: str, tell: Callable[[str, int, int | None], None]) -> Result:
        """Fetch the instrument list anew; `tell(file, done, total)` in bytes."""
