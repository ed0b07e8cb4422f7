"""Frames of Binance's USD-M futures streams: JSON to values. Pure.

Source: Binance Open Platform, "USD-S-M Futures / Websocket Market Streams". Frames are combined ones: `{"stream": …,
"data": …}`. Numbers are text, and bounded here so that neither NaN nor infinity leaves the decoder; times are ms since
1970 UTC.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct, field

from adapters.binance.events import CHANGES, PART, Amount, Milliseconds, UpdateId
from market.errors import DecodeError

SOURCE = "binance_futures"

TICKER = "ticker"
TRADES = "aggTrade"
BEST = "bookTicker"

HEARTBEAT_ID = 0
HEARTBEAT = b'{"method":"LIST_SUBSCRIPTIONS","id":0}'
"""Asks for what is subscribed. The server itself pings but every three minutes, too seldom to tell a quiet connection
from a mute one; this is always answered."""

_FAILURES = (msgspec.MsgspecError, ValueError, RecursionError)


class Ticker(Struct, gc=False):
    """The last price and the figures of 24 hours; `open` is the price of 24 hours ago. No bid and ask, unlike spot."""

    event_ms: Milliseconds = field(name="E")
    last: Amount = field(name="c")
    last_quantity: Amount = field(name="Q")
    open: Amount = field(name="o")
    high: Amount = field(name="h")
    low: Amount = field(name="l")
    volume: Amount = field(name="v")
    average: Amount = field(name="w")


class AggTrade(Struct, gc=False):
    """Trades of one taker order at one price."""

    event_ms: Milliseconds = field(name="E")
    trade_ms: Milliseconds = field(name="T")
    price: Amount = field(name="p")
    quantity: Amount = field(name="q")


class BookTicker(Struct, gc=False):
    """Best bid and ask, at every change."""

    event_ms: Milliseconds = field(name="E")
    bid_price: Amount = field(name="b")
    bid_size: Amount = field(name="B")
    ask_price: Amount = field(name="a")
    ask_size: Amount = field(name="A")


class Book(Struct, gc=False):
    """The best 20 levels a side, whole, best first; shaped like a change of the full book, which it is not."""

    event_ms: Milliseconds = field(name="E")
    bids: list[tuple[Amount, Amount]] = field(name="b")
    asks: list[tuple[Amount, Amount]] = field(name="a")


class BookChange(Struct, gc=False):
    """Changed levels of the full book: those different at `last_id` from what they were at `after_id`.

    Quantities are absolute, 0 takes a level away. Ids leap: one belongs to all symbols.
    """

    event_ms: Milliseconds = field(name="E")
    after_id: UpdateId = field(name="pu")
    last_id: UpdateId = field(name="u")
    bids: list[tuple[Amount, Amount]] = field(name="b")
    asks: list[tuple[Amount, Amount]] = field(name="a")


class Error(Struct, gc=False):
    """Why a request was refused."""

    code: int = 0
    msg: str = ""


class Frame(Struct):
    """Every frame: data with `stream`, an answer with `id` (and `error` if refused), or a notice with `e` alone."""

    stream: str = ""
    data: msgspec.Raw = field(default_factory=msgspec.Raw)
    id: int | None = None
    error: Error | None = None
    e: str = ""


_FRAMES = msgspec.json.Decoder(Frame)
_DATA: dict[str, msgspec.json.Decoder[Any]] = {
    TICKER: msgspec.json.Decoder(Ticker, strict=False),
    TRADES: msgspec.json.Decoder(AggTrade, strict=False),
    BEST: msgspec.json.Decoder(BookTicker, strict=False),
    PART: msgspec.json.Decoder(Book, strict=False),
    CHANGES: msgspec.json.Decoder(BookChange, strict=False),
}


def decode(frame: bytes) -> Frame:
    """Return a frame.

    Raises:
        DecodeError: it is none, or says nothing.
    """
    try:
        found = _FRAMES.decode(frame)
    except _FAILURES:
        raise DecodeError("Not a frame of Binance futures", frame) from None
    if not found.stream and not found.e and found.id is None and found.error is None:
        raise DecodeError("A frame of Binance futures that says nothing", frame)
    return found


def data_of(frame: Frame, kind: str) -> Ticker | AggTrade | BookTicker | BookChange | Book | None:
    """Return what a frame of a stream of `kind` carries; None for a kind not known.

    Raises:
        DecodeError: it is not what its stream says.
    """
    decoder = _DATA.get(kind)
    if decoder is None:
        return None
    raw = bytes(frame.data)
    try:
        found: Ticker | AggTrade | BookTicker | BookChange | Book = decoder.decode(raw)
    except _FAILURES:
        raise DecodeError(f"Not {kind} of Binance futures", raw) from None
    return found
