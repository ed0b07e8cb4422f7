"""Login to Kite Connect: the user's own browser, then one request that turns its answer into a session.

The token dies early the next morning; nothing renews it without the user. Source: Kite Connect documentation, "User".
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from urllib.parse import urlencode

import msgspec

from adapters.base_login import BaseLogin
from adapters.broker_table import Endpoints
from adapters.rollover import next_rollover_ms
from adapters.transport import HttpClient, RefusedError, decode_json
from adapters.zerodha.refusals import ENDED, kind_of
from market.credentials import Secret
from market.errors import FeedRejectedError, InvalidRequestError
from market.logins import BrokerSession, LoginField, LoginForm, LoginKind

ROLLOVER_HOUR = 6

FORM = LoginForm(
    kind=LoginKind.BROWSER,
    fields=(
        LoginField(name="api_key", label="API key", help="Of your app on developers.kite.trade"),
        LoginField(name="api_secret", label="API secret", help="Of the same app", is_secret=True),
    ),
    note="In the app's settings on developers.kite.trade, set the redirect URL that is shown here.",
)


class _Session(msgspec.Struct):
    access_token: str
    user_id: str = ""


class _Answer(msgspec.Struct):
    data: _Session


class ZerodhaLogin(BaseLogin):
    """Fulfils `market.logins.BrokerLogin`."""

    title = "Zerodha"
    form = FORM

    def __init__(self, endpoints: Endpoints) -> None:
        self._login = endpoints["login"]
        self._http = HttpClient(endpoints["rest"], headers={"X-Kite-Version": "3"})

    async def authorize_url(self, credentials: Mapping[str, Secret], *, redirect: str, state: str) -> str:
        """Kite redirects to the address that its app is registered with, and hands `state` back within it."""
        query = {
            "v": "3",
            "api_key": credentials["api_key"].reveal(),
            "redirect_params": urlencode({"state": state}),
        }
        return f"{self._login}/connect/login?{urlencode(query)}"

    async def open_session(
        self, credentials: Mapping[str, Secret], *, answer: Mapping[str, str] | None = None, redirect: str = ""
    ) -> BrokerSession:
        token = (answer or {}).get("request_token", "")
        if not token:
            raise InvalidRequestError("The browser brought no request token back; log in once more")
        api_key, secret = credentials["api_key"].reveal(), credentials["api_secret"].reveal()
        checksum = hashlib.sha256(f"{api_key}{token}{secret}".encode()).hexdigest()
        fields = {"api_key": api_key, "request_token": token, "checksum": checksum}
        try:
            body = await self._http.post_form("/session/token", fields)
        except RefusedError as exc:
            raise FeedRejectedError(_explained(exc)) from None
        session = decode_json(body, _Answer).data
        now_ms = time.time() * 1000.0
        return BrokerSession(
            broker="zerodha",
            user=session.user_id,
            tokens={"api_key": credentials["api_key"], "access_token": Secret(session.access_token)},
            obtained_ms=now_ms,
            expires_ms=next_rollover_ms(now_ms, ROLLOVER_HOUR),
        )

    async def close(self) -> None:
        await self._http.close()


def _explained(exc: RefusedError) -> str:
    """The broker's own kind of error as a sentence; its text is not shown, for it repeats what was sent."""
    kind = kind_of(exc.body)
    if kind == ENDED:
        return "Zerodha does not accept this login: it took too long, or the API secret is not that of the API key"
    if kind == "InputException":
        return "Zerodha does not know this API key"
    return f"Zerodha refused the login (HTTP {exc.status})"
