"""Login to Alice Blue: two requests with the user id and the API key, and one before each connection.

The user must have logged in to Alice Blue's own application that day. Source: Alice Blue's API documentation,
"Authentication"; the vendor's client pya3.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import msgspec

from adapters.base_login import BaseLogin
from adapters.broker_table import Endpoints
from adapters.noren.login import session_of
from adapters.noren.rows import NorenRow
from adapters.transport import HttpClient, RefusedError, decode_json
from market.credentials import Secret
from market.errors import FeedRejectedError, FeedUnavailableError, TokenExpiredError
from market.logins import BrokerSession, LoginField, LoginForm, LoginKind

FORM = LoginForm(
    kind=LoginKind.DIRECT,
    fields=(
        LoginField(name="user_id", label="User id", help="Your Alice Blue client id"),
        LoginField(name="api_key", label="API key", help="From Apps, API key, in Alice Blue's web", is_secret=True),
    ),
    note="Log in to Alice Blue's own web or app first: it accepts the API key only on a day on which you have.",
    can_renew=True,
)


class _Answer(msgspec.Struct):
    stat: str = ""
    emsg: str | None = None
    key: str | None = msgspec.field(default=None, name="encKey")
    session: str | None = msgspec.field(default=None, name="sessionID")


class AliceLogin(BaseLogin):
    """Fulfils `market.logins.BrokerLogin`."""

    title = "Alice Blue"
    form = FORM

    def __init__(self, row: NorenRow, endpoints: Endpoints) -> None:
        self._row = row
        self._http = HttpClient(endpoints["rest"])

    async def open_session(
        self, credentials: Mapping[str, Secret], *, answer: Mapping[str, str] | None = None, redirect: str = ""
    ) -> BrokerSession:
        user, api_key = credentials["user_id"].reveal().upper(), credentials["api_key"].reveal()
        salt = (await self._ask("/customer/getAPIEncpkey", {"userId": user})).key
        if not salt:
            raise FeedRejectedError("Alice Blue does not know this user id")
        proof = hashlib.sha256(f"{user}{api_key}{salt}".encode()).hexdigest()
        said = await self._ask("/customer/getUserSID", {"userId": user, "userData": proof})
        if not said.session:
            raise FeedRejectedError(_explained(said.emsg or ""))
        return session_of(self._row, user, said.session)

    async def renew(self, credentials: Mapping[str, Secret], session: BrokerSession) -> BrokerSession:
        return await self.open_session(credentials)

    async def close(self) -> None:
        await self._http.close()

    async def _ask(self, path: str, given: Mapping[str, str]) -> _Answer:
        try:
            return decode_json(await self._http.post(path, given), _Answer)
        except RefusedError as exc:
            raise FeedRejectedError(f"Alice Blue refused the login (HTTP {exc.status})") from None


async def announce_socket(http: HttpClient, session: BrokerSession) -> None:
    """Ask for a socket session, without which the socket does not accept the greeting.

    Raises:
        TokenExpiredError: the session is over.
        FeedUnavailableError: no answer, or another one than yes.
    """
    bearer = {"Authorization": f"Bearer {session.user} {session.reveal('access_token')}"}
    said = decode_json(await http.post("/ws/createWsSession", {"loginType": "API"}, headers=bearer), _Answer)
    if said.stat.lower() == "ok":
        return
    if "session" in (said.emsg or "").lower():
        raise TokenExpiredError("it does not accept the session any more")
    raise FeedUnavailableError("Alice Blue gave no session for the socket")


def _explained(said: str) -> str:
    if "login" in said.lower():
        return "Alice Blue wants you to log in to its own web or app first, then here"
    return "Alice Blue does not accept this API key for this user id"
