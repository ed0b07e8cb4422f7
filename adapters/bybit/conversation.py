"""One connection to Bybit as a state machine. Pure.

An instrument is a few topics: tickers always, trades for Quote, the best bid and ask on spot, whose tickers have none,
the book for Depth. It is confirmed when all of them are. Every connection is of one category, because names are used
twice: `BTCUSDT` is a pair on one and a perpetual on the other. The trades of all options on a coin are one topic.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Sequence

from adapters.asked import Asked, Change
from adapters.bybit import wire
from adapters.bybit.book import BybitBook
from adapters.bybit.instruments import INVERSE, OPTION, SPOT, category_and_name
from adapters.frames import FrameKind
from adapters.venue import Acked, AnswerDue, Event, Refused, Skipped, Want
from market.instruments import InstrumentKey
from market.logins import BrokerSession
from market.modes import Mode
from market.ticks import Tick

# A request on spot takes 10 topics; the others take many, and are spared.
PER_MESSAGE = {SPOT: 10}
_PER_MESSAGE = 100
# A book that crosses again and again is the exchange's own doing: it is not asked for anew more often than this.
_BOOK_AGAIN_MS = 10_000.0

_TOPIC = re.compile(r"(?:tickers|publicTrade|orderbook\.\d+)\.[A-Za-z0-9-]+(?:\.\d+-[A-Z-]+)?")
_ALREADY = "already subscribed"


class BybitConversation:
    """Fulfils `adapters.venue.Conversation`."""

    def __init__(self, category: str) -> None:
        self._category = category
        self._book = wire.OPTION_BOOK if category == OPTION else wire.BOOK
        self._asked = Asked[str, int]()
        self._keys: dict[str, InstrumentKey] = {}
        self._names: dict[InstrumentKey, str] = {}
        self._channels: dict[str, frozenset[str]] = {}
        self._acked: dict[str, set[str]] = {}
        self._shared: set[str] = set()
        self._books: dict[str, BybitBook] = {}
        self._books_asked_ms: dict[str, float] = {}
        self._traded: dict[str, int] = {}
        self._requests: dict[str, tuple[str, list[str]]] = {}
        self._latest: dict[str, str] = {}
        self._number = 0
        self._again: deque[tuple[str, str, str | None]] = deque()

    def opened(self, session: BrokerSession | None) -> None:
        self._asked.restart()
        for names in (self._acked, self._shared, self._traded, self._again, self._books_asked_ms):
            names.clear()
        self._requests.clear()
        self._latest.clear()
        self._books = {name: BybitBook() for name, channels in self._channels.items() if self._book in channels}

    def want(self, wants: Iterable[Want]) -> None:
        for want in wants:
            name = category_and_name(want.instrument)[1]
            channels = self._channels_for(want.mode)
            self._let_channels_go(name, channels)
            self._keys[name], self._names[want.key], self._channels[name] = want.key, name, channels
            self._acked.setdefault(name, set()).intersection_update(channels)
            for channel in channels:
                topic = self._topic(channel, name)
                self._asked.want(topic, 1)
                if topic in self._shared:  # no answer will come: another instrument has it already
                    self._acked[name].add(channel)
            if self._book in channels:
                self._books.setdefault(name, BybitBook())

    def let_go(self, keys: Iterable[InstrumentKey]) -> None:
        for key in keys:
            name = self._names.pop(key, None)
            if name is not None:
                self._let_channels_go(name, frozenset())
                for known in (self._keys, self._channels, self._acked, self._traded, self._books_asked_ms):
                    known.pop(name, None)

    def next_message(self) -> bytes | None:
        while self._again:
            op, topic, latest = self._again.popleft()
            if latest == self._latest.get(topic) and self._is_due(op, topic):
                return self._request(op, [topic])
        batch = self._asked.next_batch(PER_MESSAGE.get(self._category, _PER_MESSAGE))
        if batch is None:
            return None
        if batch.change is not Change.GONE:
            return self._request("subscribe", batch.items)
        for topic in batch.items:
            channel, name = wire.channel_and_name(topic)
            if channel == self._book:
                self._books.pop(name, None)
        return self._request("unsubscribe", batch.items)

    def receive(self, frame: bytes, kind: FrameKind, received_ms: float) -> Sequence[Event]:
        message = wire.decode(frame)
        if not message.topic:
            return self._answer(message)
        channel, name = wire.channel_and_name(message.topic)
        if channel == wire.TRADES:
            return self._take_trades(wire.data_of(message, channel), name, received_ms)
        key = self._keys.get(name)
        if key is None or channel not in self._channels[name]:
            book = self._books.get(name) if channel == self._book else None
            if book is not None:  # wanted again before its end is asked for, it gets no new snapshot
                book.take(wire.data_of(message, channel), is_snapshot=message.type == "snapshot")
            return [Skipped("frames_not_wanted")]
        data = wire.data_of(message, channel)
        if isinstance(data, wire.Ticker):
            return [self._tick(data, message, name, received_ms)]
        return self._take_book(data, message, channel, name, received_ms)

    # what is said

    def _request(self, op: str, topics: list[str]) -> bytes:
        self._number += 1
        request = str(self._number)
        self._requests[request] = (op, topics)
        self._latest.update(dict.fromkeys(topics, request))
        return wire.encode(op, topics, request)

    def _answer(self, message: wire.Frame) -> Sequence[Event]:
        if message.type == wire.COMMAND:
            return self._told(wire.told(message), "" if message.success else message.ret_msg or "without a reason")
        asked = self._requests.pop(message.req_id, None)
        if asked is None:
            return [Skipped(f"answers_{message.op[:12]}")]
        op, topics = asked
        if op == "unsubscribe":
            self._left(topics)
            return [Skipped("unsubscribed")]
        if message.success:
            return self._confirmed(self._meant(topics))
        return self._refused(topics, message.ret_msg)

    def _told(self, told: wire.Told, reason: str) -> Sequence[Event]:
        """An answer about options, of which `reason` says why all of it is refused, if it is."""
        good, bad = told.successTopics or [], told.failTopics or []
        op, topics = self._answered({*good, *bad})
        if op == "unsubscribe":
            self._left(topics)
            good = bad = []  # what is wanted again by now has an answer of its own to come
        elif reason and not good and not bad:
            if len(topics) > 1:
                self._put_off("subscribe", self._meant(topics))
                return [AnswerDue()]
            bad = topics
        good, bad = self._meant(good), self._meant(bad)
        said = f"Bybit refused it: {reason[:120]}" if reason else "Bybit refused it"
        # Without the trades of its coin an option has still its ticker.
        trades = [topic for topic in bad if topic.startswith(wire.TRADES) and topic in self._asked]
        events = list(self._confirmed([*good, *trades]))
        for topic in bad:
            if topic not in trades:
                self._asked.again(topic)  # it is not held, so nothing is to be let go of
                events += [Refused(self._keys[name], said) for name in self._names_in(topic)]
        return events

    def _answered(self, topics: set[str]) -> tuple[str, list[str]]:
        """The request about options that an answer with `topics` is to, which it does not say itself.

        It is the oldest with one of them, or the oldest of all where the answer names none. Those before it are given
        up: answers come in order.
        """
        for request, (op, named) in self._requests.items():
            if not topics or not topics.isdisjoint(named):
                while next(iter(self._requests)) != request:
                    del self._requests[next(iter(self._requests))]
                del self._requests[request]
                return op, named
        return "", []

    def _meant(self, topics: Iterable[str]) -> list[str]:
        """Those of `topics`, just answered, for which that counts: no later request about them is to be answered yet.

        Such a request was made because one was let go of and wanted again meanwhile, or asked for anew.
        """
        return [topic for topic in topics if self._latest.get(topic) not in self._requests]

    def _left(self, topics: Iterable[str]) -> None:
        for topic in self._meant(topics):
            self._latest.pop(topic, None)

    def _put_off(self, op: str, topics: Iterable[str]) -> None:
        """Request `op` for each of `topics` by itself, unless it is asked for otherwise before."""
        self._again += ((op, topic, self._latest.get(topic)) for topic in topics)

    def _confirmed(self, topics: Iterable[str]) -> Sequence[Event]:
        done: dict[InstrumentKey, None] = {}
        for topic in topics:
            channel, names = wire.channel_and_name(topic)[0], self._names_in(topic)
            if self._category == OPTION and channel == wire.TRADES and names:
                self._shared.add(topic)
            for name in names:
                acked = self._acked.setdefault(name, set())
                acked.add(channel)
                if acked >= self._channels[name]:
                    done[self._keys[name]] = None
        return [Acked(tuple(done))] if done else [Skipped("topics_acknowledged")]

    def _refused(self, topics: Sequence[str], reason: str) -> Sequence[Event]:
        """A request is refused as a whole: it is made again without what the reason names, else topic by topic."""
        said = set(_TOPIC.findall(reason))
        named = [topic for topic in topics if topic in said] or (list(topics) if len(topics) == 1 else [])
        meant, named_meant = self._meant(topics), self._meant(named)
        events: list[Event] = [AnswerDue()]
        if not named:
            self._put_off("subscribe", meant)
            return events
        already = _ALREADY in reason
        for topic in meant:
            if topic not in named or not already:
                self._asked.again(topic)  # it is not held, so nothing is to be let go of
        if already:
            return [*self._confirmed(named_meant), *events]
        # Refused for one of its topics, an instrument is refused; the feed lets go of the others.
        names = sorted({name for topic in named_meant for name in self._names_in(topic)})
        return [*events, *(Refused(self._keys[name], f"Bybit refused it: {reason[:120]}") for name in names)]

    # what is heard

    def _tick(self, data: wire.Ticker, message: wire.Frame, name: str, received_ms: float) -> Tick:
        """Sizes are in coins; of contracts margined in coins in dollars, whose turnover is in coins."""
        is_old = message.cs and message.cs < self._traded.get(name, 0)
        has_book = self._book in self._channels[name]
        close = data.price_24h_ago
        (bid_price, bid_size), (ask_price, ask_size) = data.bid, data.ask
        return Tick(
            self._keys[name],
            received_ms,
            wire.SOURCE,
            None if is_old else data.lastPrice or None,
            message.ts,
            volume=data.turnover24h if self._category == INVERSE else data.volume24h,
            open=close,
            high=data.highPrice24h or None,
            low=data.lowPrice24h or None,
            close=close,
            oi=data.openInterest,
            bid_price=None if has_book else bid_price,
            ask_price=None if has_book else ask_price,
            bid_size=None if has_book else bid_size,
            ask_size=None if has_book else ask_size,
            rolling_24h=True,
        )

    def _take_trades(self, trades: Sequence[wire.Trade] | None, topic: str, received_ms: float) -> Sequence[Event]:
        """The topic is an instrument, or the coin of options: then each trade says its own."""
        ticks: list[Event] = []
        for trade in trades or ():
            name = trade.s or topic
            if wire.TRADES not in self._channels.get(name, ()):
                continue
            self._traded[name] = max(self._traded.get(name, 0), trade.seq)
            if not trade.BT:
                key = self._keys[name]
                ticks.append(Tick(key, received_ms, wire.SOURCE, trade.p, trade.T, trade.T, last_quantity=trade.v))
        return ticks or [Skipped("trades_not_wanted")]

    def _take_book(
        self, data: wire.Book, message: wire.Frame, channel: str, name: str, received_ms: float
    ) -> Sequence[Event]:
        if channel == wire.BEST:
            tick = Tick(self._keys[name], received_ms, wire.SOURCE, timestamp=message.ts)
            # Level 1 comes as snapshots alone; in a change, a side that is not there would be one that stays.
            return [_best(tick, data.b, data.a, _EMPTY if message.type == "snapshot" else _AS_BEFORE)]
        book = self._books[name]
        if book.take(data, is_snapshot=message.type == "snapshot"):
            depth = book.depth(message.ts)
            tick = Tick(self._keys[name], received_ms, wire.SOURCE, timestamp=message.ts, depth=depth)
            return [_best(tick, [each[:2] for each in depth.buy[:1]], [each[:2] for each in depth.sell[:1]])]
        if received_ms - self._books_asked_ms.get(name, -_BOOK_AGAIN_MS) < _BOOK_AGAIN_MS:
            return [Skipped("changes_before_a_snapshot")]
        if not book.has_begun:
            return [Skipped("changes_before_a_snapshot")]
        # Only a new subscription brings a new snapshot.
        self._books_asked_ms[name] = received_ms
        topic = f"{self._book}.{name}"
        self._put_off("unsubscribe", [topic])  # what is wanted is then subscribed to again
        return [Skipped("book_gaps"), AnswerDue()]

    def _is_due(self, op: str, topic: str) -> bool:
        """Whether a request that was put off has to be made still; to unsubscribe is followed by its opposite."""
        is_wanted = topic in self._asked
        if op == "subscribe":
            if not is_wanted:
                self._asked.again(topic)  # it is not held: nothing is to be let go of
            return is_wanted
        if not is_wanted or self._asked.said(topic) is None:
            return False
        self._asked.again(topic)
        return True

    def _let_channels_go(self, name: str, keep: frozenset[str]) -> None:
        for channel in self._channels.get(name, frozenset()) - keep:
            topic = self._topic(channel, name)
            if not any(other != name for other in self._names_in(topic)):
                self._asked.let_go(topic)
                self._shared.discard(topic)
        if self._book not in keep and self._asked.said(f"{self._book}.{name}") is None:
            self._books.pop(name, None)

    # topics

    def _channels_for(self, mode: Mode) -> frozenset[str]:
        channels = {wire.TICKERS}
        if mode >= Mode.QUOTE:
            channels.add(wire.TRADES)
        if mode is Mode.DEPTH:
            channels.add(self._book)
        elif mode is Mode.QUOTE and self._category == SPOT:
            channels.add(wire.BEST)
        return frozenset(channels)

    def _topic(self, channel: str, name: str) -> str:
        return f"{channel}.{_coin_of(name) if channel == wire.TRADES and self._category == OPTION else name}"

    def _names_in(self, topic: str) -> list[str]:
        """The instruments that are wanted with this topic."""
        channel, subject = wire.channel_and_name(topic)
        if channel == wire.TRADES and self._category == OPTION:
            return [name for name in self._channels if channel in self._channels[name] and _coin_of(name) == subject]
        return [subject] if channel in self._channels.get(subject, ()) else []


def _coin_of(option: str) -> str:
    return option.partition("-")[0]


_EMPTY: wire.Best = (0.0, 0.0)
_AS_BEFORE: wire.Best = (None, None)


def _best(
    tick: Tick, bids: Sequence[tuple[float, float]], asks: Sequence[tuple[float, float]], otherwise: wire.Best = _EMPTY
) -> Tick:
    """`tick` with the best bid and ask; those of a side without orders are `otherwise`."""
    bid, ask = (side[0] if side else otherwise for side in (bids, asks))
    return tick._replace(bid_price=bid[0], bid_size=bid[1], ask_price=ask[0], ask_size=ask[1])
