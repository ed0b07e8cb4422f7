"""Who is told of updates. One listener that raises or is slow never harms another, nor the feed.

The tables are replaced, never changed, so a listener may subscribe and unsubscribe from inside its own call and
from any thread.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from enum import IntEnum
from time import perf_counter
from typing import Any

from market.errors import InvalidRequestError
from market.instruments import InstrumentKey
from market.modes import Mode
from market.symbols import parse_key
from market.ticks import Tick, Update
from services.market_data.readings import message_reading

_log = logging.getLogger(__name__)

SLOW_SECONDS = 0.005

# Looking a member up in its enumeration costs as much as a call; this is the path of every tick.
_QUOTE = Mode.QUOTE
_DEPTH = Mode.DEPTH

_EVENT_MODES: dict[str, Mode | None] = {
    "ltp": Mode.LTP,
    "quote": Mode.QUOTE,
    "depth": Mode.DEPTH,
    "all": None,
    "market_data": None,
}


class Priority(IntEnum):
    """The order in which listeners are told: the lowest number first."""

    CRITICAL = 1
    HIGH = 2
    NORMAL = 3
    LOW = 4


class Listener:
    """One callback and how it has behaved."""

    __slots__ = ("bit", "callback", "errors", "id", "keys", "mode", "name", "priority", "slow")

    def __init__(
        self,
        number: int,
        callback: Callable[[Any], object],
        mode: Mode | None,
        keys: frozenset[InstrumentKey] | None,
        priority: int,
    ) -> None:
        self.id = number
        self.callback = callback
        self.mode = mode
        self.bit = mode.bit if mode is not None else 0
        self.keys = keys
        self.priority = priority
        self.errors = 0
        self.slow = 0
        self.name = getattr(callback, "__qualname__", type(callback).__name__)

    def failed(self) -> None:
        """Count an exception; only the first is logged. Called while it is being handled."""
        self.errors += 1
        if self.errors == 1:
            _log.exception(
                "Market data listener %s raised; it stays subscribed, later errors are only counted", self.name
            )

    def took(self, seconds: float) -> None:
        """Count a call that was too slow; only the first is logged, not as a warning: busy machines do it too."""
        self.slow += 1
        if self.slow == 1:
            _log.info("Market data listener %s is slow: %.1f ms for one call", self.name, seconds * 1000)


class Listeners:
    """The listeners of dicts, told one update at a time, and those of batches."""

    def __init__(self, timer: Callable[[], float] = perf_counter) -> None:
        self._timer = timer
        self._lock = threading.Lock()
        self._next_id = 1
        self._dict: tuple[Listener, ...] = ()
        self._batch: tuple[Listener, ...] = ()
        self.version = 0
        """Grows whenever `for_key` may answer differently."""

    def __len__(self) -> int:
        return len(self._dict) + len(self._batch)

    def __iter__(self) -> Iterator[Listener]:
        return iter((*self._batch, *self._dict))

    @property
    def any_dicts(self) -> bool:
        """Whether anybody wants dicts."""
        return bool(self._dict)

    def add(
        self,
        event_type: str,
        callback: Callable[[dict[str, Any]], object],
        filter_symbols: Collection[str] | None,
        priority: int,
    ) -> int:
        """Add a listener of dicts and return its id.

        Raises:
            InvalidRequestError: an unknown event type, or a filter entry that is not `EXCHANGE:SYMBOL`.
        """
        event = event_type.strip().lower() if isinstance(event_type, str) else ""
        if event not in _EVENT_MODES:
            raise InvalidRequestError(f"Unknown event type {event_type!r}; expected one of {', '.join(_EVENT_MODES)}")
        if not callable(callback):
            raise InvalidRequestError("The callback cannot be called")
        keys = None if filter_symbols is None else frozenset(_filter_key(text) for text in filter_symbols)
        with self._lock:
            listener = Listener(self._take_id(), callback, _EVENT_MODES[event], keys, int(priority))
            self._dict = tuple(sorted((*self._dict, listener), key=lambda known: (known.priority, known.id)))
            self.version += 1
        return listener.id

    def add_batch(self, callback: Callable[[Sequence[Update]], object]) -> int:
        """Add a listener of batches and return its id."""
        with self._lock:
            listener = Listener(self._take_id(), callback, None, None, Priority.NORMAL)
            self._batch = (*self._batch, listener)
        return listener.id

    def remove(self, number: int) -> bool:
        """Remove a listener of either kind; False if there is none with that id."""
        with self._lock:
            before = len(self)
            self._dict = tuple(listener for listener in self._dict if listener.id != number)
            self._batch = tuple(listener for listener in self._batch if listener.id != number)
            self.version += 1
            return len(self) < before

    def for_key(self, key: InstrumentKey) -> tuple[Listener, ...]:
        """The listeners of dicts that want `key`, most important first."""
        return tuple(listener for listener in self._dict if listener.keys is None or key in listener.keys)

    def filters_on(self, key: InstrumentKey) -> bool:
        """Whether a listener asked for `key` by name."""
        return any(listener.keys is not None and key in listener.keys for listener in self._dict)

    def tell_batch(self, updates: Sequence[Update]) -> None:
        """Tell the listeners of batches."""
        if self._batch:
            self._call(self._batch, updates)

    def tell(self, route: Iterable[Listener], tick: Tick, modes: int) -> None:
        """Tell the listeners in `route` that `modes` (bits) of `tick` moved. The dict is shared: do not change it."""
        timer = self._timer
        built: dict[int, dict[str, Any]] = {}
        began = timer()
        for listener in route:
            mode = listener.mode
            if mode and (not modes & listener.bit or (mode is _DEPTH and tick.depth is None)):
                continue
            message = built.get(listener.bit)
            if message is None:
                fullest = _QUOTE if tick.depth is None else _DEPTH
                message = built[listener.bit] = message_reading(tick, mode or fullest)
            try:
                listener.callback(message)
            except Exception:  # noqa: BLE001 - a listener is somebody else's code
                listener.failed()
            ended = timer()
            if ended - began > SLOW_SECONDS:
                listener.took(ended - began)
            began = ended

    def _call(self, listeners: Iterable[Listener], argument: object) -> None:
        began = self._timer()
        for listener in listeners:
            try:
                listener.callback(argument)
            except Exception:  # noqa: BLE001 - a listener is somebody else's code
                listener.failed()
            ended = self._timer()
            if ended - began > SLOW_SECONDS:
                listener.took(ended - began)
            began = ended

    def _take_id(self) -> int:
        self._next_id += 1
        return self._next_id - 1


def _filter_key(text: str) -> InstrumentKey:
    exchange, colon, symbol = str(text).partition(":")
    if not colon:
        raise InvalidRequestError(f"{text!r} is not EXCHANGE:SYMBOL, for example NSE:RELIANCE")
    return parse_key(exchange, symbol)
