"""One connection to the market feed as a state machine. Pure.

Nothing is acknowledged; the first packet is the answer. Every mode is a subscription of its own, so the old one is let
go of before the new one is asked for. The previous close comes in a packet of its own after each subscription, and
never again. The field that full packets have for it holds today's close after the market, so it is used only where that
packet never came, and on the days after the one on which it came, while the market is open for sure.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence

from adapters.asked import Asked, Change
from adapters.dhan import wire
from adapters.dhan.holdings import Holdings
from adapters.dhan.reasons import ended
from adapters.dhan.segments import Listing
from adapters.frames import FrameKind
from adapters.venue import Event, Skipped, Want
from market.errors import DecodeError
from market.exchanges import INDICES
from market.instruments import InstrumentKey
from market.logins import BrokerSession
from market.modes import Mode
from market.ticks import Tick

PER_MESSAGE = 100
_CODES = {Mode.LTP: wire.TICKER, Mode.QUOTE: wire.FULL, Mode.DEPTH: wire.FULL}
"""Quote is asked for as full: it costs no more of the limit, and without it there are no bid and ask."""

_INDEX_CODES = {Mode.LTP: wire.TICKER, Mode.QUOTE: wire.QUOTE, Mode.DEPTH: wire.QUOTE}
_PATIENCE_MS = 5_000.0
"""How long the packet with the previous close may take to come."""

_DAY_MS = 86_400_000.0
_OPENS_MS = 12_600_000.0
_OPEN_FOR_MS = 6 * 3_600_000.0
"""Days are from 9:00 in India, 3:30 UTC; from then until 15:00 no exchange has closed."""


class DhanConversation:
    """Fulfils `adapters.venue.Conversation`."""

    def __init__(self) -> None:
        self._asked = Asked[bytes, int]()
        self._holdings = Holdings()
        self._ready: deque[tuple[int, list[bytes]]] = deque()
        self._close_from: dict[bytes, float] = {}
        self._closes: dict[bytes, tuple[float, float | None]] = {}

    def opened(self, session: BrokerSession | None) -> None:
        for kept in (self._ready, self._close_from, self._closes):
            kept.clear()
        self._asked.restart()

    def want(self, wants: Iterable[Want]) -> None:
        for instrument, mode in wants:
            codes = _INDEX_CODES if instrument.key.exchange in INDICES else _CODES
            self._asked.want(*self._holdings.hold(instrument, codes[mode], mode))

    def let_go(self, keys: Iterable[InstrumentKey]) -> None:
        for key in keys:
            released = self._holdings.release(key)
            if released is None:
                continue
            place, code = released
            if code is not None:
                self._asked.want(place, code)
            else:
                self._asked.let_go(place)
                if self._asked.said(place) is None:
                    self._forget(place)

    def next_message(self) -> bytes | None:
        while self._ready:
            code, places = self._ready.popleft()
            still = [place for place in places if self._asked.said(place) == code]
            if still:
                return wire.encode(code, still)
        batch = self._asked.next_batch(PER_MESSAGE)
        if batch is None:
            return None
        if batch.change is Change.GONE:
            for place in batch.items:
                self._forget(place)
            return wire.encode(batch.value + 1, batch.items)
        if batch.before is None:
            return wire.encode(batch.value, batch.items)
        self._ready.append((batch.value, batch.items))
        return wire.encode(batch.before + 1, batch.items)

    def receive(self, frame: bytes, kind: FrameKind, received_ms: float) -> Sequence[Event]:
        if kind is FrameKind.TEXT:
            raise DecodeError("Dhan said something as text", frame)
        events: list[Event] = []
        at, size = 0, len(frame)
        while at < size or not size:
            try:
                code, end, place = wire.header(frame, at)
                events.extend(self._packet(frame, at, code, place, received_ms))
            except DecodeError:
                if not events:
                    raise
                events.append(Skipped("frames_cut"))  # what came before is good
                break
            at = end
        return events

    def _packet(self, frame: bytes, at: int, code: int, place: bytes, received_ms: float) -> Iterable[Event]:
        if code == wire.DISCONNECTION:
            return [ended(wire.reason_in(frame, at))]
        if code == wire.STATUS:
            return [Skipped("market_status")]
        listings = self._holdings.at(place)
        if not listings:
            return [Skipped("packets_not_wanted")]
        tick = wire.decode(frame, at, listings[0], received_ms)
        if tick is None:
            return [Skipped("packets_of_unknown_code")]
        if code == wire.PREVIOUS_CLOSE:
            self._closes[place] = _day(received_ms)[0], tick.close
        elif tick.close is not None:
            tick = tick._replace(close=self._close(place, tick, received_ms))
        if len(listings) == 1 and listings[0].levels is None:
            return [tick]
        return [_told(tick, listing) for listing in listings]

    def _close(self, place: bytes, tick: Tick, received_ms: float) -> float | None:
        """The previous close, as far as can be known; it is told again and again, for it comes but once."""
        known = self._closes.get(place)
        if known is None:
            patient_until_ms = self._close_from.setdefault(place, received_ms + _PATIENCE_MS)
            return tick.close if received_ms >= patient_until_ms else None
        day, since_ms = _day(received_ms)
        if known[0] < day and since_ms < _OPEN_FOR_MS and tick.ltt is not None and _day(tick.ltt)[0] == day:
            self._closes[place] = known[0], tick.close
            return tick.close
        return known[1]

    def _forget(self, place: bytes) -> None:
        """Nothing comes of `place` any more."""
        self._close_from.pop(place, None)
        self._closes.pop(place, None)


def _day(at_ms: float) -> tuple[float, float]:
    """The number of the day in India, and how long ago it began, in ms."""
    return divmod(at_ms - _OPENS_MS, _DAY_MS)


def _told(tick: Tick, listing: Listing) -> Tick:
    """`tick` under the name of `listing`; a deep book comes on another connection, and is not to be overwritten."""
    if listing.levels is None:
        return tick._replace(key=listing.key)
    if not listing.is_deep:
        return tick._replace(key=listing.key, depth=None)
    return tick._replace(key=listing.key, depth=None, bid_price=None, ask_price=None, bid_size=None, ask_size=None)
