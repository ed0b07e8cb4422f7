"""What the window shows now, in a file of the profile, so that a process that is killed comes back where it was.

Qt-free. The file says too whether the session still runs: if so at the next start, the last one ended unexpectedly.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping
from pathlib import Path

FILE_NAME = "session.json"
_RUNNING = "running"


class SessionFile:
    """One session's state as JSON, replaced as a whole."""

    def __init__(self, profile: Path) -> None:
        self._path = profile.expanduser().absolute() / FILE_NAME
        self._written: str | None = None

    def load(self) -> dict[str, object]:
        """What was kept last; empty if nothing was, or if it cannot be read."""
        try:
            state = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return state if isinstance(state, dict) else {}

    def ended_unexpectedly(self) -> bool:
        """Whether the last session did not say that it ended. Ask before the first `save`."""
        return self.load().get(_RUNNING) is True

    def save(self, state: Mapping[str, object], *, running: bool = True) -> None:
        """Keep `state`; the same again costs nothing. May be called in a worker thread.

        Raises:
            OSError: it cannot be written; what was kept before is still there.
        """
        text = json.dumps({**state, _RUNNING: running}, sort_keys=True)
        if text == self._written:
            return
        fresh = self._path.with_name(f"{FILE_NAME}.new")
        try:
            with open(fresh, "w", encoding="utf-8", opener=_private) as file:
                file.write(text)
            fresh.replace(self._path)
        except OSError:
            with contextlib.suppress(OSError):
                fresh.unlink(missing_ok=True)
            raise
        self._written = text


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
