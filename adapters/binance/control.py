"""The conversation on one connection: what was asked for, what was acknowledged, what is still to be said. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from adapters.binance.wire import encode_subscribe, encode_unsubscribe

BATCH = 200


class _Request(NamedTuple):
    subscribe: bool
    streams: tuple[str, ...]


class StreamControl:
    """Holds the streams wanted on one connection, and the messages that make the source send them."""

    def __init__(self) -> None:
        self._wanted: dict[str, None] = {}
        self._to_subscribe: dict[str, None] = {}
        self._to_unsubscribe: dict[str, None] = {}
        self._requests: dict[int, _Request] = {}
        self._acked: set[str] = set()
        self._last_id = 0

    def want(self, streams: Iterable[str]) -> None:
        """Ask for `streams`, now and after every reconnect."""
        for stream in streams:
            self._wanted[stream] = None
            if stream in self._to_unsubscribe:
                del self._to_unsubscribe[stream]
            elif stream not in self._acked:
                self._to_subscribe[stream] = None

    def let_go(self, streams: Iterable[str]) -> None:
        """Stop wanting `streams`."""
        for stream in streams:
            self._wanted.pop(stream, None)
            if stream in self._to_subscribe:
                del self._to_subscribe[stream]
            else:
                self._to_unsubscribe[stream] = None

    def restart(self) -> None:
        """The connection is new: everything wanted is asked for again."""
        self._to_subscribe = dict(self._wanted)
        self._to_unsubscribe.clear()
        self._requests.clear()
        self._acked.clear()

    def next_message(self) -> bytes | None:
        """Return the next message to send, or None. Wanting comes first: letting go is never urgent."""
        subscribe = bool(self._to_subscribe)
        queue = self._to_subscribe if subscribe else self._to_unsubscribe
        if not queue:
            return None
        batch = tuple(queue)[:BATCH]
        for stream in batch:
            del queue[stream]
        if not subscribe:
            self._acked.difference_update(batch)
        self._last_id += 1
        self._requests[self._last_id] = _Request(subscribe, batch)
        encode = encode_subscribe if subscribe else encode_unsubscribe
        return encode(batch, self._last_id)

    def acknowledge(self, request_id: int) -> list[str]:
        """Note that the request was carried out; return the streams that it opened and that are still wanted."""
        request = self._requests.pop(request_id, None)
        if request is None or not request.subscribe:
            return []
        opened = [stream for stream in request.streams if stream in self._wanted]
        self._acked.update(opened)
        return opened

    def refuse(self, request_id: int | None) -> list[str]:
        """Note that the request was refused; return the streams it had asked for, which are wanted no more."""
        request = self._requests.pop(request_id, None) if request_id is not None else None
        if request is None or not request.subscribe:
            return []
        for stream in request.streams:
            self._wanted.pop(stream, None)
        return list(request.streams)

    @property
    def acknowledged(self) -> set[str]:
        """The streams that the source has acknowledged on this connection."""
        return self._acked & self._wanted.keys()

    @property
    def wanted(self) -> frozenset[str]:
        """The streams wanted on this connection."""
        return frozenset(self._wanted)
