"""The callbacks of a client, by event. One that raises is isolated, counted and logged once."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any

from market.errors import InvalidRequestError

_log = logging.getLogger(__name__)

EVENTS = ("market_data", "auth", "subscribe", "unsubscribe", "error", "status")

Callback = Callable[[dict[str, Any]], object]


class Callbacks:
    """Thread-safe; the tables are replaced, never changed, so a callback may unregister itself."""

    def __init__(self) -> None:
        self._by_event: dict[str, tuple[Callback, ...]] = dict.fromkeys(EVENTS, ())
        self._failed: set[Callback] = set()
        self._lock = threading.Lock()
        self.errors = 0

    def register(self, event_type: str, callback: Callback) -> None:
        """Call `callback` with a dict at every event of that type.

        Raises:
            InvalidRequestError: an unknown event, or something that cannot be called.
        """
        if event_type not in self._by_event:
            raise InvalidRequestError(f"Unknown event {event_type!r}; expected one of {', '.join(EVENTS)}")
        if not callable(callback):
            raise InvalidRequestError("The callback cannot be called")
        with self._lock:
            self._by_event[event_type] = (*self._by_event[event_type], callback)

    def unregister(self, event_type: str, callback: Callback) -> None:
        """Stop calling `callback`; no harm if it was not registered."""
        with self._lock:
            known = self._by_event.get(event_type, ())
            if callback in known:
                at = known.index(callback)
                self._by_event[event_type] = known[:at] + known[at + 1 :]

    def any(self, event_type: str) -> bool:
        """Whether anybody listens to that event."""
        return bool(self._by_event[event_type])

    def emit(self, event_type: str, message: dict[str, Any]) -> None:
        """Call those that listen."""
        for callback in self._by_event[event_type]:
            try:
                callback(message)
            except Exception:  # noqa: BLE001 - a callback is somebody else's code
                self.errors += 1
                if callback not in self._failed:
                    self._failed.add(callback)
                    _log.exception("A callback for %s raised; later errors of it are only counted", event_type)
