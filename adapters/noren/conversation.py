"""One connection of a Noren broker as a state machine. Pure.

Nothing may be asked for before the greeting is answered. A greeting that is refused leaves the socket open and silent,
so the answer decides. The touchline and the depth are two subscriptions: a change of mode ends one, then begins the
other.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence

from adapters.asked import Asked, Change
from adapters.frames import FrameKind
from adapters.noren import wire
from adapters.noren.rows import NorenRow, exchange_code
from adapters.venue import Acked, AnswerDue, ConnectionOver, Event, SessionOver, Skipped, Want
from market.instruments import Instrument, InstrumentKey
from market.logins import BrokerSession
from market.modes import Mode

PER_MESSAGE = 100
_MODES = {Mode.LTP: wire.TOUCHLINE, Mode.QUOTE: wire.TOUCHLINE, Mode.DEPTH: wire.DEPTH}
_SNAPSHOTS = frozenset({"tk", "dk"})
_PRICES = frozenset({"tf", "df"}) | _SNAPSHOTS
_ANSWERS = frozenset({"ak", "ck", "cf"})
_KNOWN = {"hk": "heartbeats", "uk": "unsubscriptions", "udk": "unsubscriptions", "om": "order_updates"}


class NorenConversation:
    """Fulfils `adapters.venue.Conversation` for the broker of `row`."""

    def __init__(self, row: NorenRow) -> None:
        self._row = row
        self._asked = Asked[str, str]()
        self._keys: dict[str, InstrumentKey] = {}
        self._places: dict[InstrumentKey, str] = {}
        self._books: dict[str, wire.Book] = {}
        self._ready: deque[bytes] = deque()
        self._is_admitted = False

    def opened(self, session: BrokerSession | None) -> None:
        self._ready.clear()
        self._books.clear()
        self._asked.restart()
        self._is_admitted = False
        if session is not None:
            token = session.reveal("access_token")
            self._ready.append(wire.encode_greeting(self._row.greeting, session.user, token))

    def want(self, wants: Iterable[Want]) -> None:
        for instrument, mode in wants:
            place = _place(instrument)
            self._keys[place] = instrument.key
            self._places[instrument.key] = place
            self._asked.want(place, _MODES[mode])

    def let_go(self, keys: Iterable[InstrumentKey]) -> None:
        for key in keys:
            place = self._places.pop(key, None)
            if place is not None:
                self._keys.pop(place, None)
                self._asked.let_go(place)

    def next_message(self) -> bytes | None:
        if self._ready:
            return self._ready.popleft()
        batch = self._asked.next_batch(PER_MESSAGE) if self._is_admitted else None
        if batch is None:
            return None
        if batch.change is Change.GONE:
            self._forget_books(batch.items)
            return wire.encode_leave(batch.value, batch.items)
        asking = wire.encode_ask(batch.value, batch.items)
        if batch.before is None:
            return asking
        self._forget_books(batch.items)
        self._ready.append(asking)
        return wire.encode_leave(batch.before, batch.items)

    def receive(self, frame: bytes, kind: FrameKind, received_ms: float) -> Sequence[Event]:
        message = wire.decode(frame)
        what = str(message["t"])
        if what in _PRICES:
            return self._prices(message, what, received_ms)
        if what in _ANSWERS:
            return self._answered(message)
        if what == "hk" and not self._is_admitted:
            return [ConnectionOver(f"{self._row.title} did not answer the login on this connection")]
        return [Skipped(_KNOWN.get(what, "messages_of_unknown_kind"))]

    def _answered(self, message: wire.Message) -> Sequence[Event]:
        if not wire.is_accepted(message):
            return [SessionOver("it does not accept the session any more")]
        self._is_admitted = True
        return [AnswerDue()]

    def _prices(self, message: wire.Message, what: str, received_ms: float) -> Sequence[Event]:
        place = wire.place_of(message)
        key = self._keys.get(place)
        if what == "dk" and self._asked.said(place) == wire.DEPTH:
            self._books[place] = wire.Book()
        book = self._books.get(place)
        if key is None:
            if book is not None:
                book.take(message)  # wanted again before its end is asked for, it gets no new snapshot
            return [Skipped("prices_not_wanted")]
        tick = wire.tick_of(message, key, self._row.name, received_ms, book)
        return [Acked((key,)), tick] if what in _SNAPSHOTS else [tick]

    def _forget_books(self, places: Iterable[str]) -> None:
        for place in places:
            self._books.pop(place, None)


def _place(instrument: Instrument) -> str:
    return f"{exchange_code(instrument.key.exchange)}|{instrument.token}"
