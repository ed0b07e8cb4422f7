"""Frames of Bybit's public sockets (V5): JSON to values, wishes to JSON. Pure.

Source: Bybit API guide, "WebSocket Stream / Public". Numbers are text; times are milliseconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from adapters.finite import Finite
from market.errors import DecodeError

SOURCE = "bybit"
COMMAND = "COMMAND_RESP"
PING = b'{"op":"ping"}'

TICKERS = "tickers"
TRADES = "publicTrade"
_BOOKS_OF = "orderbook"
BEST = "orderbook.1"
BOOK = "orderbook.50"
OPTION_BOOK = "orderbook.100"


Best = tuple[float | None, float | None]
"""A best price and its size: None where the message does not speak of it, zero where there is none."""


def _best(price: float | msgspec.UnsetType | None, size: float | None) -> Best:
    if price is msgspec.UNSET:
        return None, size
    return (price, size) if price else (0.0, 0.0)


class Ticker(msgspec.Struct):
    """The last price and the figures of 24 hours; of futures, only what has changed. Spot has no bid and ask.

    A best price that is None was written as an empty text: nobody bids, or nobody asks. Options name their bid and ask
    otherwise, and tell the change since 24 hours ago (0.01 is 1 %) instead of the price.
    """

    lastPrice: Finite | None = None
    prevPrice24h: Finite | None = None
    highPrice24h: Finite | None = None
    lowPrice24h: Finite | None = None
    volume24h: Finite | None = None
    turnover24h: Finite | None = None
    openInterest: Finite | None = None
    bid1Price: Finite | msgspec.UnsetType | None = msgspec.UNSET
    bid1Size: Finite | None = None
    ask1Price: Finite | msgspec.UnsetType | None = msgspec.UNSET
    ask1Size: Finite | None = None
    bidPrice: Finite | msgspec.UnsetType | None = msgspec.UNSET
    bidSize: Finite | None = None
    askPrice: Finite | msgspec.UnsetType | None = msgspec.UNSET
    askSize: Finite | None = None
    change24h: Finite | None = None

    @property
    def bid(self) -> Best:
        """The best bid and its size."""
        if self.bid1Price is msgspec.UNSET:
            return _best(self.bidPrice, self.bidSize if self.bid1Size is None else self.bid1Size)
        return _best(self.bid1Price, self.bid1Size)

    @property
    def ask(self) -> Best:
        """The best ask and its size."""
        if self.ask1Price is msgspec.UNSET:
            return _best(self.askPrice, self.askSize if self.ask1Size is None else self.ask1Size)
        return _best(self.ask1Price, self.ask1Size)

    @property
    def price_24h_ago(self) -> float | None:
        """The price of 24 hours ago, as it is told or as it follows from the change."""
        if self.prevPrice24h or not self.lastPrice or self.change24h is None or self.change24h <= -1.0:
            return self.prevPrice24h or None
        return self.lastPrice / (1.0 + self.change24h)


class Trade(msgspec.Struct):
    """A trade of `s`: price `p`, size `v`, time `T`; `BT` is one arranged away from the book."""

    p: Finite
    v: Finite
    T: int
    s: str = ""
    seq: int = 0
    BT: bool = False


class Book(msgspec.Struct):
    """A snapshot, or changes to it: absolute sizes, zero takes away. `u` counts up, from 1 after a restart."""

    b: list[tuple[Finite, Finite]] = []
    a: list[tuple[Finite, Finite]] = []
    u: int = 0


class Told(msgspec.Struct):
    """What became of a request about options, topic by topic."""

    successTopics: list[str] | None = None
    failTopics: list[str] | None = None


class Frame(msgspec.Struct):
    """Every frame: an answer with `op`, or data with `topic`. `cs` is the place in the sequence of trades.

    Answers about options are of the type `COMMAND_RESP`, without the number of the request; their data is a `Told`.
    """

    op: str = ""
    success: bool = True
    ret_msg: str = ""
    req_id: str = ""
    topic: str = ""
    type: str = ""
    ts: int | None = None
    cs: int = 0
    data: msgspec.Raw = msgspec.field(default_factory=msgspec.Raw)


_FRAMES = msgspec.json.Decoder(Frame)
_BOOKS = msgspec.json.Decoder(Book, strict=False)
_DATA: dict[str, msgspec.json.Decoder[Any]] = {
    TICKERS: msgspec.json.Decoder(Ticker, strict=False),
    TRADES: msgspec.json.Decoder(list[Trade], strict=False),
    BEST: _BOOKS,
    BOOK: _BOOKS,
    OPTION_BOOK: _BOOKS,
}
_TOLD = msgspec.json.Decoder(Told)


def decode(frame: bytes) -> Frame:
    """Return a frame.

    Raises:
        DecodeError: it is none.
    """
    try:
        return _FRAMES.decode(frame)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise DecodeError("Not a frame of Bybit", frame) from None


def channel_and_name(topic: str) -> tuple[str, str]:
    """`orderbook.50.BTCUSDT` → `orderbook.50` and `BTCUSDT`; a name may have dots (`XRP-26MAR27-2.5-C-USDT`)."""
    channel, _, name = topic.partition(".")
    if channel != _BOOKS_OF:
        return channel, name
    levels, _, name = name.partition(".")
    return f"{channel}.{levels}", name


def data_of(frame: Frame, channel: str) -> Any:
    """Return what a frame of `channel` carries: a `Ticker`, `Trade`s or a `Book`; None for a channel not known.

    Raises:
        DecodeError: it is not what its channel says.
    """
    decoder = _DATA.get(channel)
    if decoder is None:
        return None
    raw = bytes(frame.data)
    try:
        # A number that is not there is written as an empty text.
        return decoder.decode(raw.replace(b'""', b"null"))
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise DecodeError(f"Not {channel} of Bybit", raw) from None


def told(frame: Frame) -> Told:
    """Return what an answer of the type `COMMAND_RESP` tells; one without data tells nothing of any topic.

    Raises:
        DecodeError: it is no such answer.
    """
    raw = bytes(frame.data) or b"{}"
    try:
        return _TOLD.decode(raw)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise DecodeError("Not an answer of Bybit", raw) from None


def encode(op: str, topics: Sequence[str], request: str) -> bytes:
    """Return the message `op` (`subscribe`, `unsubscribe`) for `topics`; the answer carries `request`."""
    return msgspec.json.encode({"op": op, "req_id": request, "args": topics})
