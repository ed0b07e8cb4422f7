"""Login to Angel One: client code, PIN and a one-time password; the answer is three tokens.

Two of them say when they end, 24 to 28 hours after the login; one that does not is taken to end at midnight in India.
With the TOTP secret the next session needs no user; without it the refresh token renews a session that still lives.
Source: SmartAPI documentation, "User"; SmartAPI forum, "Changes in JWT Token Validity".
"""

from __future__ import annotations

import time
from collections.abc import Mapping

import msgspec

from adapters.angel.smartapi import Refusal, ask
from adapters.base_login import BaseLogin
from adapters.broker_table import Endpoints
from adapters.one_time_codes import code_from
from adapters.rollover import next_rollover_ms
from adapters.token_claims import read_claims
from adapters.transport import HttpClient
from market.credentials import Secret
from market.errors import DecodeError, FeedRejectedError, InvalidRequestError
from market.logins import BrokerSession, LoginField, LoginForm, LoginKind

ROLLOVER_HOUR = 0
_LONGEST_MS = 48 * 3_600_000.0
_LOGIN = "/rest/auth/angelbroking/user/v1/loginByPassword"
_RENEW = "/rest/auth/angelbroking/jwt/v1/generateTokens"

FORM = LoginForm(
    kind=LoginKind.DIRECT,
    fields=(
        LoginField(name="client_code", label="Client code", help="Your Angel One user id, such as A123456"),
        LoginField(name="pin", label="PIN", help="The four digits with which you open Angel One", is_secret=True),
        LoginField(
            name="api_key",
            label="API key",
            help="Of an app that you have made on smartapi.angelbroking.com",
            is_secret=True,
        ),
        LoginField(
            name="totp_secret",
            label="TOTP secret",
            help="The text beside the QR code on smartapi.angelbroking.com/enable-totp; it logs you in every day",
            is_secret=True,
            is_required=False,
            is_totp_secret=True,
        ),
        LoginField(
            name="totp",
            label="One-time code",
            help="Six digits from your authenticator, where the TOTP secret is not given",
            is_secret=True,
            is_required=False,
            is_kept=False,
        ),
    ),
    note="Enable TOTP on smartapi.angelbroking.com first. Give either the TOTP secret or the code of the moment.",
    can_renew=True,
)

# What a refusal of SmartAPI means to a user: by its code, else by its words; its own words may repeat what was sent.
_BY_CODE = {
    "AB1050": "the one-time code is wrong or too late; check the TOTP secret and this computer's clock",
    "AG8004": "the API key is not known, or its app is not active",
    "AB1048": "the API key is not known, or its app is not active",
    "AB1006": "the account is blocked; unblock it with Angel One",
    "AB1032": "the client code is not known",
    "AB7001": "it wants the PIN of four digits, not the password",
}
_BY_WORDS = (
    ("totp", _BY_CODE["AB1050"]),
    ("block", _BY_CODE["AB1006"]),
    ("mpin", "the PIN is wrong"),
    ("password", "the PIN is wrong"),
    ("pin", "the PIN is wrong"),
    ("api key", _BY_CODE["AG8004"]),
    ("apikey", _BY_CODE["AG8004"]),
    ("privatekey", _BY_CODE["AG8004"]),
    ("client", _BY_CODE["AB1032"]),
    ("user", _BY_CODE["AB1032"]),
    ("token", "the session is over; log in once more"),
)


class _Tokens(msgspec.Struct):
    jwt: str = msgspec.field(name="jwtToken")
    feed: str = msgspec.field(name="feedToken")
    refresh: str = msgspec.field(default="", name="refreshToken")


class _Claims(msgspec.Struct):
    exp: float = 0.0


class AngelLogin(BaseLogin):
    """Fulfils `market.logins.BrokerLogin`."""

    title = "Angel One"
    form = FORM

    def __init__(self, endpoints: Endpoints) -> None:
        self._http = HttpClient(endpoints["rest"])

    async def open_session(
        self, credentials: Mapping[str, Secret], *, answer: Mapping[str, str] | None = None, redirect: str = ""
    ) -> BrokerSession:
        given = {
            "clientcode": credentials["client_code"].reveal().upper(),
            "password": credentials["pin"].reveal(),
            "totp": _one_time_code(credentials),
        }
        return await self._tokens(_LOGIN, given, given["clientcode"], credentials["api_key"].reveal())

    async def renew(self, credentials: Mapping[str, Secret], session: BrokerSession) -> BrokerSession:
        if "totp_secret" in credentials:
            return await self.open_session(credentials)
        given = {"refreshToken": session.reveal("refresh_token")}
        return await self._tokens(
            _RENEW, given, session.user, session.reveal("api_key"), jwt=session.reveal("jwt_token")
        )

    async def close(self) -> None:
        await self._http.close()

    async def _tokens(self, path: str, given: object, user: str, api_key: str, *, jwt: str = "") -> BrokerSession:
        try:
            body = await ask(self._http, path, given, api_key=api_key, jwt=jwt)
        except Refusal as exc:
            raise FeedRejectedError(explained(exc)) from None
        try:
            tokens = msgspec.json.decode(body, type=_Tokens)
        except (msgspec.MsgspecError, ValueError):
            raise DecodeError("Angel One's answer to the login has no tokens") from None
        now_ms = time.time() * 1000.0
        new_jwt = tokens.jwt.removeprefix("Bearer ")
        return BrokerSession(
            broker="angel",
            user=user,
            tokens={
                "api_key": Secret(api_key),
                "jwt_token": Secret(new_jwt),
                "feed_token": Secret(tokens.feed),
                "refresh_token": Secret(tokens.refresh),
            },
            obtained_ms=now_ms,
            expires_ms=_ends_ms(now_ms, new_jwt, tokens.feed),
        )


def _ends_ms(now_ms: float, *tokens: str) -> float:
    """When the first of `tokens` ends."""
    told = [read_claims(token, _Claims).exp * 1000.0 for token in tokens]
    sensible = [ends_ms for ends_ms in told if now_ms < ends_ms <= now_ms + _LONGEST_MS]
    return min(sensible, default=next_rollover_ms(now_ms, ROLLOVER_HOUR))


def explained(refusal: Refusal) -> str:
    """A refusal as a sentence, without the broker's own words."""
    meaning = _BY_CODE.get(refusal.code) or next((each for word, each in _BY_WORDS if word in refusal.said), "")
    if meaning:
        return f"Angel One refused the login: {meaning}"
    code = refusal.code if refusal.code.isalnum() and len(refusal.code) <= 8 else ""
    return f"Angel One refused the login{f' ({code})' if code else ''} and gave no known reason"


def _one_time_code(credentials: Mapping[str, Secret]) -> str:
    typed, seed = credentials.get("totp"), credentials.get("totp_secret")
    if typed is not None:
        return typed.reveal()
    if seed is None:
        raise InvalidRequestError("The login needs the TOTP secret or a one-time code")
    return code_from(seed)
