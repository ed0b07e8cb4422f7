"""Login to the market data of an XTS broker: two keys, one request, no one-time code.

Market data has keys of its own, apart from those for orders, and one session a key: a login with the same key anywhere
ends this one. Source: Symphony's API documentation, "Login".
"""

from __future__ import annotations

import time
from collections.abc import Mapping

import msgspec

from adapters.base_login import BaseLogin
from adapters.broker_table import Endpoints
from adapters.rollover import next_rollover_ms
from adapters.transport import HttpClient, RefusedError, RefusedTokenError
from adapters.xts.rows import XtsRow
from adapters.xts.wire import decode_reply
from market.credentials import Secret
from market.errors import DecodeError, FeedRejectedError
from market.logins import BrokerSession, LoginField, LoginForm, LoginKind

ROLLOVER_HOUR = 6
_DAY_MS = 86_400_000


class _Session(msgspec.Struct, rename={"user": "userID"}):
    token: str
    user: str


def form_of(row: XtsRow) -> LoginForm:
    """What the login of `row` asks for."""
    return LoginForm(
        kind=LoginKind.DIRECT,
        fields=(
            LoginField(
                name="app_key",
                label="Market data API key",
                help=f"From {row.title}'s API dashboard: the key for market data, not the interactive one",
            ),
            LoginField(name="secret_key", label="Market data API secret", help="Of the same key", is_secret=True),
        ),
        note="A login with the same key in another program ends this one.",
        can_renew=True,
    )


class XtsLogin(BaseLogin):
    """Fulfils `market.logins.BrokerLogin` for the broker of `row`."""

    def __init__(self, row: XtsRow, endpoints: Endpoints) -> None:
        self._row = row
        self.title = row.title
        self.form = form_of(row)
        self._http = HttpClient(endpoints["rest"])

    async def open_session(
        self, credentials: Mapping[str, Secret], *, answer: Mapping[str, str] | None = None, redirect: str = ""
    ) -> BrokerSession:
        given = {"appKey": credentials["app_key"].reveal(), "secretKey": credentials["secret_key"].reveal()}
        try:
            body = await self._http.post(self._row.login_path, given | {"source": "WebAPI"})
        except (RefusedError, RefusedTokenError) as exc:
            raise FeedRejectedError(self._explained(exc.body)) from None
        reply = decode_reply(body)
        if not reply.is_good:
            raise FeedRejectedError(self._explained(body))
        try:
            made = msgspec.json.decode(reply.result, type=_Session)
        except (msgspec.MsgspecError, ValueError):
            raise DecodeError(f"{self._row.title} answered the login without a session") from None
        now_ms = time.time() * 1000.0
        return BrokerSession(
            broker=self._row.name,
            user=made.user,
            tokens={"access_token": Secret(made.token)},
            obtained_ms=now_ms,
            # A session lasts a day, but brokers clear them over night as well.
            expires_ms=min(now_ms + _DAY_MS, next_rollover_ms(now_ms, ROLLOVER_HOUR)),
        )

    async def renew(self, credentials: Mapping[str, Secret], session: BrokerSession) -> BrokerSession:
        return await self.open_session(credentials)

    async def close(self) -> None:
        await self._http.close()

    def _explained(self, body: bytes) -> str:
        """A refusal as a sentence, without the broker's own words: they may repeat what was sent."""
        try:
            said = decode_reply(body).description.lower()
        except DecodeError:
            said = ""
        if "key" in said or "invalid" in said or "credential" in said:
            return f"{self._row.title} does not accept these keys; they must be those for market data"
        if "block" in said or "inactive" in said or "disable" in said or "expired" in said:
            return f"{self._row.title} has blocked these keys or let them expire; see its API dashboard"
        return f"{self._row.title} refused the login and gave no known reason"
