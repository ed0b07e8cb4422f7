"""One connection to Binance's USD-M futures as a state machine. Pure.

An instrument is a few streams on two paths: ticker and trades on the market path, the best bid and ask and the book
on the public one. An acknowledgement confirms nothing, because a stream that does not exist is acknowledged too and
stays silent: the first tick confirms. The book comes whole every 100 ms, so nothing has to be kept in step.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence

from adapters.asked import Asked, Change
from adapters.binance_futures import wire
from adapters.frames import FrameKind
from adapters.venue import AnswerDue, ConnectionOver, Event, Refused, Skipped, Want
from market.instruments import InstrumentKey
from market.logins import BrokerSession
from market.modes import Mode
from market.ticks import Depth, Level, Tick

MARKET = "market"
PUBLIC = "public"
PER_MESSAGE = 100
LEVELS = 20

_STREAMS = {
    (MARKET, Mode.LTP): (wire.TICKER, wire.TRADES),
    (MARKET, Mode.QUOTE): (wire.TICKER, wire.TRADES),
    (MARKET, Mode.DEPTH): (wire.TICKER, wire.TRADES),
    (PUBLIC, Mode.LTP): (),
    (PUBLIC, Mode.QUOTE): (wire.BEST,),
    (PUBLIC, Mode.DEPTH): (wire.BEST, wire.BOOK),
}
_make = tuple.__new__
MOST_STREAMS = max(len(streams) for streams in _STREAMS.values())


class BinanceFuturesConversation:
    """Fulfils `adapters.venue.Conversation`.

    Args:
        path: `MARKET` or `PUBLIC`; each carries some kinds of stream and is silent about the others.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._asked = Asked[str, int]()
        self._keys: dict[str, InstrumentKey] = {}
        self._streams: dict[InstrumentKey, frozenset[str]] = {}
        self._requests: dict[int, tuple[str, list[str]]] = {}
        self._again: deque[list[str]] = deque()
        self._traded_ms: dict[str, int] = {}
        self._number = 0

    def opened(self, session: BrokerSession | None) -> None:
        self._asked.restart()
        self._requests.clear()
        self._again.clear()
        self._traded_ms.clear()

    def want(self, wants: Iterable[Want]) -> None:
        for want in wants:
            name = want.instrument.token.lower()
            streams = frozenset(f"{name}@{kind}" for kind in _STREAMS[self._path, want.mode])
            self._drop_streams(want.key, streams)
            self._streams[want.key] = streams
            for stream in streams:
                self._keys[stream] = want.key
                self._asked.want(stream, 1)

    def let_go(self, keys: Iterable[InstrumentKey]) -> None:
        for key in keys:
            self._drop_streams(key, frozenset())
            self._streams.pop(key, None)

    def next_message(self) -> bytes | None:
        while self._again:
            streams = [stream for stream in self._again.popleft() if stream in self._keys]
            if streams:
                return self._request(wire.SUBSCRIBE, streams)
        batch = self._asked.next_batch(PER_MESSAGE)
        if batch is None:
            return None
        if batch.change is not Change.GONE:
            return self._request(wire.SUBSCRIBE, batch.items)
        for stream in batch.items:
            self._traded_ms.pop(stream.partition("@")[0], None)  # not before: until now it may be wanted again
        return self._request(wire.UNSUBSCRIBE, batch.items)

    def receive(self, frame: bytes, kind: FrameKind, received_ms: float) -> Sequence[Event]:
        message = wire.decode(frame)
        if not message.stream:
            return self._notice(message) if message.e else self._answer(message)
        key = self._keys.get(message.stream)
        if key is None:
            return [Skipped("frames_not_wanted")]
        name, _, stream_kind = message.stream.partition("@")
        data = wire.data_of(message, stream_kind)
        if isinstance(data, wire.AggTrade):
            self._traded_ms[name] = data.event_ms
            return [_of_trade(data, key, received_ms)]
        if isinstance(data, wire.Ticker):
            # A ticker is made once a second or more seldom: a trade heard before it may be newer.
            return [_of_ticker(data, key, received_ms, is_old=data.event_ms < self._traded_ms.get(name, 0))]
        if isinstance(data, wire.BookTicker):
            return [_of_best(data, key, received_ms)]
        return [_of_book(data, key, received_ms)] if data is not None else [Skipped("streams_not_known")]

    def _request(self, method: str, streams: list[str]) -> bytes:
        self._number += 1
        self._requests[self._number] = (method, streams)
        return wire.encode(method, streams, self._number)

    def _notice(self, message: wire.Frame) -> Sequence[Event]:
        if message.e == "serverShutdown":
            return [ConnectionOver("Binance is about to close this connection", is_planned=True)]
        return [Skipped(f"events_{message.e[:16]}")]

    def _answer(self, message: wire.Frame) -> Sequence[Event]:
        if message.id == wire.HEARTBEAT_ID:
            return [Skipped("heartbeats")]
        asked = self._requests.pop(message.id, None) if message.id is not None else None
        if asked is None:
            return [Skipped("answers_to_nothing" if message.error is None else f"errors_{message.error.code}")]
        method, streams = asked
        if message.error is None:
            return [Skipped("requests_acknowledged")]
        if method == wire.UNSUBSCRIBE:
            return [Skipped("unsubscriptions_refused")]
        if len(streams) > 1:
            # A request is refused as a whole: it is made again in halves, until the one that is meant is alone.
            half = len(streams) // 2
            self._again += (streams[:half], streams[half:])
            return [Skipped("requests_split"), AnswerDue()]
        key = self._keys.get(streams[0])
        if key is None:
            return [Skipped("refusals_not_wanted")]
        self._asked.again(streams[0])  # it is not held, so nothing is to be let go of
        return [Refused(key, f"Binance futures refused it: {message.error.msg[:120]}")]

    def _drop_streams(self, key: InstrumentKey, keep: frozenset[str]) -> None:
        for stream in self._streams.get(key, frozenset()) - keep:
            self._asked.let_go(stream)
            self._keys.pop(stream, None)


def _of_trade(data: wire.AggTrade, key: InstrumentKey, received_ms: float) -> Tick:
    return Tick(key, received_ms, wire.SOURCE, data.price, data.event_ms, data.trade_ms, last_quantity=data.quantity)


def _of_ticker(data: wire.Ticker, key: InstrumentKey, received_ms: float, *, is_old: bool) -> Tick:
    """Zeroes mean that nothing was traded in 24 hours."""
    return Tick(
        key,
        received_ms,
        wire.SOURCE,
        None if is_old else data.last or None,
        None if is_old else data.event_ms,
        volume=data.volume,
        open=data.open or None,
        high=data.high or None,
        low=data.low or None,
        close=data.open or None,
        last_quantity=None if is_old else data.last_quantity or None,
        average_price=data.average or None,
        rolling_24h=True,
    )


def _of_best(data: wire.BookTicker, key: InstrumentKey, received_ms: float) -> Tick:
    """A side without orders is zero."""
    return Tick(
        key,
        received_ms,
        wire.SOURCE,
        timestamp=data.event_ms,
        bid_price=data.bid_price,
        ask_price=data.ask_price,
        bid_size=data.bid_size,
        ask_size=data.ask_size,
    )


def _of_book(data: wire.Book, key: InstrumentKey, received_ms: float) -> Tick:
    buy, sell = (
        tuple([_make(Level, (price, quantity, 0)) for price, quantity in side[:LEVELS]])
        for side in (data.bids, data.asks)
    )
    return Tick(key, received_ms, wire.SOURCE, timestamp=data.event_ms, depth=Depth(buy, sell, data.event_ms))
