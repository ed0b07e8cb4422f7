"""A second start on a profile brings the window of the first to the front, by a file that the first looks for."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

_REQUEST = "show.request"
_PATIENCE_S = 4.0


def ask_to_show(profile: Path, *, patience_s: float = _PATIENCE_S) -> bool:
    """Ask the instance that uses `profile` to show itself; whether it did. Blocks for up to `patience_s`."""
    request = profile.expanduser().absolute() / _REQUEST
    try:
        request.write_text("", encoding="ascii")
    except OSError:
        return False
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        if not request.exists():
            return True
        time.sleep(0.05)
    with contextlib.suppress(OSError):
        request.unlink(missing_ok=True)
    return False


def was_asked_to_show(profile: Path) -> bool:
    """Whether another start asked since the last call; answers it. Costs a look at a folder."""
    try:
        (profile.expanduser().absolute() / _REQUEST).unlink()
    except OSError:
        return False
    return True
