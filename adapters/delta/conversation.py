"""One connection to Delta Exchange India as a state machine. Pure.

An instrument is a few channels: ticker and trades always, for the ticker comes every five seconds; the best bid and ask
for Quote, the book for Depth. It is confirmed when all of them are. A subscription that is there already brings no
snapshot: a book is kept until its unsubscription is handed out, for until then it may be wanted again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence

from msgspec import UNSET, UnsetType

from adapters.asked import Asked, Change
from adapters.delta import wire
from adapters.delta.books import Books
from adapters.delta.instruments import name_and_unit
from adapters.frames import FrameKind
from adapters.venue import Acked, AnswerDue, Event, Refused, Skipped, Want
from market.instruments import InstrumentKey
from market.logins import BrokerSession
from market.modes import Mode
from market.ticks import Tick

PER_MESSAGE = 50

_EMPTY = (0.0, 0.0)

Topic = tuple[str, str]
Best = tuple[float | None, float | None]


class DeltaConversation:
    """Fulfils `adapters.venue.Conversation`."""

    def __init__(self) -> None:
        self._asked = Asked[Topic, int]()
        self._wants: dict[str, tuple[InstrumentKey, float, frozenset[str]]] = {}
        self._names: dict[InstrumentKey, str] = {}
        self._acked: dict[str, set[str]] = {}
        self._books = Books()
        self._traded_ms: dict[str, int] = {}
        self._pending: deque[tuple[int, list[Topic]]] = deque()
        self._latest: dict[Topic, int] = {}
        self._number = 0

    def opened(self, session: BrokerSession | None) -> None:
        self._asked.restart()
        for kept in (self._acked, self._pending, self._latest, self._traded_ms):
            kept.clear()
        self._books.restart({name for name, (_, _, channels) in self._wants.items() if wire.BOOK in channels})

    def want(self, wants: Iterable[Want]) -> None:
        for want in wants:
            name, unit = name_and_unit(want.instrument)
            channels = _channels(want.mode)
            self._let_channels_go(name, channels)
            self._wants[name], self._names[want.key] = (want.key, unit, channels), name
            for channel in channels:
                self._asked.want((channel, name), 1)
            if wire.BOOK in channels:
                self._books.hold(name, unit)

    def let_go(self, keys: Iterable[InstrumentKey]) -> None:
        for key in keys:
            name = self._names.pop(key, None)
            if name is not None:
                self._let_channels_go(name, frozenset())
                del self._wants[name]

    def next_message(self) -> bytes | None:
        while (name := self._books.next_again()) is not None:
            topic = (wire.BOOK, name)
            if topic in self._asked and self._asked.said(topic) is not None:
                self._asked.again(topic)
                return self._leave([topic])
        batch = self._asked.next_batch(PER_MESSAGE)
        if batch is None:
            return None
        if batch.change is Change.GONE:
            for topic in batch.items:
                self._forget(topic)
            return self._leave(batch.items)
        self._number += 1
        self._pending.append((self._number, batch.items))
        self._latest.update(dict.fromkeys(batch.items, self._number))
        return wire.encode("subscribe", batch.items)

    def receive(self, frame: bytes, kind: FrameKind, received_ms: float) -> Sequence[Event]:
        events = self._heard(wire.decode(frame), received_ms)
        return [*events, AnswerDue()] if self._books.are_due(received_ms) else events

    def _heard(self, message: wire.Message, received_ms: float) -> Sequence[Event]:
        if isinstance(message, wire.Ticker):
            return self._take_ticker(message, received_ms)
        if isinstance(message, wire.Subscriptions):
            return [event for told in message.channels for event in self._told(told)]
        if isinstance(message, wire.Trouble):
            number, topics = self._pending.popleft() if self._pending else (0, [])
            return self._refused(self._meant(number, topics), message.message)
        if isinstance(message, wire.Other):
            return [Skipped(f"frames_{message.kind[:16]}")]
        if isinstance(message, wire.Book):
            return self._take_book(message, received_ms)
        wanted = self._wants.get(message.sy)
        if wanted is None:
            return [Skipped("frames_not_wanted")]
        key, unit, _ = wanted
        if isinstance(message, wire.Trade):
            at_ms = _ms(message.t)
            self._traded_ms[message.sy] = at_ms or 0
            size = message.s * unit
            return [Tick(key, received_ms, wire.SOURCE, message.p or None, at_ms, at_ms, last_quantity=size)]
        bid, ask = _side(message.bp, message.bs, unit), _side(message.ap, message.as_, unit)
        return [_best(Tick(key, received_ms, wire.SOURCE, timestamp=_ms(message.ts)), bid, ask)]

    # what is said

    def _leave(self, topics: Sequence[Topic]) -> bytes:
        for topic in topics:
            self._latest.pop(topic, None)
        return wire.encode("unsubscribe", topics)

    def _meant(self, number: int, topics: Iterable[Topic]) -> list[Topic]:
        """Those of `topics` for which the answer to request `number` counts: it is the latest about them.

        The others were let go of, and perhaps wanted again, while it was under way: for those another answer counts,
        or none, because to unsubscribe is not answered.
        """
        return [topic for topic in topics if self._latest.get(topic) == number]

    def _told(self, told: wire.Told) -> Sequence[Event]:
        """An answer names the channels of the message; one that is refused comes without its symbols."""
        for number, topics in self._pending:
            mine = [topic for topic in topics if topic[0] == told.name]
            if mine:
                meant = self._meant(number, mine)
                topics[:] = [topic for topic in topics if topic[0] != told.name]
                break
        else:
            return [Skipped("answers_to_nothing")]
        while self._pending and not self._pending[0][1]:
            self._pending.popleft()
        return self._refused(meant, told.error) if told.error else self._confirmed(meant)

    def _confirmed(self, topics: Iterable[Topic]) -> Sequence[Event]:
        done = []
        for channel, name in topics:
            acked = self._acked.setdefault(name, set())
            acked.add(channel)
            wanted = self._wants.get(name)
            if wanted is not None and acked >= wanted[2]:
                done.append(wanted[0])
        return [Acked(tuple(done))] if done else [Skipped("channels_acknowledged")]

    def _refused(self, topics: Iterable[Topic], reason: str) -> Sequence[Event]:
        refused: dict[InstrumentKey, None] = {}
        for topic in topics:
            self._asked.again(topic)  # it is not held, so nothing is to be let go of
            if topic not in self._asked:
                self._forget(topic)
            else:
                refused[self._wants[topic[1]][0]] = None
        events = [Refused(key, f"Delta Exchange refused it: {reason[:120]}") for key in refused]
        return events or [Skipped("errors")]

    # what is heard

    def _take_ticker(self, message: wire.Ticker, received_ms: float) -> Sequence[Event]:
        events: list[Event] = []
        at_ms = _ms(message.ts) or 0
        for entry in message.d:
            wanted = self._wants.get(entry.s)
            if wanted is not None:
                key, unit, channels = wanted
                tick = _tick(entry, key, unit, at_ms, self._traded_ms.get(entry.s, 0), received_ms)
                if channels.isdisjoint((wire.BEST, wire.BOOK)):
                    ask, ask_size, bid, bid_size = (*entry.q[:4], *[UNSET] * 4)[:4]
                    tick = _best(tick, _side(bid, bid_size, unit), _side(ask, ask_size, unit))
                events.append(tick)
        return events or [Skipped("frames_not_wanted")]

    def _take_book(self, message: wire.Book, received_ms: float) -> Sequence[Event]:
        name = message.sy or message.symbol
        depth = self._books.take(name, message, received_ms)
        if isinstance(depth, str):
            return [Skipped(depth)]
        if (wire.BOOK, name) not in self._asked:
            return [Skipped("books_not_wanted")]
        bid, ask = (side[0][:2] if side else _EMPTY for side in (depth.buy, depth.sell))
        return [_best(Tick(self._wants[name][0], received_ms, wire.SOURCE, depth=depth), bid, ask)]

    def _let_channels_go(self, name: str, keep: frozenset[str]) -> None:
        _, _, channels = self._wants.get(name, (None, 0.0, frozenset[str]()))
        for channel in channels - keep:
            topic = (channel, name)
            self._asked.let_go(topic)
            if self._asked.said(topic) is None:
                self._forget(topic)

    def _forget(self, topic: Topic) -> None:
        """Nothing comes of `topic` any more."""
        channel, name = topic
        self._acked.get(name, set()).discard(channel)
        if channel == wire.BOOK:
            self._books.drop(name)
        elif channel == wire.TICKER:
            self._traded_ms.pop(name, None)
            self._acked.pop(name, None)


def _channels(mode: Mode) -> frozenset[str]:
    channels = {wire.TICKER, wire.TRADES}
    if mode is Mode.DEPTH:
        channels.add(wire.BOOK)
    elif mode is Mode.QUOTE:
        channels.add(wire.BEST)
    return frozenset(channels)


def _tick(entry: wire.Entry, key: InstrumentKey, unit: float, at_ms: int, traded_ms: int, received_ms: float) -> Tick:
    """The figures of 24 hours. A ticker older than the last trade does not take the price back."""
    open_, high, low, ltp = _first(entry.ohlc, 0, 1, 2, 3)
    (interest,), (lower, upper) = _first(entry.oi, 0), _first(entry.pb, 0, 1)
    return Tick(
        key,
        received_ms,
        wire.SOURCE,
        None if traded_ms > at_ms else ltp,
        at_ms or None,
        open=open_,
        high=high,
        low=low,
        close=open_,
        oi=None if interest is None else interest * unit,
        lower_circuit=lower,
        upper_circuit=upper,
        rolling_24h=True,
    )


def _first(values: Sequence[float | None], *places: int) -> list[float | None]:
    """The values at `places`; None where there is none or it is zero."""
    return [(values[place] or None) if place < len(values) else None for place in places]


def _side(price: float | UnsetType | None, size: float | UnsetType | None, unit: float) -> Best:
    """Price and size, in coins, of one side as a message has them: zeroes where it is empty, None where left out."""
    if price is UNSET:
        return None, None
    if not price:
        return _EMPTY
    return price, size * unit if isinstance(size, float) else None


def _best(tick: Tick, bid: Best, ask: Best) -> Tick:
    return tick._replace(bid_price=bid[0], ask_price=ask[0], bid_size=bid[1], ask_size=ask[1])


def _ms(microseconds: int | None) -> int | None:
    return None if microseconds is None else microseconds // 1000
