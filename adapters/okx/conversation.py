"""One connection to OKX as a state machine. Pure.

An instrument is a few channels: tickers always, open interest for contracts, the book for Depth. It is confirmed when
all of them are. A book that does not fit any more is unsubscribed and subscribed again: that brings a new snapshot.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from adapters.asked import Asked, Change
from adapters.frames import FrameKind
from adapters.okx import wire
from adapters.okx.book import OkxBook
from adapters.okx.instruments import name_and_unit
from adapters.venue import Acked, AnswerDue, ConnectionOver, Event, Refused, Skipped, Want
from market.instruments import InstrumentKey, InstrumentKind
from market.logins import BrokerSession
from market.modes import Mode
from market.ticks import Tick

PER_MESSAGE = 60
LEVELS = 20
# A book whose checksum never fits is the exchange's own doing: it is not asked for anew more often than this.
_BOOK_AGAIN_MS = 10_000.0

_ABOUT_TO_CLOSE = "64008"
_NAMED = re.compile(r"(?:channel:([a-z0-9-]+),)?instId:([A-Z0-9_-]+)")
Channel = tuple[str, str]
_Wanted = tuple[InstrumentKey | None, float, frozenset[str]]
_LET_GO: _Wanted = (None, 1.0, frozenset())


class OkxConversation:
    """Fulfils `adapters.venue.Conversation`."""

    def __init__(self) -> None:
        self._asked = Asked[Channel, int]()
        self._wants: dict[str, tuple[InstrumentKey, float, frozenset[str]]] = {}
        self._names: dict[InstrumentKey, str] = {}
        self._acked: dict[str, set[str]] = {}
        self._books: dict[str, OkxBook] = {}
        self._open: dict[Channel, deque[tuple[int, str]]] = {}
        self._number = 0
        self._again: deque[Channel] = deque()
        self._books_asked_ms: dict[str, float] = {}

    def opened(self, session: BrokerSession | None) -> None:
        self._asked.restart()
        self._acked.clear()
        self._open.clear()
        self._again.clear()
        self._books_asked_ms.clear()
        self._books = {
            name: OkxBook(unit, LEVELS) for name, (_, unit, channels) in self._wants.items() if "books" in channels
        }

    def want(self, wants: Iterable[Want]) -> None:
        for want in wants:
            name, unit = name_and_unit(want.instrument)
            channels = _channels(want)
            self._let_channels_go(name, channels)
            self._wants[name] = (want.key, unit, channels)
            self._names[want.key] = name
            self._acked.setdefault(name, set()).intersection_update(channels)
            for channel in channels:
                self._asked.want((channel, name), 1)
            if "books" in channels:
                self._books.setdefault(name, OkxBook(unit, LEVELS))

    def let_go(self, keys: Iterable[InstrumentKey]) -> None:
        for key in keys:
            name = self._names.pop(key, None)
            if name is not None:
                self._let_channels_go(name, frozenset())
                del self._wants[name]
                self._acked.pop(name, None)

    def next_message(self) -> bytes | None:
        while self._again:
            topic = self._again.popleft()
            if topic in self._asked and self._asked.said(topic) is not None:
                self._asked.again(topic)
                return self._request("unsubscribe", [topic])
        batch = self._asked.next_batch(PER_MESSAGE)
        if batch is None:
            return None
        if batch.change is not Change.GONE:
            return self._request("subscribe", batch.items)
        for channel, name in batch.items:
            if channel == "books":
                self._books.pop(name, None)
                self._books_asked_ms.pop(name, None)
        return self._request("unsubscribe", batch.items)

    def receive(self, frame: bytes, kind: FrameKind, received_ms: float) -> Sequence[Event]:
        if frame == wire.PONG:
            return [Skipped("pongs")]
        message = wire.decode(frame)
        if message.event:
            return self._event(message)
        name = message.arg.instId
        if name not in self._wants and name not in self._books:
            return [Skipped("frames_not_wanted")]
        key, unit, _ = self._wants.get(name, _LET_GO)
        events: list[Event] = []
        for each in wire.data_of(message):
            events += self._read(message, each, key, unit, received_ms)
        return events or [Skipped(f"frames_{message.arg.channel[:16]}")]

    # what is said

    def _request(self, op: str, topics: Sequence[Channel]) -> bytes:
        for topic in topics:
            self._number += 1
            self._open.setdefault(topic, deque()).append((self._number, op))
        return wire.encode(op, topics)

    def _event(self, message: wire.Frame) -> Sequence[Event]:
        channel, name = message.arg.channel, message.arg.instId
        if message.event in ("subscribe", "unsubscribe"):
            op, is_last = self._answered((channel, name), message.event)
            if op == "unsubscribe" or not is_last or name not in self._wants:
                return [Skipped(f"events_{op}")]
            acked, (key, _, channels) = self._acked.setdefault(name, set()), self._wants[name]
            acked.add(channel)
            return [Acked((key,))] if acked >= channels else [Skipped("channels_acknowledged")]
        if message.event == "notice" and message.code == _ABOUT_TO_CLOSE:
            return [ConnectionOver("OKX is about to close this connection", is_planned=True)]
        if message.event == "error":
            return self._error(message)
        return [Skipped(f"events_{message.event[:16]}")]

    def _error(self, message: wire.Frame) -> Sequence[Event]:
        others = [Skipped(f"errors_{message.code[:8]}")]
        named = _NAMED.search(message.msg)
        if named is None:
            return others
        channel, name = named.groups()
        topic = (channel or self._oldest(name), name)
        op, is_last = self._answered(topic)
        if op == "unsubscribe" or not is_last:
            return others
        self._asked.again(topic)  # it is not held: nothing is to be let go of
        if topic not in self._asked:
            return others
        return [Refused(self._wants[name][0], f"OKX refused it: {message.msg[:120]}")]

    def _answered(self, topic: Channel, op: str | None = None) -> tuple[str, bool]:
        """The request that an answer about `topic` is to, and whether it counts: no later one is to be answered yet.

        Answers have no numbers; those about one topic come in order. One that says its `op` shows that those before
        the request were never answered.
        """
        requests = self._open.get(topic, deque())
        answered = requests.popleft()[1] if requests else "subscribe"
        while requests and op not in (None, answered):
            answered = requests.popleft()[1]
        if not requests:
            self._open.pop(topic, None)
        return op or answered, not requests

    def _oldest(self, name: str) -> str:
        """The channel of `name` that the oldest open request is about, for an error that does not say it."""
        found = [(requests[0], channel) for (channel, each), requests in self._open.items() if each == name]
        return min(found, default=(None, "tickers"))[1]

    # what is heard

    def _read(
        self, message: wire.Frame, data: Any, key: InstrumentKey | None, unit: float, received_ms: float
    ) -> Sequence[Event]:
        if isinstance(data, wire.Book):
            return self._take_book(message, data, key, received_ms)
        if key is None:
            return [Skipped("frames_not_wanted")]
        if isinstance(data, wire.Ticker):
            return [_tick(data, key, unit, received_ms)]
        oi = data.oiCcy if data.oiCcy is not None else data.oi
        return [Tick(key, received_ms, wire.SOURCE, oi=oi)]

    def _take_book(
        self, message: wire.Frame, data: wire.Book, key: InstrumentKey | None, received_ms: float
    ) -> Sequence[Event]:
        """Without a `key`, of what was let go of: wanted again before its end is asked for, it gets no new snapshot."""
        name = message.arg.instId
        book = self._books.get(name)
        if book is None:
            return [Skipped("books_not_wanted")]
        if ("books", name) not in self._asked:
            key = None
        if book.take(data, is_snapshot=message.action == "snapshot"):
            depth = book.depth()
            return [Tick(key, received_ms, wire.SOURCE, depth=depth)] if key else [Skipped("books_not_wanted")]
        asked_ms = self._books_asked_ms.get(name, -_BOOK_AGAIN_MS)
        if not book.has_begun or received_ms - asked_ms < _BOOK_AGAIN_MS:
            return [Skipped("changes_before_a_snapshot")]
        # Only a new subscription brings a new snapshot.
        self._books_asked_ms[name] = received_ms
        self._again.append(("books", name))
        return [Skipped("book_gaps"), AnswerDue()]

    def _let_channels_go(self, name: str, keep: frozenset[str]) -> None:
        _, _, channels = self._wants.get(name, (None, 0.0, frozenset[str]()))
        for channel in channels - keep:
            self._asked.let_go((channel, name))
        if "books" not in keep and self._asked.said(("books", name)) is None:
            self._books.pop(name, None)


def _channels(want: Want) -> frozenset[str]:
    channels = {"tickers"}
    if want.mode >= Mode.QUOTE and want.instrument.kind is not InstrumentKind.SPOT:
        channels.add("open-interest")
    if want.mode is Mode.DEPTH:
        channels.add("books")
    return frozenset(channels)


def _tick(data: wire.Ticker, key: InstrumentKey, unit: float, received_ms: float) -> Tick:
    """Sizes are contracts on everything but spot; on spot `vol24h` is in coins, on contracts `volCcy24h`."""

    def coins(size: float | None) -> float | None:
        return None if size is None else size * unit

    def best(price: float | msgspec.UnsetType | None, size: float | None) -> tuple[float | None, float | None]:
        if price is msgspec.UNSET:
            return None, coins(size)
        return (price, coins(size)) if price else (0.0, 0.0)

    (bid_price, bid_size), (ask_price, ask_size) = best(data.bidPx, data.bidSz), best(data.askPx, data.askSz)
    # A contract's unit is known; spot has the unit 1, and its `volCcy24h` is in the other currency.
    volume = data.vol24h if unit == 1.0 else data.volCcy24h
    return Tick(
        key,
        received_ms,
        wire.SOURCE,
        data.last,
        data.ts,
        data.ts,
        volume,
        open=data.open24h,
        high=data.high24h,
        low=data.low24h,
        close=data.open24h,
        last_quantity=coins(data.lastSz),
        bid_price=bid_price,
        ask_price=ask_price,
        bid_size=bid_size,
        ask_size=ask_size,
        rolling_24h=True,
    )
