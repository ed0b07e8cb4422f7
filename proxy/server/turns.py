"""Work that is put off: taken up again in the next turn of the loop, a little at a time, everybody in turn."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Protocol

# What put-off work may take of one turn of the loop, however many have some. What a single step takes comes on top.
TURN_S = 0.002


class Worker(Protocol):
    """Somebody with work that was put off."""

    def go_on(self) -> bool:
        """Do a little of it, well under a millisecond; whether there is more."""


class Turns:
    """Those who have work that was put off, in the order in which it is their turn."""

    def __init__(self, now_s: Callable[[], float]) -> None:
        self._now_s = now_s
        self._waiting: deque[Worker] = deque()
        self._members: set[Worker] = set()
        self._is_scheduled = False

    def soon(self, worker: Worker) -> None:
        """Call `worker.go_on` in one of the next turns of the loop, again and again until there is no more."""
        if worker not in self._members:
            self._members.add(worker)
            self._waiting.append(worker)
        self._schedule()

    def finish(self) -> None:
        """Do everything that is left, at once."""
        while self._waiting:
            self._step()

    def _schedule(self) -> None:
        if self._waiting and not self._is_scheduled:
            self._is_scheduled = True
            asyncio.get_running_loop().call_soon(self._run)

    def _run(self) -> None:
        self._is_scheduled = False
        until_s = self._now_s() + TURN_S
        try:
            while self._waiting and self._now_s() < until_s:
                self._step()
        finally:
            self._schedule()

    def _step(self) -> None:
        worker = self._waiting.popleft()
        self._members.discard(worker)
        if worker.go_on() and worker not in self._members:
            self._members.add(worker)
            self._waiting.append(worker)
