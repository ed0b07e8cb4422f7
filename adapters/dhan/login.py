"""Login to Dhan: PIN and a one-time password, an app's key in the browser, or a token made on web.dhan.co.

A token lives for a day. With PIN and TOTP secret the next one needs no user; another is renewed while it still lives.
Source: DhanHQ documentation, "Authentication"; the vendor's client.
"""

from __future__ import annotations

import base64
import binascii
import time
from collections.abc import Mapping
from typing import TypeVar
from urllib.parse import urlencode

import msgspec

from adapters.base_login import BaseLogin
from adapters.broker_table import Endpoints
from adapters.one_time_codes import code_from
from adapters.transport import HttpClient, RefusedError, RefusedTokenError
from market.credentials import Secret
from market.errors import DecodeError, FeedRejectedError, InvalidRequestError
from market.logins import BrokerSession, LoginField, LoginForm, LoginKind

T = TypeVar("T")
_DAY_MS = 86_400_000.0
_BY_PIN, _BY_KEY, _BY_TOKEN = "PIN and one-time password", "API key, in the browser", "Access token"

FORM = LoginForm(
    kind=LoginKind.DIRECT,
    fields=(
        LoginField(name="client_id", label="Client id", help="The number under your name in Dhan, such as 1100003626"),
        LoginField(
            name="pin",
            label="PIN",
            help="The six digits with which you open Dhan",
            is_secret=True,
            is_required=False,
            way=_BY_PIN,
        ),
        LoginField(
            name="totp_secret",
            label="TOTP secret",
            help="The text beside the QR code under DhanHQ Trading APIs on web.dhan.co; it logs you in every day",
            is_secret=True,
            is_required=False,
            is_totp_secret=True,
            way=_BY_PIN,
        ),
        LoginField(
            name="totp",
            label="One-time code",
            help="Six digits from your authenticator, where the TOTP secret is not given",
            is_secret=True,
            is_required=False,
            is_kept=False,
            way=_BY_PIN,
        ),
        LoginField(
            name="api_key",
            label="API key",
            help="Of your app under DhanHQ Trading APIs on web.dhan.co; it lasts a year",
            is_required=False,
            way=_BY_KEY,
        ),
        LoginField(
            name="api_secret",
            label="API secret",
            help="Of the same app",
            is_secret=True,
            is_required=False,
            way=_BY_KEY,
        ),
        LoginField(
            name="access_token",
            label="Access token",
            help="One of 24 hours, made under DhanHQ Trading APIs on web.dhan.co",
            is_secret=True,
            is_required=False,
            is_kept=False,
            way=_BY_TOKEN,
        ),
    ),
    note="Prices need Dhan's Data API plan. One of these ways is enough; with the first you are logged in every day.",
    can_renew=True,
    echoes_state=False,
    browser_way=_BY_KEY,
)

_MAKE_A_NEW_ONE = "the access token is not accepted; make a new one on web.dhan.co"
# What Dhan writes, in lower case, and what it means to a user; its own text may repeat what was sent.
_MEANINGS = (
    ("totp", "the one-time code is wrong or too late; check the TOTP secret and this computer's clock"),
    ("minute", "a token was made less than two minutes ago; wait, and log in again"),
    ("block", "the account is blocked; unblock it with Dhan"),
    ("lock", "the account is locked; unlock it with Dhan"),
    ("pin", "the PIN is wrong"),
    # Of a token that is over they say that the client id or the access token is invalid.
    ("access token", _MAKE_A_NEW_ONE),
    ("client", "the client id is not known"),
    ("token", _MAKE_A_NEW_ONE),
)


class _Answer(msgspec.Struct):
    access_token: str = msgspec.field(default="", name="accessToken")
    token: str = ""
    client: str = msgspec.field(default="", name="dhanClientId")


class _Consent(msgspec.Struct):
    consent: str = msgspec.field(default="", name="consentAppId")


class _Said(msgspec.Struct):
    """Refusals come in several shapes; what says nothing may be null."""

    message: msgspec.Raw = msgspec.Raw(b"")
    remarks: msgspec.Raw = msgspec.Raw(b"")
    error_message: msgspec.Raw = msgspec.field(default=msgspec.Raw(b""), name="errorMessage")


class _Claims(msgspec.Struct):
    exp: float | None = None
    client: str = msgspec.field(default="", name="dhanClientId")


