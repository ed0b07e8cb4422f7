"""Login to Fyers: the user's own browser, then one request that turns its answer into a session.

The access token is a JWT. What it says of itself is used and not verified here: its end, the user, and the key that
the data socket wants. It dies early the next morning; for fifteen days a refresh token and the PIN bring another one.
Source: Fyers API documentation, "Authentication", and the vendor's Python client.
"""

from __future__ import annotations

import dataclasses
import hashlib
import time
from collections.abc import Mapping
from urllib.parse import urlencode

import msgspec

from adapters.base_login import BaseLogin
from adapters.broker_table import Endpoints
from adapters.fyers.requests import answered
from adapters.rollover import next_rollover_ms
from adapters.token_claims import read_claims
from adapters.transport import HttpClient, decode_json
from market.credentials import Secret
from market.errors import FeedRejectedError, InvalidRequestError, TokenExpiredError
from market.logins import BrokerSession, LoginField, LoginForm, LoginKind

ROLLOVER_HOUR = 6

FORM = LoginForm(
    kind=LoginKind.BROWSER,
    fields=(
        LoginField(name="app_id", label="App ID", help="Of your app on myapi.fyers.in, with its ending: ABCD1234-100"),
        LoginField(name="secret_id", label="Secret ID", help="Of the same app", is_secret=True),
        LoginField(
            name="pin",
            label="PIN",
            help="Only if the day's session is to be renewed without the browser, for fifteen days",
            is_secret=True,
            is_required=False,
        ),
    ),
    note="In the app's settings on myapi.fyers.in, set the redirect URL that is shown here.",
    can_renew=True,
)


class _Tokens(msgspec.Struct):
    access_token: str
    refresh_token: str = ""


class _Claims(msgspec.Struct):
    hsm_key: str = ""
    fy_id: str = ""
    exp: float = 0.0


class FyersLogin(BaseLogin):
    """Fulfils `market.logins.BrokerLogin`."""

    title = "Fyers"
    form = FORM

    def __init__(self, endpoints: Endpoints) -> None:
        self._login = endpoints["login"]
        self._http = HttpClient(endpoints["login"])

    async def authorize_url(self, credentials: Mapping[str, Secret], *, redirect: str, state: str) -> str:
        query = {
            "client_id": credentials["app_id"].reveal(),
            "redirect_uri": redirect,
            "response_type": "code",
            "state": state,
        }
        return f"{self._login}/api/v3/generate-authcode?{urlencode(query)}"

    async def open_session(
        self, credentials: Mapping[str, Secret], *, answer: Mapping[str, str] | None = None, redirect: str = ""
    ) -> BrokerSession:
        code = (answer or {}).get("auth_code", "")
        if not code:
            raise InvalidRequestError("The browser brought no code back; log in once more")
        fields = {"grant_type": "authorization_code", "code": code}
        otherwise = "Fyers refused the login: it took too long, or the secret ID is not that of the app ID"
        return await self._ask("/api/v3/validate-authcode", credentials, fields, otherwise)

    async def renew(self, credentials: Mapping[str, Secret], session: BrokerSession) -> BrokerSession:
        pin, refresh_token = credentials.get("pin"), session.reveal("refresh_token")
        if pin is None or not refresh_token:
            raise FeedRejectedError("Fyers wants a login in the browser: there is no PIN to renew the session with")
        fields = {"grant_type": "refresh_token", "refresh_token": refresh_token, "pin": pin.reveal()}
        otherwise = "Fyers did not renew the session: the PIN is not right, or the last login is too long ago"
        renewed = await self._ask("/api/v3/validate-refresh-token", credentials, fields, otherwise)
        return dataclasses.replace(renewed, tokens={**renewed.tokens, "refresh_token": session.tokens["refresh_token"]})

    async def close(self) -> None:
        await self._http.close()

    async def _ask(
        self, path: str, credentials: Mapping[str, Secret], fields: Mapping[str, str], otherwise: str
    ) -> BrokerSession:
        app_id, secret = credentials["app_id"].reveal(), credentials["secret_id"].reveal()
        payload = {**fields, "appIdHash": hashlib.sha256(f"{app_id}:{secret}".encode()).hexdigest()}
        try:
            body = await answered(self._http.post(path, payload), otherwise)
        except TokenExpiredError:
            raise FeedRejectedError(otherwise) from None
        return _session(decode_json(body, _Tokens), credentials["app_id"])


def _session(tokens: _Tokens, app_id: Secret) -> BrokerSession:
    claims = read_claims(tokens.access_token, _Claims)
    if not claims.hsm_key:
        raise FeedRejectedError("Fyers gave an access token without a key for its feed")
    now_ms = time.time() * 1000.0
    named = {"access_token": tokens.access_token, "hsm_key": claims.hsm_key, "refresh_token": tokens.refresh_token}
    return BrokerSession(
        broker="fyers",
        user=claims.fy_id,
        tokens={"app_id": app_id, **{name: Secret(text) for name, text in named.items() if text}},
        obtained_ms=now_ms,
        expires_ms=claims.exp * 1000.0 or next_rollover_ms(now_ms, ROLLOVER_HOUR),
    )
