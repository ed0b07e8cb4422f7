"""One connection to SmartStream as a state machine. Pure.

Nothing is acknowledged; the first packet is the answer. A token that is asked for in two modes counts twice against
the limit of the connection, so the old mode is let go of before the new one is asked for. A refusal is told of a whole
message, so what was refused is asked again in halves until what is wrong stands alone.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence

from adapters.angel import wire
from adapters.asked import Asked, Change
from adapters.frames import FrameKind
from adapters.venue import AnswerDue, Event, Refused, SessionOver, Skipped, Want
from market.instruments import InstrumentKey
from market.logins import BrokerSession
from market.modes import Mode

PER_MESSAGE = 200
_MODES = {Mode.LTP: wire.LTP, Mode.QUOTE: wire.SNAP_QUOTE, Mode.DEPTH: wire.SNAP_QUOTE}
"""Quote is asked for as a snap quote, which costs no more: without it there are no bid and ask, no open interest, no
circuits and no time of the last trade."""

_SESSION_CODES = frozenset({"AG8001", "AG8002", "AG8003", "AB1010"})
_REASONS = {
    "E1001": "Angel One does not take this instrument",
    "E1002": "Angel One carries no more instruments on this connection",
}
_MOST_REMEMBERED = 64


class AngelConversation:
    """Fulfils `adapters.venue.Conversation`."""

    def __init__(self) -> None:
        self._asked = Asked[bytes, int]()
        self._listings: dict[bytes, wire.Listing] = {}
        self._places: dict[InstrumentKey, bytes] = {}
        self._ready: deque[tuple[int, list[bytes]]] = deque()
        self._sent: dict[str, tuple[int, list[bytes]]] = {}
        self._number = 0

    def opened(self, session: BrokerSession | None) -> None:
        self._ready.clear()
        self._sent.clear()
        self._asked.restart()

    def want(self, wants: Iterable[Want]) -> None:
        for instrument, mode in wants:
            place = wire.place_of(instrument)
            self._listings[place] = wire.listing_of(instrument)
            self._places[instrument.key] = place
            self._asked.want(place, _MODES[mode])

    def let_go(self, keys: Iterable[InstrumentKey]) -> None:
        for key in keys:
            place = self._places.pop(key, None)
            if place is not None:
                self._listings.pop(place, None)
                self._asked.let_go(place)

    def next_message(self) -> bytes | None:
        while self._ready:
            mode, places = self._ready.popleft()
            still = [place for place in places if self._asked.said(place) == mode]
            if still:
                return self._ask(mode, still)
        batch = self._asked.next_batch(PER_MESSAGE)
        if batch is None:
            return None
        if batch.change is Change.GONE:
            return wire.encode(wire.LEAVE, batch.value, batch.items, self._next_correlation())
        if batch.before is None:
            return self._ask(batch.value, batch.items)
        self._ready.append((batch.value, batch.items))
        return wire.encode(wire.LEAVE, batch.before, batch.items, self._next_correlation())

    def receive(self, frame: bytes, kind: FrameKind, received_ms: float) -> Sequence[Event]:
        if kind is FrameKind.TEXT:
            return [Skipped("heartbeats")] if frame == wire.PONG else self._refused(wire.decode_error(frame))
        place = wire.place_in(frame)
        listing = self._listings.get(place) or self._listings.get(wire.tidied(place))
        if listing is None:
            return [Skipped("packets_not_wanted")]
        return [wire.decode(frame, listing, received_ms)]

    def _ask(self, mode: int, places: list[bytes]) -> bytes:
        correlation = self._next_correlation()
        self._sent[correlation] = (mode, places)
        if len(self._sent) > _MOST_REMEMBERED:
            del self._sent[next(iter(self._sent))]
        return wire.encode(wire.ASK, mode, places, correlation)

    def _next_correlation(self) -> str:
        """At most ten letters and digits; it is told back with a refusal."""
        self._number = (self._number + 1) % 1_000_000_000
        return f"q{self._number}"

    def _refused(self, error: wire.ErrorMessage) -> Sequence[Event]:
        if error.code in _SESSION_CODES:
            return [SessionOver("it does not accept the session any more")]
        mode, places = self._sent.pop(error.correlation, (0, []))
        places = [place for place in places if self._asked.said(place) == mode]
        if len(places) > 1:
            middle = len(places) // 2
            self._ready.extend(((mode, places[:middle]), (mode, places[middle:])))
            return [Skipped("messages_refused"), AnswerDue()]
        events: list[Event] = [Skipped("messages_refused")]
        for place in places:
            self._asked.again(place)  # it is not held, so nothing is to be let go of
            listing = self._listings.get(place)
            if listing is not None:
                events.append(Refused(listing.key, _REASONS.get(error.code, "Angel One refused the subscription")))
        return events
