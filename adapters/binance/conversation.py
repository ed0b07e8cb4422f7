"""One connection to Binance spot as a state machine. Pure.

An instrument is a few streams. Of one that nobody trades its streams say nothing, so its 24-hour figures are asked for
once, that its row is not blank.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from adapters.binance.base_conversation import BaseConversation
from adapters.binance.events import (
    CHANGES,
    Ack,
    AggTrade,
    BookTicker,
    DepthDiff,
    PartialDepth,
    Refusal,
    ServerShutdown,
    Ticker,
    Unknown,
)
from adapters.binance.instruments import SOURCE
from adapters.binance.prices import Day, Prices
from adapters.binance.wire import decode
from adapters.frames import FrameKind
from adapters.venue import Acked, ConnectionOver, EnquiryDue, Event, Skipped, Want
from market.instruments import InstrumentKey
from market.logins import BrokerSession
from market.modes import Mode
from market.ticks import Depth, Level

PER_MESSAGE = 200
DAY = "day"
"""The `what` of an enquiry for the 24-hour figures, a `prices.Day`."""

_TICKER = "ticker"
_LTP = ("aggTrade", _TICKER)
_KINDS = {
    Mode.LTP: _LTP,
    Mode.QUOTE: (*_LTP, "bookTicker"),
    Mode.DEPTH: (*_LTP, "bookTicker", CHANGES),
}
MOST_STREAMS = len(_KINDS[Mode.DEPTH]) + 1
"""Streams of an instrument whose book is not in step yet."""


class BinanceConversation(BaseConversation):
    """Fulfils `adapters.venue.Conversation` and `Enquirer`."""

    def __init__(self) -> None:
        super().__init__("Binance", SOURCE, _KINDS, PER_MESSAGE)
        self._prices = Prices(SOURCE)
        self._keys: dict[str, InstrumentKey] = {}
        self._meanings: dict[type, Callable[[Any, float], Sequence[Event]]] = {
            AggTrade: self._take_trade,
            Ticker: self._take_ticker,
            BookTicker: self._take_best,
            DepthDiff: self._take_change,
            PartialDepth: self._take_part,
            Ack: self._take_ack,
            Refusal: self._take_refusal,
            ServerShutdown: self._take_shutdown,
            Unknown: lambda _event, _received_ms: [Skipped("unknown_events")],
        }

    def opened(self, session: BrokerSession | None) -> None:
        super().opened(session)
        self._prices.restart()

    def want(self, wants: Iterable[Want]) -> Iterable[Event] | None:
        given = list(wants)
        super().want(given)
        for want in given:
            self._keys[want.instrument.token] = want.key
        return (event for want in given for event in self._day_due(want.key))

    def let_go(self, keys: Iterable[InstrumentKey]) -> None:
        given = list(keys)
        for key in given:
            token = self._tokens.get(key, "")
            if self._keys.get(token) == key:
                del self._keys[token]
        super().let_go(given)

    def receive(self, frame: bytes, kind: FrameKind, received_ms: float) -> Sequence[Event]:
        event = decode(frame)
        meaning = self._meanings.get(type(event))
        return meaning(event, received_ms) if meaning is not None else [Skipped("events_of_no_use")]

    def still_needs(self, due: EnquiryDue) -> bool:
        if due.what == DAY:
            return due.key in self._tokens and not self._prices.has_day(due.token)
        return super().still_needs(due)

    def answered(self, due: EnquiryDue, answer: object, received_ms: float) -> Sequence[Event] | None:
        if not isinstance(answer, Day):
            return super().answered(due, answer, received_ms)
        return [self._prices.of_day(answer, due.key, received_ms)] if due.key in self._tokens else []

    def _take_trade(self, event: AggTrade, received_ms: float) -> Sequence[Event]:
        key = self._keys.get(event.symbol)
        return [self._prices.of_trade(event, key, received_ms)] if key is not None else [Skipped("frames_not_wanted")]

    def _take_ticker(self, event: Ticker, received_ms: float) -> Sequence[Event]:
        key = self._keys.get(event.symbol)
        return [self._prices.of_ticker(event, key, received_ms)] if key is not None else [Skipped("frames_not_wanted")]

    def _take_best(self, event: BookTicker, received_ms: float) -> Sequence[Event]:
        key = self._keys.get(event.symbol)
        if key is None:
            return [Skipped("frames_not_wanted")]
        return [self._prices.of_book_ticker(event, key, received_ms)]

    def _take_change(self, event: DepthDiff, received_ms: float) -> Sequence[Event]:
        key = self._keys.get(event.symbol)
        return self._changed(key, event, received_ms) if key is not None else [Skipped("frames_not_wanted")]

    def _take_part(self, event: PartialDepth, received_ms: float) -> Sequence[Event]:
        key = self._keys.get(event.symbol)
        if key is None:
            return [Skipped("frames_not_wanted")]
        buy, sell = (tuple(Level(price, size) for price, size in side) for side in (event.bids, event.asks))
        return self._part(key, Depth(buy, sell), received_ms)

    def _take_ack(self, event: Ack, _received_ms: float) -> Sequence[Event]:
        opened = self._requests.acknowledged(event.request_id)
        if opened is None:
            return [Skipped("answers_to_nothing")]
        keys = list(dict.fromkeys(key for each in opened if (key := self._requests.key_of(each)) is not None))
        whole = tuple(key for key in keys if self._requests.is_whole(key))
        confirmed = [Acked(whole)] if whole else []
        days = [event for key in keys for event in self._day_due(key)]
        # A day costs a 25th of a book, and a row without a price lacks more than one with a book of but 20 levels.
        return [Skipped("requests_acknowledged"), *confirmed, *days, *self._books_opened(opened)]

    def _take_refusal(self, event: Refusal, _received_ms: float) -> Sequence[Event]:
        return self._requests.refused(event.request_id, event.code, event.reason)

    def _take_shutdown(self, _event: ServerShutdown, _received_ms: float) -> Sequence[Event]:
        return [ConnectionOver("Binance is about to close this connection", is_planned=True)]

    def _stream_gone(self, stream: str) -> None:
        name, _, kind = stream.partition("@")
        if kind == _TICKER:
            self._prices.forget(name.upper())

    def _day_due(self, key: InstrumentKey) -> Sequence[Event]:
        token = self._tokens.get(key)
        if token is None or self._prices.has_day(token):
            return ()
        return (EnquiryDue(key, token, DAY),)
