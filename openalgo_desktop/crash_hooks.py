"""Failures that nobody expected, wherever they happen: logged at once, told once per cause, counted after that.

Qt-free. A cause is a type of error at a place in the code. What is told is redacted as the log is.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
import traceback
from collections.abc import Callable
from types import TracebackType
from typing import Any, NamedTuple

from openalgo_desktop.logs import redact

logger = logging.getLogger(__name__)


class Failure(NamedTuple):
    """One cause. `where` says in which part of the program, `text` is the traceback, `times` how often it was met."""

    sentence: str
    where: str
    text: str
    times: int


class CrashHooks:
    """Takes the place of Python's hooks between `install` and `remove`."""

    def __init__(self) -> None:
        self._tell: Callable[[Failure], object] | None = None
        self._untold: list[Failure] = []
        self._times: dict[tuple[str, str], int] = {}
        self._lock = threading.Lock()
        self._before: tuple[Any, Any, Any] | None = None

    def listen(self, tell: Callable[[Failure], object]) -> None:
        """Have `tell` called in the thread that failed, and now for what failed before."""
        self._tell = tell
        untold, self._untold = self._untold, []
        for failure in untold:
            tell(failure)

    def install(self, loop: asyncio.AbstractEventLoop | None = None) -> None:
        """Hear of failures in the main thread, other threads, finalisers, and on `loop`."""
        self._before = (sys.excepthook, threading.excepthook, sys.unraisablehook)
        sys.excepthook = self._in_main
        threading.excepthook = self._in_thread
        sys.unraisablehook = self._unraisable
        if loop is not None:
            loop.set_exception_handler(self._on_loop)

    def remove(self) -> None:
        """Give the hooks back."""
        if self._before is not None:
            sys.excepthook, threading.excepthook, sys.unraisablehook = self._before
            self._before = None

    def take(self, error: BaseException, where: str) -> None:
        """Log and tell a failure."""
        last = traceback.extract_tb(error.__traceback__)[-1:]
        place = f"{last[0].filename}:{last[0].lineno}" if last else ""
        with self._lock:
            cause = (type(error).__name__, place)
            times = self._times[cause] = self._times.get(cause, 0) + 1
        if times == 1:
            logger.critical("An unexpected failure %s", where, exc_info=error)
        else:
            logger.error("The same failure %s again (%s times): %s", where, times, type(error).__name__)
        text = redact("".join(traceback.format_exception(error)))
        failure = Failure(f"{type(error).__name__} {where}", where, text, times)
        if self._tell is None:
            self._untold.append(failure)
        else:
            self._tell(failure)

    def _in_main(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if not issubclass(kind, KeyboardInterrupt):
            self.take(error.with_traceback(trace), "in the window")

    def _in_thread(self, given: threading.ExceptHookArgs) -> None:
        if given.exc_value is not None and not issubclass(given.exc_type, SystemExit):
            name = given.thread.name if given.thread is not None else "that has ended"
            self.take(given.exc_value, f"in the thread {name}")

    def _unraisable(self, given: sys.UnraisableHookArgs) -> None:
        if given.exc_value is not None:
            self.take(given.exc_value, "while something was taken down")

    def _on_loop(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if isinstance(error, BaseException):
            self.take(error, "in the background")
        else:
            logger.error("The loop says: %s", redact(str(context.get("message", ""))))
