"""The one way to start a coroutine from the window: kept, cancelled with its owner, and heard when it fails."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from PySide6.QtCore import QObject

log = logging.getLogger(__name__)

_on_failure: list[Callable[[BaseException], object]] = []
_running: set[asyncio.Task[Any]] = set()
T = TypeVar("T")


def spawn(coro: Coroutine[Any, Any, T], *, owner: QObject | None = None) -> asyncio.Task[T]:
    """Run `coro` on the running loop; it is cancelled when `owner` is destroyed, and its failure is logged."""
    task = asyncio.get_running_loop().create_task(coro)
    _running.add(task)
    task.add_done_callback(_finished)
    if owner is not None:
        # The connection must not keep `owner`, only the task; a finished task ignores cancel().
        owner.destroyed.connect(lambda *_: task.cancel())
    return task


@contextmanager
def failures_told(tell: Callable[[BaseException], object]) -> Iterator[None]:
    """Have failures of tasks told to `tell`, which logs them, instead of logged here."""
    _on_failure.append(tell)
    try:
        yield
    finally:
        _on_failure.remove(tell)


def running() -> frozenset[asyncio.Task[Any]]:
    """The tasks that have been spawned and not finished."""
    return frozenset(_running)


async def cancel_all() -> None:
    """Cancel every spawned task and wait until each has ended."""
    tasks = [task for task in _running if task is not asyncio.current_task()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _finished(task: asyncio.Task[Any]) -> None:
    _running.discard(task)
    if not task.cancelled() and (error := task.exception()) is not None:
        if _on_failure:
            for tell in tuple(_on_failure):
                tell(error)
        else:
            log.error("A task of the window failed: %s", error, exc_info=error)
