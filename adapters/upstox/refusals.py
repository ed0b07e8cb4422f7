"""What Upstox's refusals mean, as sentences. Pure.

Its own texts are not shown: they repeat what was sent. Codes: Upstox developer documentation, "Error codes".
"""

from __future__ import annotations

import msgspec

_SENTENCES = {
    "UDAPI100016": "Upstox does not accept these credentials; check the API key and the API secret",
    "UDAPI100050": "Upstox does not accept this login any more",
    "UDAPI100057": "Upstox does not accept the code that the browser brought: it is used or too old; log in once more",
    "UDAPI100058": "This Upstox account has no active segment",
    "UDAPI100067": "Upstox does not give this with such a login; log in with the API key of an app",
    "UDAPI100068": "Upstox does not know this API key, or its app has another redirect URL",
    "UDAPI100069": "The API secret is not that of the API key",
    "UDAPI100073": "The Upstox app of this API key is inactive",
}
_TOKEN_CODES = frozenset({"UDAPI100016", "UDAPI100050"})


class _Error(msgspec.Struct):
    error_code: str | None = None
    errorCode: str | None = None


class _Errors(msgspec.Struct):
    errors: list[_Error] = []


def code_of(body: bytes) -> str:
    """Return the code of the first error in the body of a refusal, empty if there is none."""
    try:
        errors = msgspec.json.decode(body, type=_Errors).errors
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return ""
    return next((each.error_code or each.errorCode or "" for each in errors), "")


def is_about_the_token(code: str) -> bool:
    """Whether a request refused with `code` needs another access token."""
    return code in _TOKEN_CODES


def explained(body: bytes, otherwise: str) -> str:
    """Return why Upstox refused, or `otherwise` where it does not say so in words known here."""
    return _SENTENCES.get(code_of(body), otherwise)
