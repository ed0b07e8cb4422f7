"""One connection for deep books, of 20 or of 200 levels, as a state machine. Pure.

Bids and asks come in packets of their own; a book is told once both are known, and once a frame however many packets of
it the frame holds. It is kept until its leave is handed out: until then it may be wanted again, and nothing is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from adapters.asked import Asked, Change
from adapters.dhan import depth_wire as wire
from adapters.dhan.holdings import Holdings
from adapters.dhan.reasons import ended
from adapters.dhan.wire import SOURCE, best
from adapters.frames import FrameKind
from adapters.venue import Event, Skipped, Want
from market.errors import DecodeError
from market.instruments import InstrumentKey
from market.logins import BrokerSession
from market.ticks import Depth, Level, Tick

PER_MESSAGE = 50

_Side = tuple[Level, ...]


class DepthConversation:
    """Fulfils `adapters.venue.Conversation` for books of `levels`."""

    def __init__(self, levels: int) -> None:
        self._is_deepest = levels == 200
        self._asked = Asked[bytes, int]()
        self._holdings = Holdings()
        self._bids: dict[bytes, _Side] = {}
        self._asks: dict[bytes, _Side] = {}

    def opened(self, session: BrokerSession | None) -> None:
        self._asked.restart()
        self._bids.clear()
        self._asks.clear()

    def want(self, wants: Iterable[Want]) -> None:
        for instrument, mode in wants:
            self._asked.want(*self._holdings.hold(instrument, wire.ASK, mode))

    def let_go(self, keys: Iterable[InstrumentKey]) -> None:
        for key in keys:
            released = self._holdings.release(key)
            if released is not None and released[1] is None:
                place = released[0]
                self._asked.let_go(place)
                if self._asked.said(place) is None:
                    self._forget(place)

    def next_message(self) -> bytes | None:
        batch = self._asked.next_batch(1 if self._is_deepest else PER_MESSAGE)
        if batch is None:
            return None
        if batch.change is Change.GONE:
            for place in batch.items:
                self._forget(place)
            return wire.encode(wire.LEAVE, batch.items, alone=self._is_deepest)
        return wire.encode(wire.ASK, batch.items, alone=self._is_deepest)

    def receive(self, frame: bytes, kind: FrameKind, received_ms: float) -> Sequence[Event]:
        if kind is FrameKind.TEXT:
            raise DecodeError("Dhan said something as text", frame)
        events: list[Event] = []
        changed: dict[bytes, None] = {}
        at, size = 0, len(frame)
        while at < size or not size:
            try:
                code, end, place = wire.header(frame, at)
                event = self._packet(frame, at, end, code, place)
            except DecodeError:
                if not events and not changed:
                    raise
                events.append(Skipped("frames_cut"))  # what came before is good
                break
            if event is None:
                changed[place] = None
            else:
                events.append(event)
            at = end
        events.extend(self._books(changed, received_ms))
        return events

    def _packet(self, frame: bytes, at: int, end: int, code: int, place: bytes) -> Event | None:
        """Take one packet; None if it changed the book at `place`."""
        if code == wire.DISCONNECTION:
            # Tokens that an application has made are refused for 200 levels, and are good for everything else.
            return ended(wire.reason_in(frame, at, end), by_session=not self._is_deepest)
        if code not in (wire.BIDS, wire.ASKS):
            return Skipped("packets_of_unknown_code")
        if not self._holdings.at(place) and self._asked.said(place) is None:
            return Skipped("packets_not_wanted")
        sides = self._bids if code == wire.BIDS else self._asks
        sides[place] = wire.side(frame, at, end, counted=self._is_deepest)
        return None

    def _forget(self, place: bytes) -> None:
        """Nothing comes of `place` any more."""
        self._bids.pop(place, None)
        self._asks.pop(place, None)

    def _books(self, places: Iterable[bytes], received_ms: float) -> Iterable[Tick]:
        for place in places:
            buy, sell = self._bids.get(place), self._asks.get(place)
            if buy is None or sell is None:
                continue
            depth = Depth(buy, sell)
            bid, ask, bid_size, ask_size = best(depth)
            for listing in self._holdings.at(place):
                yield Tick(
                    listing.key,
                    received_ms,
                    SOURCE,
                    bid_price=bid,
                    ask_price=ask,
                    bid_size=bid_size,
                    ask_size=ask_size,
                    depth=depth,
                )
