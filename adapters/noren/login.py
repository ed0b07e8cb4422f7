"""Logins of the Noren brokers with OAuth: the user's own browser, then one request that makes a token of its code.

The token dies early the next morning; nothing renews it without the user. Sources: the brokers' documentation,
"GenAcsTok" (Shoonya, Zebu) and "apitoken" (Flattrade).
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from urllib.parse import urlencode

import msgspec

from adapters.base_login import BaseLogin
from adapters.broker_table import Endpoints
from adapters.noren.rest import form
from adapters.noren.rows import FLATTRADE, NorenRow
from adapters.rollover import next_rollover_ms
from adapters.transport import HttpClient, RefusedError, RefusedTokenError, decode_json
from market.credentials import Secret
from market.errors import FeedRejectedError, InvalidRequestError
from market.logins import BrokerSession, LoginField, LoginForm, LoginKind

ROLLOVER_HOUR = 6
_KEY_NAMES = {"flattrade": ("API key", "API secret", "app_key")}
_USUAL_NAMES = ("Client id", "Secret code", "client_id")

# What the platform writes in `emsg`, in lower case, and what it means to a user; its own text may repeat what was sent.
_MEANINGS = (
    ("verifier", "the secret is not that of the key, or the login took too long"),
    ("checksum", "the secret is not that of the key, or the login took too long"),
    ("invalid_ip", "the key is bound to other IP addresses than this computer's"),
    ("blocked", "the account is blocked; unblock it with the broker"),
    ("expired", "the login took too long; log in once more"),
    ("code", "the login took too long; log in once more"),
    ("api_key", "the key is not known"),
    ("api key", "the key is not known"),
)


class _Answer(msgspec.Struct):
    """What a code is answered with. Flattrade documents `status` and its server says `stat`; both may be missing."""

    stat: str | None = None
    status: str | None = None
    emsg: str | None = None
    access_token: str | None = None
    token: str | None = None
    uid: str | None = None
    user: str | None = msgspec.field(default=None, name="USERID")
    client: str | None = None

    @property
    def is_refusal(self) -> bool:
        return any(said and said.lower() != "ok" for said in (self.stat, self.status))


def form_of(row: NorenRow) -> LoginForm:
    """What the login of `row` asks for."""
    key, secret, _ = _KEY_NAMES.get(row.name, _USUAL_NAMES)
    return LoginForm(
        kind=LoginKind.BROWSER,
        fields=(
            LoginField(name="api_key", label=key, help=f"Of your app on {row.title}'s API page"),
            LoginField(name="api_secret", label=secret, help="Of the same app", is_secret=True),
        ),
        note=f"In the app's settings at {row.title}, set the redirect URL that is shown here.",
        echoes_state=False,
    )


class NorenLogin(BaseLogin):
    """Fulfils `market.logins.BrokerLogin` for the broker of `row`."""

    def __init__(self, row: NorenRow, endpoints: Endpoints) -> None:
        self._row = row
        self.title = row.title
        self.form = form_of(row)
        self._page = endpoints["login"]
        self._http = HttpClient(endpoints["auth"])

    async def authorize_url(self, credentials: Mapping[str, Secret], *, redirect: str, state: str) -> str:
        """The broker redirects to the address that the app is registered with."""
        name = _KEY_NAMES.get(self._row.name, _USUAL_NAMES)[2]
        return f"{self._page}?{urlencode({name: credentials['api_key'].reveal(), 'state': state})}"

    async def open_session(
        self, credentials: Mapping[str, Secret], *, answer: Mapping[str, str] | None = None, redirect: str = ""
    ) -> BrokerSession:
        brought = answer or {}
        code = brought.get("code") or brought.get("request_code")  # the latter in Flattrade's documentation
        if not code:
            raise InvalidRequestError("The browser brought no code back; log in once more")
        try:
            body = await self._exchange(credentials["api_key"].reveal(), credentials["api_secret"].reveal(), code)
        except (RefusedError, RefusedTokenError) as exc:
            raise FeedRejectedError(explained(self._row.title, exc.body)) from None
        said = decode_json(body, _Answer)
        token, user = said.access_token or said.token, said.uid or said.user or said.client
        user = user or brought.get("client")
        if said.is_refusal or not token or not user:
            raise FeedRejectedError(explained(self._row.title, body))
        return session_of(self._row, user, token)

    async def close(self) -> None:
        await self._http.close()

    async def _exchange(self, key: str, secret: str, code: str) -> bytes:
        if self._row is FLATTRADE:
            proof = hashlib.sha256(f"{key}{code}{secret}".encode()).hexdigest()
            given = {"api_key": key, "request_code": code, "api_secret": proof}
            return await self._http.post("/trade/apitoken", given)
        proof = hashlib.sha256(f"{key}{secret}{code}".encode()).hexdigest()
        return await self._http.post_form("/GenAcsTok", form({"code": code, "checksum": proof}))


def session_of(row: NorenRow, user: str, token: str) -> BrokerSession:
    """Return a session that began now and lasts until the brokers end them all."""
    now_ms = time.time() * 1000.0
    return BrokerSession(
        broker=row.name,
        user=user,
        tokens={"access_token": Secret(token)},
        obtained_ms=now_ms,
        expires_ms=next_rollover_ms(now_ms, ROLLOVER_HOUR),
    )


def explained(title: str, body: bytes) -> str:
    """A refusal as a sentence, without the broker's own words."""
    try:
        said = (msgspec.json.decode(body, type=_Answer).emsg or "").lower()
    except (msgspec.MsgspecError, ValueError):
        said = ""
    meaning = next((meaning for words, meaning in _MEANINGS if words in said), "")
    return f"{title} refused the login: {meaning}" if meaning else f"{title} refused the login and gave no known reason"
