"""Login to Upstox: the user's own browser, then one request that turns its answer into a session.

The token dies at half past three the next morning; nothing renews it without the user. A token that was made on
Upstox's own pages is taken as it is. Source: Upstox developer documentation, "Authorize", "Get Token" and "Analytics
Token".
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from urllib.parse import urlencode

import msgspec

from adapters.base_login import BaseLogin
from adapters.broker_table import Endpoints
from adapters.rollover import next_rollover_ms
from adapters.token_claims import read_claims
from adapters.transport import HttpClient, RefusedError, RefusedTokenError, decode_json
from adapters.upstox.refusals import explained
from market.credentials import Secret
from market.errors import FeedRejectedError, InvalidRequestError
from market.logins import BrokerSession, LoginField, LoginForm, LoginKind

ROLLOVER_HOUR = 3.5

FORM = LoginForm(
    kind=LoginKind.BROWSER,
    fields=(
        LoginField(name="api_key", label="API key", help="Of your app on account.upstox.com/developer/apps"),
        LoginField(name="api_secret", label="API secret", help="Of the same app", is_secret=True),
        LoginField(
            name="access_token",
            label="Access token",
            help="Instead of all else: an analytics token of Upstox, which lasts a year and can only read",
            is_secret=True,
            is_required=False,
            is_kept=False,
            replaces_browser=True,
        ),
    ),
    note="In the app's settings on account.upstox.com/developer/apps, set the redirect URL that is shown here.",
)


class _Session(msgspec.Struct):
    access_token: str
    user_id: str = ""
    is_active: bool = True


class _Claims(msgspec.Struct):
    sub: str = ""
    exp: float = 0.0


class UpstoxLogin(BaseLogin):
    """Fulfils `market.logins.BrokerLogin`."""

    title = "Upstox"
    form = FORM

    def __init__(self, endpoints: Endpoints) -> None:
        self._login = endpoints["login"]
        self._http = HttpClient(endpoints["rest"], headers={"Accept": "application/json"})

    async def authorize_url(self, credentials: Mapping[str, Secret], *, redirect: str, state: str) -> str:
        query = {
            "response_type": "code",
            "client_id": credentials["api_key"].reveal(),
            "redirect_uri": redirect,
            "state": state,
        }
        return f"{self._login}/v2/login/authorization/dialog?{urlencode(query)}"

    async def open_session(
        self, credentials: Mapping[str, Secret], *, answer: Mapping[str, str] | None = None, redirect: str = ""
    ) -> BrokerSession:
        token = credentials.get("access_token")
        if token is not None:
            return _of_token(token)
        code = (answer or {}).get("code", "")
        if not code:
            raise InvalidRequestError("The browser brought no code back; log in once more")
        fields = {
            "code": code,
            "client_id": credentials["api_key"].reveal(),
            "client_secret": credentials["api_secret"].reveal(),
            "redirect_uri": redirect,
            "grant_type": "authorization_code",
        }
        try:
            body = await self._http.post_form("/v2/login/authorization/token", fields)
        except RefusedTokenError as exc:
            raise FeedRejectedError(explained(exc.body, "Upstox refused the login (HTTP 401)")) from None
        except RefusedError as exc:
            raise FeedRejectedError(explained(exc.body, f"Upstox refused the login (HTTP {exc.status})")) from None
        session = decode_json(body, _Session)
        if not session.is_active:
            raise FeedRejectedError("This Upstox account is not active")
        now_ms = time.time() * 1000.0
        return BrokerSession(
            broker="upstox",
            user=session.user_id,
            tokens={"access_token": Secret(session.access_token)},
            obtained_ms=now_ms,
            expires_ms=next_rollover_ms(now_ms, ROLLOVER_HOUR),
        )

    async def close(self) -> None:
        await self._http.close()


def _of_token(token: Secret) -> BrokerSession:
    claims = read_claims(token.reveal(), _Claims)
    now_ms, expires_ms = time.time() * 1000.0, claims.exp * 1000.0 or None
    if expires_ms is not None and expires_ms <= now_ms:
        raise InvalidRequestError("This access token has run out; make a new one")
    return BrokerSession(
        broker="upstox",
        user=claims.sub,
        tokens={"access_token": token},
        obtained_ms=now_ms,
        expires_ms=expires_ms,
    )