class DhanLogin(BaseLogin):
    """Fulfils `market.logins.BrokerLogin`."""

    title = "Dhan"
    form = FORM

    def __init__(self, endpoints: Endpoints) -> None:
        self._page = endpoints["login"]
        self._auth = HttpClient(endpoints["login"])
        self._rest = HttpClient(endpoints["rest"])

    async def open_session(
        self, credentials: Mapping[str, Secret], *, answer: Mapping[str, str] | None = None, redirect: str = ""
    ) -> BrokerSession:
        client = credentials["client_id"].reveal()
        if answer is not None:
            return await self._consented(client, credentials, answer)
        pasted = credentials.get("access_token")
        if pasted is not None:
            return _session(client, _checked(client, pasted.reveal()))
        query = {"dhanClientId": client, "pin": _pin(credentials), "totp": _one_time_code(credentials)}
        try:
            body = await self._auth.post_form(f"/app/generateAccessToken?{urlencode(query)}", "")
        except (RefusedError, RefusedTokenError) as exc:
            raise FeedRejectedError(explained(exc.body)) from None
        return _session(client, _token_in(body))

    async def authorize_url(self, credentials: Mapping[str, Secret], *, redirect: str, state: str) -> str:
        """Dhan redirects to the address that the app is registered with."""
        query = urlencode({"client_id": credentials["client_id"].reveal()})
        try:
            body = await self._auth.post_form(f"/app/generate-consent?{query}", "", headers=_of_app(credentials))
        except (RefusedError, RefusedTokenError) as exc:
            raise FeedRejectedError(explained(exc.body)) from None
        consent = _read(body, _Consent).consent
        if not consent:
            raise FeedRejectedError(explained(body))
        return f"{self._page}/login/consentApp-login?{urlencode({'consentAppId': consent})}"

    async def _consented(
        self, client: str, credentials: Mapping[str, Secret], answer: Mapping[str, str]
    ) -> BrokerSession:
        token_id = answer.get("tokenId", "")
        if not token_id:
            raise InvalidRequestError("The browser brought no token id back; log in once more")
        query = urlencode({"tokenId": token_id})
        try:
            body = await self._auth.get(f"/app/consumeApp-consent?{query}", headers=_of_app(credentials))
        except (RefusedError, RefusedTokenError) as exc:
            raise FeedRejectedError(explained(exc.body)) from None
        token, owner = _token_in(body), _read(body, _Answer).client
        if owner and owner != client:
            raise FeedRejectedError("The browser is logged in to another client id of Dhan")
        return _session(client, token)

    async def renew(self, credentials: Mapping[str, Secret], session: BrokerSession) -> BrokerSession:
        if "pin" in credentials and "totp_secret" in credentials:
            return await self.open_session({name: credentials[name] for name in ("client_id", "pin", "totp_secret")})
        headers = {"access-token": session.reveal("access_token"), "dhanClientId": session.user}
        try:
            body = await self._rest.get("/v2/RenewToken", headers=headers)
        except (RefusedError, RefusedTokenError) as exc:
            raise FeedRejectedError(explained(exc.body)) from None
        return _session(session.user, _token_in(body))

    async def close(self) -> None:
        await self._auth.close()
        await self._rest.close()


def explained(body: bytes) -> str:
    """A refusal as a sentence, without the broker's own words."""
    try:
        said = msgspec.json.decode(body, type=_Said)
        words = b" ".join((said.message, said.error_message, said.remarks)).decode(errors="replace").lower()
    except (msgspec.MsgspecError, ValueError, RecursionError):
        words = ""
    meaning = next((meaning for word, meaning in _MEANINGS if word in words), "")
    return f"Dhan refused the login: {meaning}" if meaning else "Dhan refused the login and gave no known reason"


def _pin(credentials: Mapping[str, Secret]) -> str:
    if "pin" not in credentials:
        raise InvalidRequestError("The login needs PIN and TOTP secret or code, an app's key and secret, or a token")
    return credentials["pin"].reveal()


def _one_time_code(credentials: Mapping[str, Secret]) -> str:
    typed, seed = credentials.get("totp"), credentials.get("totp_secret")
    if typed is not None:
        return typed.reveal()
    if seed is None:
        raise InvalidRequestError("The login needs the TOTP secret or a one-time code")
    return code_from(seed)


def _of_app(credentials: Mapping[str, Secret]) -> dict[str, str]:
    """The headers that say which app asks."""
    if "api_key" not in credentials or "api_secret" not in credentials:
        raise InvalidRequestError("The login in the browser needs the API key and the API secret")
    return {"app_id": credentials["api_key"].reveal(), "app_secret": credentials["api_secret"].reveal()}


def _read(body: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise DecodeError("Dhan's answer to the login cannot be read") from None


def _token_in(body: bytes) -> str:
    """The token of an answer; a refusal may come with HTTP 200 too."""
    answer = _read(body, _Answer)
    token = answer.access_token or answer.token
    if not token:
        raise FeedRejectedError(explained(body))
    return token


def _claims(token: str) -> _Claims:
    """What a token says of itself; nothing where it is not a JSON Web Token."""
    parts = token.split(".")
    if len(parts) != 3:
        return _Claims()
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)), type=_Claims)
    except (binascii.Error, msgspec.MsgspecError, ValueError, RecursionError):
        return _Claims()


def _checked(client: str, token: str) -> str:
    """`token`, if it may be one of `client`."""
    claims = _claims(token)
    if claims.exp is None:
        raise InvalidRequestError("That is not an access token of Dhan: those are three texts with dots between them")
    if claims.client and claims.client != client:
        raise InvalidRequestError("The access token is one of another client id")
    if claims.exp <= time.time():
        raise FeedRejectedError("The access token has expired; make a new one on web.dhan.co")
    return token


def _session(client: str, token: str) -> BrokerSession:
    now_ms = time.time() * 1000.0
    claims = _claims(token)
    return BrokerSession(
        broker="dhan",
        user=client,
        tokens={"access_token": Secret(token)},
        obtained_ms=now_ms,
        expires_ms=claims.exp * 1000.0 if claims.exp is not None else now_ms + _DAY_MS,
    )
