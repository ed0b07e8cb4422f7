"""One connection of an XTS broker as a state machine: events of the socket, and subscriptions as REST calls. Pure.

A socket that is open is not yet authorised: `joined` says so. Subscriptions belong to the session, not to the socket:
they are still there after a reconnect, where asking again is refused with "already subscribed" for a whole batch. So
what the session carries already is let go of and asked for once more. A batch that is refused nevertheless is halved
until the instrument that caused it stands alone, for the broker does not say which it was.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Sequence

from adapters.asked import Asked, Batch, Change
from adapters.frames import FrameKind
from adapters.venue import Acked, AnswerDue, ConnectionOver, Event, Refused, SessionOver, Skipped, Want
from adapters.xts import engine_io, packets, wire
from adapters.xts.calls import SUBSCRIBE, UNSUBSCRIBE, Answer, Call, Place, subscription
from adapters.xts.rows import XtsRow, segment_of
from market.errors import DecodeError
from market.exchanges import DERIVATIVES
from market.instruments import Instrument, InstrumentKey, InstrumentKind
from market.logins import BrokerSession
from market.modes import Mode
from market.ticks import Tick

PER_CALL = 50
Codes = tuple[int, ...]

_ALREADY = "e-session-0002"
_FULL = "e-session-0004"
_REASONS = {
    _FULL: "carries no more instruments in this session: its limit is reached",
    "e-instrument-0001": "does not know this instrument",
}
_OVER = "it does not accept the session any more"
_ERROR_CODE = re.compile(r"[a-z]-[a-z]{2,16}-\d{4}")
_AUTHORITY = re.compile(r"token|auth|session|log", re.IGNORECASE)
_EVENT = re.compile(r"(\d{4})-json-full")
_PATIENCE_BEATS = 3
_OTHERS = {b"40": "greetings", b"45": "announcements"}
"""Socket.IO messages that are of no use: a namespace was opened; a packet follows as bytes."""

_CODES = frozenset({wire.TOUCHLINE, wire.DEPTH, wire.OPEN_INTEREST, wire.LAST_PRICE})
_KNOWN = frozenset({"connect", "success", "warning", "message", "disconnect", "1105", "1505", "1507"})


class XtsConversation:
    """Fulfils `adapters.venue.Conversation` for the broker of `row`; its connection carries `Call`s too."""

    def __init__(self, row: XtsRow) -> None:
        self._row = row
        self._asked = Asked[Place, Codes]()
        self._keys: dict[Place, InstrumentKey] = {}
        self._places: dict[InstrumentKey, Place] = {}
        self._ready: deque[Call] = deque()
        self._carried: dict[tuple[Place, int], int] = {}
        self._ending: set[tuple[Place, int]] = set()
        self._serial = 0
        self._session: BrokerSession | None = None
        self._is_joined = False
        self._beats = 0
        self._room: int | None = None

    def opened(self, session: BrokerSession | None) -> None:
        self._ready.clear()
        if session != self._session:
            self._carried.clear()
        self._ending.clear()
        self._asked.restart()
        self._session = session
        self._is_joined = False
        self._beats = 0

    def want(self, wants: Iterable[Want]) -> None:
        for instrument, mode in wants:
            place = (segment_of(instrument.key), int(instrument.token))
            self._keys[place] = instrument.key
            self._places[instrument.key] = place
            self._asked.want(place, self._codes(instrument, mode))

    def let_go(self, keys: Iterable[InstrumentKey]) -> None:
        for key in keys:
            place = self._places.pop(key, None)
            if place is not None:
                self._keys.pop(place, None)
                self._asked.let_go(place)

    def next_message(self) -> bytes | None:
        while self._is_joined:
            if self._ready:
                return self._noted(self._ready.popleft())
            batch = self._asked.next_batch(PER_CALL)
            if batch is not None:
                self._change(batch)
            elif not self._end_what_is_left():
                return None
        return None

    def receive(self, frame: bytes, kind: FrameKind, received_ms: float) -> Sequence[Event]:
        if isinstance(frame, Answer):
            return self._answered(frame, received_ms)
        if kind is FrameKind.BINARY:
            return self._packets(frame, received_ms)
        if frame.startswith(b"42"):
            return self._event(wire.decode_event(frame), received_ms)
        if frame[:1] in engine_io.BEATS:
            return [self._beat()]
        if frame[:2] in _OTHERS:
            return [Skipped(_OTHERS[frame[:2]])]
        if frame.startswith((b"41", b"1")):
            return [ConnectionOver(f"{self._row.title} closed the stream")]
        if frame.startswith(b"44"):
            return [self._turned_away(frame[2:].decode(errors="replace"))]
        raise DecodeError("Not a Socket.IO message", frame)

    def _codes(self, instrument: Instrument, mode: Mode) -> Codes:
        if instrument.kind is InstrumentKind.INDEX:
            return (wire.TOUCHLINE,)  # it has neither a book nor trades of its own
        if mode is Mode.LTP:
            return (wire.TOUCHLINE if self._row.is_binary else wire.LAST_PRICE,)
        code = wire.DEPTH if mode is Mode.DEPTH else wire.TOUCHLINE
        has_interest = instrument.key.exchange in DERIVATIVES and not self._row.is_binary
        return (code, wire.OPEN_INTEREST) if has_interest else (code,)

    def _change(self, batch: Batch[Place, Codes]) -> None:
        """End the codes that are not wanted any more, and ask for those that are."""
        after: Codes = () if batch.change is Change.GONE else batch.value
        before: Codes = batch.value if batch.change is Change.GONE else batch.before or ()
        for code in before:
            if code not in after:
                self._end(code, batch.items)
        for code in after:
            if code not in before:
                self._begin(code, batch.items)

    def _begin(self, code: int, places: Sequence[Place]) -> None:
        """Ask for `places`; those that the session may carry from an earlier socket are ended before."""
        carried = [place for place in places if (place, code) in self._carried]
        fresh = [place for place in places if (place, code) not in self._carried]
        if carried:
            self._end(code, carried)
            self._ready.append(subscription(SUBSCRIBE, code, carried, attempt=1))
        if fresh:
            self._ready.append(subscription(SUBSCRIBE, code, fresh))

    def _end(self, code: int, places: Sequence[Place]) -> None:
        self._ready.append(subscription(UNSUBSCRIBE, code, places))
        self._ending.update((place, code) for place in places)

    def _end_what_is_left(self) -> bool:
        """End what the session may carry although it is not wanted any more, such as what was let go of offline.

        Whether there was anything.
        """
        left: dict[int, list[Place]] = {}
        for place, code in self._carried.keys() - self._ending:
            if code not in (self._asked.wanted(place) or ()):
                left.setdefault(code, []).append(place)
        for code, places in left.items():
            for first in range(0, len(places), PER_CALL):
                self._end(code, places[first : first + PER_CALL])
        return bool(left)

    def _noted(self, call: Call) -> Call:
        """Number `call`. Whatever becomes of the answer, the session may carry from now on what it asks for."""
        self._serial += 1
        call.serial = self._serial
        if call.method == SUBSCRIBE:
            self._carried.update(((place, call.code), call.serial) for place in call.places)
        return call

    def _drop(self, call: Call, places: Iterable[Place]) -> None:
        """The session does not carry `places`, unless they were asked for after `call`."""
        for place in places:
            if self._carried.get((place, call.code), call.serial + 1) <= call.serial:
                del self._carried[place, call.code]

    # events of the socket

    def _event(self, event: wire.Event, received_ms: float) -> Sequence[Event]:
        prices = _EVENT.fullmatch(event.name)
        if prices is not None:
            return [self._price(int(prices[1]), wire.decode_body(event.argument), received_ms)]
        if event.name == "joined":
            self._is_joined = True
            return [AnswerDue()]
        if event.name == "logout":
            return [SessionOver("the session was ended, or replaced by a login elsewhere")]
        if event.name == "error":
            return [self._turned_away(str(event.argument))]
        known = event.name if event.name in _KNOWN else event.name[:4]
        return [Skipped(f"events_{known}" if known in _KNOWN else "events_of_unknown_kind")]

    def _beat(self) -> Event:
        self._beats += 1
        if not self._is_joined and self._beats >= _PATIENCE_BEATS:
            return ConnectionOver(f"{self._row.title} opened the stream and did not admit us to it")
        return Skipped("heartbeats")

    def _turned_away(self, said: str) -> Event:
        if not self._is_joined and _AUTHORITY.search(said):
            return SessionOver(_OVER)
        return ConnectionOver(f"{self._row.title} reported an error on the stream")

    def _price(self, code: int, body: wire.Body, received_ms: float) -> Tick | Skipped:
        if code not in _CODES:
            return Skipped(f"events_{code}" if str(code) in _KNOWN else "events_of_unknown_kind")
        key = self._keys.get(wire.place_of(body))
        if key is None:
            return Skipped("prices_not_wanted")
        return wire.tick_of(code, body, key, self._row.name, received_ms)

    def _packets(self, frame: bytes, received_ms: float) -> Sequence[Event]:
        events: list[Event] = []
        for packet in packets.packets(frame):
            key = self._keys.get(packet.place)
            tick = packets.decode(packet, key, self._row.name, received_ms) if key is not None else None
            events.append(tick or Skipped("prices_not_wanted" if key is None else "packets_of_unknown_kind"))
        return events

    # answers to calls

    def _answered(self, answer: Answer, received_ms: float) -> Sequence[Event]:
        call = answer.call
        try:
            reply = wire.decode_reply(answer)
        except DecodeError:
            reply = wire.Reply()  # what cannot be read is no yes
        if reply.is_session_over or answer.status == 401:
            return [SessionOver(_OVER)]
        if call.method == UNSUBSCRIBE:
            return self._ended(call, reply)
        if reply.is_good:
            self._room = wire.room_left(reply)
            return [self._acked(call), *self._snapshots(call.code, reply, received_ms)]
        return self._refused(call, reply)

    def _ended(self, call: Call, reply: wire.Reply) -> Sequence[Event]:
        """A batch is refused as a whole if one of it was not subscribed: the others are then still to be ended."""
        self._room = None
        self._ending.difference_update((place, call.code) for place in call.places)
        if reply.is_good or len(call.places) == 1:
            self._drop(call, call.places)
            return [Skipped("unsubscriptions" if reply.is_good else "unsubscriptions_refused")]
        left = [place for place in call.places if call.code not in (self._asked.wanted(place) or ())]
        middle = (len(left) + 1) // 2
        for half in (left[:middle], left[middle:]):
            if half:
                self._end(call.code, half)
        return [AnswerDue()]

    def _acked(self, call: Call) -> Event:
        if call.code == wire.OPEN_INTEREST:
            return Skipped("open_interest")
        return Acked(tuple(self._keys[place] for place in call.places if place in self._keys))

    def _snapshots(self, code: int, reply: wire.Reply, received_ms: float) -> Iterable[Event]:
        for body in wire.first_quotes(reply):
            try:
                yield self._price(code, body, received_ms)
            except DecodeError:
                yield Skipped("snapshots_undecodable")

    def _refused(self, call: Call, reply: wire.Reply) -> Sequence[Event]:
        places = [place for place in call.places if call.code in (self._asked.wanted(place) or ())]
        if not places:
            return [AnswerDue()]
        if reply.code == _ALREADY and call.attempt == 0:
            self._end(call.code, places)
            self._ready.append(subscription(SUBSCRIBE, call.code, places, attempt=1))
            return [AnswerDue()]
        is_alone = len(call.places) == 1  # else what has gone meanwhile may have been the cause
        if reply.code == _ALREADY and is_alone:
            return [self._acked(call)]
        if reply.code == _FULL and self._room is not None and self._room < len(places):
            room, self._room = self._room, None
            return [
                *self._turned_down(call, places[room:], reply.code),
                *self._once_more(call.code, places[:room]),
            ]
        if is_alone:
            return self._turned_down(call, places, reply.code)
        middle = len(places) // 2
        return [*self._once_more(call.code, places[:middle]), *self._once_more(call.code, places[middle:])]

    def _once_more(self, code: int, places: Sequence[Place]) -> Sequence[Event]:
        if places:
            self._ready.append(subscription(SUBSCRIBE, code, places))
        return [AnswerDue()]

    def _turned_down(self, call: Call, places: Sequence[Place], why: str) -> Sequence[Event]:
        self._drop(call, places)
        if call.code != wire.OPEN_INTEREST:
            for place in places:
                self._asked.let_go(place)
                self._asked.again(place)  # nothing is asked for any more: wanted once more, it is asked for anew
        return [self._refusal(call.code, self._keys[place], why) for place in places]

    def _refusal(self, code: int, key: InstrumentKey, why: str) -> Event:
        if code == wire.OPEN_INTEREST:
            return Skipped("open_interest_refused")  # its prices may come all the same
        known = f" ({why})" if _ERROR_CODE.fullmatch(why) else ""
        return Refused(key, f"{self._row.title} {_REASONS.get(why, f'refused the subscription{known}')}")
