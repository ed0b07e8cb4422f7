"""Processes that a benchmark is made of: each runs one function, is told things through a pipe, and is always ended."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from typing import Any

CONTEXT = multiprocessing.get_context("spawn")
PATIENCE_S = 60.0


class Child:
    """A running process."""

    def __init__(self, process: Any, pipe: Connection) -> None:
        self.process = process
        self._pipe = pipe

    def tell(self, *message: Any) -> None:
        """Send it a message."""
        self._pipe.send(message)

    def answer(self, *, within_s: float = PATIENCE_S) -> Any:
        """Wait for its next message."""
        assert self._pipe.poll(within_s), f"{self.process.name} said nothing within {within_s} s"
        return self._pipe.recv()

    def ask(self, *message: Any, within_s: float = PATIENCE_S) -> Any:
        """Send it a message and wait for the answer."""
        self.tell(*message)
        return self.answer(within_s=within_s)


@contextmanager
def started(function: Callable[..., None], *arguments: Any) -> Iterator[Child]:
    """Run `function(pipe, *arguments)` in a process; on leaving, it gets the message `("end",)` and is waited for."""
    ours, theirs = CONTEXT.Pipe()
    process = CONTEXT.Process(target=function, args=(theirs, *arguments), name=function.__name__, daemon=True)
    process.start()
    theirs.close()
    try:
        yield Child(process, ours)
    finally:
        with suppress(OSError):
            ours.send(("end",))
        process.join(5)
        if process.is_alive():
            process.kill()
            process.join()
        ours.close()
        process.close()


def counters(size: int) -> Any:
    """Numbers (64 bits, from 0) that a benchmark shares with its processes."""
    return CONTEXT.RawArray("Q", size)
