"""Requests that wait for their answer. Thread-safe."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from concurrent.futures import Future
from typing import Any


class PendingRequests:
    """Matches answers by `request_id`, else by order.

    OpenAlgo leaves the number out of its error frames, but answers a connection's requests strictly in order, so an
    answer without one belongs to the oldest request that it fits.
    """

    def __init__(self) -> None:
        self._waiting: dict[str, tuple[str, Future[dict[str, Any]]]] = {}
        self._lock = threading.Lock()

    def add(self, number: str, action: str) -> Future[dict[str, Any]]:
        """Expect an answer to the request `number`."""
        future: Future[dict[str, Any]] = Future()
        with self._lock:
            self._waiting[number] = (action, future)
        return future

    def answer(self, frame: Mapping[str, Any]) -> bool:
        """Give `frame` to the request that it answers; False if it answers none."""
        with self._lock:
            number = self._number_of(frame)
            waiting = self._waiting.pop(number, None) if number is not None else None
        if waiting is None:
            return False
        waiting[1].set_result(dict(frame))
        return True

    def forget(self, number: str) -> None:
        """Expect no answer any more."""
        with self._lock:
            self._waiting.pop(number, None)

    def fail(self, error: Mapping[str, Any]) -> None:
        """Answer every request with `error`."""
        with self._lock:
            waiting = list(self._waiting.values())
            self._waiting.clear()
        for _, future in waiting:
            future.set_result(dict(error))

    def _number_of(self, frame: Mapping[str, Any]) -> str | None:
        number = frame.get("request_id")
        if number is not None:
            return str(number)
        kind = frame.get("type")
        fitting = (key for key, (action, _) in self._waiting.items() if kind is None or action.startswith(str(kind)))
        return next(fitting, None)
