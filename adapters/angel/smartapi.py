"""SmartAPI's REST requests: the headers they all carry, the envelope of their answers, and what its codes mean.

Answers are HTTP 200 whether they are good or not: `status` says it, `errorcode` why. The gateway in front of it writes
`success` and `errorCode`, and says 403 to who asks too often. Sources: SmartAPI documentation, "Exceptions"; its forum.
"""

from __future__ import annotations

import msgspec

from adapters.transport import HttpClient, RateLimitedError, RefusedError, RefusedTokenError
from market.errors import DecodeError, FeedRejectedError, TokenExpiredError

_ACCESS_RATE = "access rate"
_PAUSE_S = 1.0
SESSION_CODES = frozenset({"AG8001", "AG8002", "AG8003", "AB1010", "AB1011", "AB8050", "AB8051"})
# The computer's real addresses are asked for; whether they are looked at is not known, and they are nobody's business.
_STATIC_HEADERS = {
    "Accept": "application/json",
    "X-UserType": "USER",
    "X-SourceID": "WEB",
    "X-ClientLocalIP": "127.0.0.1",
    "X-ClientPublicIP": "127.0.0.1",
    "X-MACAddress": "00:00:00:00:00:00",
}


class Refusal(FeedRejectedError):
    """SmartAPI said no: `code` is its code, `said` its words in lower case, not to be shown."""

    def __init__(self, code: str, said: str) -> None:
        super().__init__(f"Angel One refused the request ({code})" if code else "Angel One refused the request")
        self.code = code
        self.said = said


class _Envelope(msgspec.Struct):
    status: bool = False
    success: bool = False
    message: str | None = ""
    errorcode: str | None = ""
    error_code: str | None = msgspec.field(default="", name="errorCode")
    data: msgspec.Raw = msgspec.Raw(b"null")


async def ask(http: HttpClient, path: str, given: object, *, api_key: str, jwt: str = "") -> bytes:
    """POST `given` and return the `data` of the answer, JSON.

    Raises:
        Refusal: SmartAPI said no.
        FeedUnavailableError: no answer, or a pause is asked for.
        DecodeError: the answer is not one of SmartAPI.
    """
    headers = {**_STATIC_HEADERS, "X-PrivateKey": api_key}
    if jwt:
        headers["Authorization"] = f"Bearer {jwt}"
    try:
        body = await http.post(path, given, headers=headers)
    except (RefusedError, RefusedTokenError) as exc:
        raise _refusal(exc.body) from None
    said = _opened(body)
    if not (said.status or said.success):
        raise _refusal(body)
    return bytes(said.data)


async def ask_within(http: HttpClient, path: str, given: object, *, api_key: str, jwt: str) -> bytes:
    """As `ask`, within a session.

    Raises:
        TokenExpiredError: the session is over.
    """
    try:
        return await ask(http, path, given, api_key=api_key, jwt=jwt)
    except Refusal as exc:
        if exc.code in SESSION_CODES:
            raise TokenExpiredError("Angel One's session is over") from None
        raise


def _opened(body: bytes) -> _Envelope:
    try:
        return msgspec.json.decode(body, type=_Envelope, strict=False)
    except (msgspec.MsgspecError, ValueError, RecursionError) as exc:
        raise DecodeError("Not an answer of Angel One", body) from exc


def _refusal(body: bytes) -> Refusal | RateLimitedError:
    """What a refusal means. Pages of the gateway are no JSON, so they are looked through as text."""
    if _ACCESS_RATE in body.decode(errors="replace").lower():
        return RateLimitedError(f"Angel One asks for a pause of {_PAUSE_S:.0f} s", _PAUSE_S)
    try:
        said = _opened(body)
    except DecodeError:
        return Refusal("", "")
    return Refusal(said.errorcode or said.error_code or "", (said.message or "").lower())
