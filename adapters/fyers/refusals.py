"""What Fyers's refusals mean, as sentences. Pure.

Its own texts are not shown: they repeat what was sent. Refusals come with any HTTP status, 200 included. Codes: Fyers
API documentation, "Error codes".
"""

from __future__ import annotations

import msgspec

TOKEN_CODES = frozenset({-8, -15, -16, -17})
"""The access token is over, missing, malformed, or not of this app."""

_MEANINGS = {
    -300: "Fyers does not know this symbol",
    -352: "Fyers does not know this app ID",
    -429: "Fyers takes no more requests for now: there were too many",
}


class Refusal(msgspec.Struct):
    """The part of every answer that says whether it is one. `s` is `ok`, `no_data` or `error`."""

    s: str = ""
    code: int = 0


def refusal_in(body: bytes) -> Refusal | None:
    """Return the refusal that `body` is, or None if it is none."""
    try:
        found = msgspec.json.decode(body, type=Refusal)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    return found if found.s == "error" else None


def explained(code: int, otherwise: str) -> str:
    """Return why Fyers refused with `code`; `otherwise` where that code is not known here."""
    if code in _MEANINGS:
        return _MEANINGS[code]
    return f"{otherwise} (code {code})" if code else otherwise
