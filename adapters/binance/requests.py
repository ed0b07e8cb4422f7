"""What is asked for on one connection to Binance, and what the answers mean; spot and futures ask alike. Pure.

An instrument is some streams. Requests are answered by number; a stream that does not exist is acknowledged too, and
stays silent.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec

from adapters.asked import Asked, Change
from adapters.venue import AnswerDue, Event, Refused, Skipped
from market.instruments import InstrumentKey

SUBSCRIBE = "SUBSCRIBE"
UNSUBSCRIBE = "UNSUBSCRIBE"

_encode = msgspec.json.Encoder().encode


class Message(NamedTuple):
    """What to send, and the streams that come no more once it is said."""

    text: bytes
    gone: Sequence[str] = ()


class StreamRequests:
    """The streams of one connection.

    Args:
        title: of the exchange, for sentences.
        per_message: streams that one request may name.
    """

    def __init__(self, title: str, per_message: int) -> None:
        self._title = title
        self._per_message = per_message
        self._asked = Asked[str, int]()
        self._keys: dict[str, InstrumentKey] = {}
        self._streams: dict[InstrumentKey, frozenset[str]] = {}
        self._acknowledged: set[str] = set()
        self._requests: dict[int, tuple[str, list[str]]] = {}
        self._latest: dict[str, int] = {}
        self._again: deque[tuple[int, list[str]]] = deque()
        self._number = 0

    def restart(self) -> None:
        """The connection is new: everything wanted is to be asked for again."""
        self._asked.restart()
        self._acknowledged.clear()
        self._requests.clear()
        self._latest.clear()
        self._again.clear()

    def want(self, key: InstrumentKey, streams: Iterable[str]) -> None:
        """`streams`, and no others, are those of `key`."""
        wanted = frozenset(streams)
        self._drop(key, wanted)
        self._streams[key] = wanted
        for stream in wanted:
            self._keys[stream] = key
            self._asked.want(stream, 1)

    def let_go(self, key: InstrumentKey) -> None:
        """Nothing of `key` is wanted any more."""
        self._drop(key, frozenset())
        self._streams.pop(key, None)

    def key_of(self, stream: str) -> InstrumentKey | None:
        """Whose stream it is, if it is wanted."""
        return self._keys.get(stream)

    def is_whole(self, key: InstrumentKey) -> bool:
        """Whether every stream of `key` has been acknowledged on this connection."""
        streams = self._streams.get(key)
        return bool(streams) and self._acknowledged.issuperset(streams or ())

    def next_message(self) -> Message | None:
        """Return the next request; it counts as sent."""
        while self._again:
            streams = self._still_refused(*self._again.popleft())
            if streams:
                return Message(self._request(SUBSCRIBE, streams))
        batch = self._asked.next_batch(self._per_message)
        if batch is None:
            return None
        if batch.change is not Change.GONE:
            return Message(self._request(SUBSCRIBE, batch.items))
        self._acknowledged.difference_update(batch.items)
        return Message(self._request(UNSUBSCRIBE, batch.items), batch.items)

    def acknowledged(self, number: int | None) -> Sequence[str] | None:
        """Request `number` was carried out: the streams that it opened and that are wanted; None for one not known."""
        asked = self._requests.pop(number, None) if number is not None else None
        if asked is None:
            return None
        method, streams = asked
        if method == UNSUBSCRIBE:
            for stream in streams:
                if self._latest.get(stream) == number:
                    del self._latest[stream]
            return ()
        opened = [stream for stream in streams if self._latest.get(stream) == number]
        self._acknowledged.update(opened)
        return [stream for stream in opened if stream in self._keys]

    def refused(self, number: int | None, code: int, reason: str) -> Sequence[Event]:
        """Request `number` was refused: what that means."""
        asked = self._requests.pop(number, None) if number is not None else None
        if number is None or asked is None:
            return [Skipped(f"errors_{code}")]
        method, named = asked
        if method == UNSUBSCRIBE:
            return [Skipped("unsubscriptions_refused")]
        streams = self._still_refused(number, named)
        if len(named) > 1:
            # A request is refused as a whole: it is made again in halves, until the one that is meant is alone.
            half = len(streams) // 2
            self._again += ((number, part) for part in (streams[:half], streams[half:]))
            return [Skipped("requests_split"), AnswerDue()]
        if not streams:
            return [Skipped("refusals_not_wanted")]
        key = self._keys[streams[0]]
        self._asked.again(streams[0])
        return [Refused(key, f"{self._title} refused it: {reason[:120]}")]

    def _still_refused(self, number: int, streams: Iterable[str]) -> list[str]:
        """Those of `streams`, refused by the answer to `number`, that are wanted, and for which that answer counts.

        Of what was let go of and wanted again meanwhile another answer is to come.
        """
        meant = [stream for stream in streams if self._latest.get(stream) == number]
        for stream in meant:
            if stream not in self._keys:
                self._asked.again(stream)  # it is not held, so nothing is to be let go of
        return [stream for stream in meant if stream in self._keys]

    def _request(self, method: str, streams: Sequence[str]) -> bytes:
        self._number += 1
        self._requests[self._number] = (method, list(streams))
        self._latest.update(dict.fromkeys(streams, self._number))
        return encode(method, streams, self._number)

    def _drop(self, key: InstrumentKey, keep: frozenset[str]) -> None:
        for stream in self._streams.get(key, frozenset()) - keep:
            self._asked.let_go(stream)
            self._keys.pop(stream, None)


def encode(method: str, streams: Sequence[str], request: int) -> bytes:
    """Return the message `method` for `streams`; the answer carries `request`. Its id has to be a whole number."""
    return _encode({"method": method, "params": streams, "id": request})
