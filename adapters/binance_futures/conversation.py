"""One connection to Binance's USD-M futures as a state machine. Pure.

An instrument is a few streams on two paths: ticker and trades on the market path, the best bid and ask and the book
on the public one. An acknowledgement confirms nothing, because a stream that does not exist is acknowledged too and
stays silent: the first tick confirms.
"""

from __future__ import annotations

from collections.abc import Sequence

from adapters.binance.base_conversation import BaseConversation
from adapters.binance.events import CHANGES
from adapters.binance_futures import wire
from adapters.frames import FrameKind
from adapters.venue import ConnectionOver, Event, Skipped
from market.instruments import InstrumentKey
from market.logins import BrokerSession
from market.modes import Mode
from market.ticks import Depth, Level, Tick

MARKET = "market"
PUBLIC = "public"
PER_MESSAGE = 100

_KINDS: dict[str, dict[Mode, tuple[str, ...]]] = {
    MARKET: dict.fromkeys(Mode, (wire.TICKER, wire.TRADES)),
    PUBLIC: {Mode.LTP: (), Mode.QUOTE: (wire.BEST,), Mode.DEPTH: (wire.BEST, CHANGES)},
}
_make = tuple.__new__
MOST_STREAMS = 2
"""Streams of an instrument on one path; one more for as long as its book is not in step."""


class BinanceFuturesConversation(BaseConversation):
    """Fulfils `adapters.venue.Conversation` and `Enquirer`.

    Args:
        path: `MARKET` or `PUBLIC`; each carries some kinds of stream and is silent about the others.
    """

    def __init__(self, path: str) -> None:
        super().__init__("Binance futures", wire.SOURCE, _KINDS[path], PER_MESSAGE)
        self._traded_ms: dict[str, int] = {}

    def opened(self, session: BrokerSession | None) -> None:
        super().opened(session)
        self._traded_ms.clear()

    def receive(self, frame: bytes, kind: FrameKind, received_ms: float) -> Sequence[Event]:
        message = wire.decode(frame)
        if not message.stream:
            return self._notice(message) if message.e else self._answer(message)
        key = self._requests.key_of(message.stream)
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
        if isinstance(data, wire.BookChange):
            return self._changed(key, data, received_ms)
        return self._part(key, _whole(data), received_ms) if data is not None else [Skipped("streams_not_known")]

    def _stream_gone(self, stream: str) -> None:
        self._traded_ms.pop(stream.partition("@")[0], None)

    def _of_book(self, key: InstrumentKey, depth: Depth, received_ms: float) -> Tick:
        return Tick(key, received_ms, wire.SOURCE, timestamp=depth.timestamp, depth=depth)

    def _notice(self, message: wire.Frame) -> Sequence[Event]:
        if message.e == "serverShutdown":
            return [ConnectionOver("Binance is about to close this connection", is_planned=True)]
        return [Skipped(f"events_{message.e[:16]}")]

    def _answer(self, message: wire.Frame) -> Sequence[Event]:
        if message.id == wire.HEARTBEAT_ID:
            return [Skipped("heartbeats")]
        if message.error is not None:
            return self._requests.refused(message.id, message.error.code, message.error.msg)
        opened = self._requests.acknowledged(message.id)
        if opened is None:
            return [Skipped("answers_to_nothing")]
        return [Skipped("requests_acknowledged"), *self._books_opened(opened)]


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


def _whole(data: wire.Book) -> Depth:
    buy, sell = (
        tuple([_make(Level, (price, quantity, 0)) for price, quantity in side]) for side in (data.bids, data.asks)
    )
    return Depth(buy, sell, data.event_ms)
