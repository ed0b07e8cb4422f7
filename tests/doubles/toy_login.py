"""A table of two ways in, one through the browser and one by fields, whose broker does what a test says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from market.credentials import Secret
from market.errors import FeedRejectedError, InvalidRequestError
from market.logins import BrokerSession, LoginField, LoginForm, LoginKind

DIRECT = LoginForm(
    kind=LoginKind.DIRECT,
    fields=(
        LoginField(name="user", label="User"),
        LoginField(name="pin", label="PIN", is_secret=True),
        LoginField(name="code", label="One-time code", is_secret=True, is_required=False, is_kept=False),
    ),
    can_renew=True,
)
BROWSER = LoginForm(kind=LoginKind.BROWSER, fields=(LoginField(name="api_key", label="API key"),))


class ToyLogins:
    """Fulfils `services.broker_session.LoginTable` for the brokers `toy` (fields) and `web` (browser).

    Attributes:
        refusal: the sentence that logins are refused with, or None.
        expires_ms: the end of the sessions that it gives.
        given: how many sessions it gave.
    """

    def __init__(self) -> None:
        self.refusal: str | None = None
        self.expires_ms: float | None = None
        self.given = 0
        self.open = 0
        self.asked: list[tuple[str, dict[str, str], dict[str, str]]] = []

    def names(self) -> Sequence[str]:
        return ("toy", "web")

    def title(self, broker: str) -> str:
        return {"toy": "Toy", "web": "Web"}[broker]

    def login(self, broker: str) -> ToyLogin:
        if broker not in self.names():
            raise InvalidRequestError(f"Unknown broker {broker!r}")
        self.open += 1
        return ToyLogin(self, broker)


class ToyLogin:
    """Fulfils `market.logins.BrokerLogin`."""

    def __init__(self, table: ToyLogins, broker: str) -> None:
        self._table = table
        self._broker = broker
        self.form = DIRECT if broker == "toy" else BROWSER

    async def authorize_url(self, credentials: Mapping[str, Secret], *, redirect: str, state: str) -> str:
        return f"https://web.example/login?key={credentials['api_key'].reveal()}&to={redirect}&state={state}"

    async def open_session(
        self, credentials: Mapping[str, Secret], *, answer: Mapping[str, str] | None = None, redirect: str = ""
    ) -> BrokerSession:
        plain = {name: secret.reveal() for name, secret in credentials.items()}
        self._table.asked.append((self._broker, plain, dict(answer or {})))
        if self._table.refusal is not None:
            raise FeedRejectedError(self._table.refusal)
        self._table.given += 1
        return BrokerSession(
            broker=self._broker,
            user="AB1234",
            tokens={"access_token": Secret(f"token-{self._table.given}")},
            obtained_ms=0.0,
            expires_ms=self._table.expires_ms,
        )

    async def renew(self, credentials: Mapping[str, Secret], session: BrokerSession) -> BrokerSession:
        return await self.open_session(credentials)

    async def close(self) -> None:
        self._table.open -= 1
