"""What the window knows of the process it runs in, and asks of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from openalgo_desktop.crash_hooks import Failure
from openalgo_desktop.session_file import SessionFile


async def _cannot_check(_source: str) -> str:
    return "Sources cannot be tried here"


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """By default there is nothing around the window, as in a test.

    `notices` were said at the start; `said` are the settings that the command line decides. `check_source` takes a feed
    as the command line names it, and answers with what is wrong, or with nothing.
    """

    log_file: Path | None = None
    session: SessionFile | None = None
    safe: bool = False
    notices: tuple[str, ...] = ()
    said: frozenset[str] = frozenset()
    on_storage_failure: Callable[[Callable[[str], object]], object] = lambda _tell: None
    on_unexpected: Callable[[Callable[[Failure], object]], object] = lambda _tell: None
    asked_to_show: Callable[[], bool] = lambda: False
    wrong_sources: Callable[[str], str] = lambda _sources: ""
    check_source: Callable[[str], Awaitable[str]] = _cannot_check
