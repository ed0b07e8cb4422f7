"""Values to and from the bytes of HTTP bodies. Pure.

JSON is written without blanks, because AmiBroker searches the text for `"status":"success"`, and ends with a newline.
"""

from __future__ import annotations

from typing import Any

import msgspec

from proxy.http.ports import Answer

JSON = "application/json"

_sorted = msgspec.json.Encoder(order="sorted")
_as_given = msgspec.json.Encoder()
_decode = msgspec.json.Decoder().decode


class UnreadableBodyError(Exception):
    """A body that is not a JSON object; the sentence says what was expected."""


def encode(answer: Answer) -> bytes:
    """The bytes of an answer's body."""
    if answer.media != JSON:
        return str(answer.body).encode()
    return (_sorted if answer.is_sorted else _as_given).encode(answer.body) + b"\n"


def error_body(message: str, **beside: object) -> bytes:
    """The bytes of an error that the server itself answers."""
    return _sorted.encode({"status": "error", "message": message, **beside}) + b"\n"


def decode(body: bytes) -> dict[str, Any]:
    """The fields of a request's body; an empty one has none.

    Raises:
        UnreadableBodyError: it is not a JSON object.
    """
    if not body.strip():
        return {}
    try:
        fields = _decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise UnreadableBodyError("The body must be a JSON object") from None
    if not isinstance(fields, dict):
        raise UnreadableBodyError("The body must be a JSON object")
    return fields
