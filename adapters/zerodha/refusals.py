"""What Kite says of a request that it refuses: the kind of error. Pure.

Source: Kite Connect documentation, "Exceptions and errors".
"""

from __future__ import annotations

import msgspec

ENDED = "TokenException"
NOT_ALLOWED = "PermissionException"


class _Error(msgspec.Struct):
    error_type: str | None = None


def kind_of(body: bytes) -> str:
    """Return the kind of error that the body of a refusal names, empty if it names none."""
    try:
        return msgspec.json.decode(body, type=_Error).error_type or ""
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return ""
