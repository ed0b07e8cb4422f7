"""One connection to Fyers's tick-by-tick feed of 50 levels as a state machine. Pure.

Subscriptions go by ticker (`NSE:INFY-EQ`) on a channel, and a channel that is not resumed stays silent.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from adapters.asked import Asked, Change
from adapters.frames import FrameKind
from adapters.fyers.deep_book import DeepBook, decode
from adapters.fyers.hsm_ticks import SOURCE
from adapters.venue import Event, Refused, Skipped, Want
from market.errors import DecodeError
from market.instruments import InstrumentKey
from market.logins import BrokerSession
from market.ticks import Tick

PER_CONNECTION = 5
PING = b"ping"

_CHANNEL = "1"
_PONG = b"pong"


class DeepConversation:
    """Fulfils `adapters.venue.Conversation`."""

    def __init__(self) -> None:
        self._asked = Asked[str, bool]()
        self._keys: dict[str, InstrumentKey] = {}
        self._tickers: dict[InstrumentKey, str] = {}
        self._books: dict[str, DeepBook] = {}
        self._ready: deque[bytes] = deque()

    def opened(self, session: BrokerSession | None) -> None:
        self._books.clear()
        self._ready = deque((_encode(2, {"resumeChannels": [_CHANNEL], "pauseChannels": []}),))
        self._asked.restart()

    def want(self, wants: Iterable[Want]) -> None:
        for instrument, _ in wants:
            self._keys[instrument.broker_symbol] = instrument.key
            self._tickers[instrument.key] = instrument.broker_symbol
            self._asked.want(instrument.broker_symbol, value=True)

    def let_go(self, keys: Iterable[InstrumentKey]) -> None:
        for key in keys:
            ticker = self._tickers.pop(key, None)
            if ticker is not None:
                del self._keys[ticker]
                self._asked.let_go(ticker)

    def next_message(self) -> bytes | None:
        if self._ready:
            return self._ready.popleft()
        batch = self._asked.next_batch(PER_CONNECTION)
        if batch is None:
            return None
        way = -1 if batch.change is Change.GONE else 1
        if batch.change is Change.GONE:
            for ticker in batch.items:
                self._books.pop(ticker, None)
        return _encode(1, {"subs": way, "symbols": batch.items, "mode": "depth", "channel": _CHANNEL})

    def receive(self, frame: bytes, kind: FrameKind, received_ms: float) -> Sequence[Event]:
        if kind is FrameKind.TEXT:
            if frame != _PONG:
                raise DecodeError("A text frame from Fyers's deep books", frame)
            return [Skipped("pongs")]
        message = decode(frame)
        if message.error:
            return self._refused()
        events: list[Event] = [self._feed(feed, received_ms, whole=message.snapshot) for feed in message.feeds.values()]
        return events or [Skipped("empty_frames")]

    def _feed(self, feed: Any, received_ms: float, *, whole: bool) -> Event:
        ticker = feed.ticker
        key = self._keys.get(ticker)
        if key is None and not self._asked.said(ticker):
            return Skipped("feeds_not_wanted")
        if not feed.HasField("depth"):
            return Skipped("feeds_without_a_book")
        book = self._merged(feed, whole=whole)
        if key is None:
            return Skipped("feeds_not_wanted")
        if book is None:
            return Skipped("changes_before_a_snapshot")
        depth = book.depth(feed.feed_time.value * 1000 or None)
        return Tick(
            key,
            received_ms,
            SOURCE,
            total_buy_quantity=book.buying,
            total_sell_quantity=book.selling,
            depth=depth,
        )

    def _merged(self, feed: Any, *, whole: bool) -> DeepBook | None:
        """The book with what `feed` says, None before its snapshot.

        Kept as long as Fyers sends it: wanted again before the end was asked for, it gets no new snapshot.
        """
        if whole or feed.snapshot:
            self._books[feed.ticker] = DeepBook()
        book = self._books.get(feed.ticker)
        if book is not None:
            book.merge(feed.depth)
        return book

    def _refused(self) -> list[Event]:
        """Fyers does not say what it refuses: those that have no book yet."""
        silent = [key for ticker, key in self._keys.items() if ticker not in self._books]
        return [Refused(key, "Fyers refused the book of 50 levels") for key in silent] or [Skipped("errors")]


def _encode(kind: int, data: dict[str, object]) -> bytes:
    return msgspec.json.encode({"type": kind, "data": data})
