"""What Binance's spot streams say, in Binance's words: one class per event, decoded straight from JSON.

Field names on the wire are single letters (`docs: binance-spot-api-docs, web-socket-streams.md`); numbers come as
decimal text and are bounded here, so that neither NaN nor infinity ever leaves the decoder. Times in ms since 1970.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct, field

CHANGES = "depth@100ms"
"""The kind of stream that tells what changes in a full book."""
PART = "depth20@100ms"
"""The kind of stream that brings the best levels of a book whole."""

Amount = Annotated[float, Meta(ge=0.0, le=1e300)]
Milliseconds = Annotated[int, Meta(ge=0, le=4_000_000_000_000)]
UpdateId = Annotated[int, Meta(ge=0)]
Levels = list[tuple[Amount, Amount]]


class AggTrade(Struct, tag_field="e", tag="aggTrade", gc=False):
    """Trades of one taker order at one price."""

    symbol: str = field(name="s")
    price: Amount = field(name="p")
    quantity: Amount = field(name="q")
    event_ms: Milliseconds = field(name="E")
    trade_ms: Milliseconds = field(name="T")


class Trade(Struct, tag_field="e", tag="trade", gc=False):
    """A single trade."""

    symbol: str = field(name="s")
    price: Amount = field(name="p")
    quantity: Amount = field(name="q")
    event_ms: Milliseconds = field(name="E")
    trade_ms: Milliseconds = field(name="T")


class Ticker(Struct, tag_field="e", tag="24hrTicker", gc=False):
    """The rolling 24 hours, once a second. `before` is the price just before the window; USD-M futures lack it."""

    symbol: str = field(name="s")
    event_ms: Milliseconds = field(name="E")
    last: Amount = field(name="c")
    last_quantity: Amount = field(name="Q")
    open: Amount = field(name="o")
    high: Amount = field(name="h")
    low: Amount = field(name="l")
    volume: Amount = field(name="v")
    average: Amount = field(name="w")
    close_ms: Milliseconds = field(name="C")
    before: Amount | None = field(name="x", default=None)


class MiniTicker(Struct, tag_field="e", tag="24hrMiniTicker", gc=False):
    """The short form of `Ticker`."""

    symbol: str = field(name="s")
    event_ms: Milliseconds = field(name="E")
    last: Amount = field(name="c")
    open: Amount = field(name="o")
    high: Amount = field(name="h")
    low: Amount = field(name="l")
    volume: Amount = field(name="v")


class BookTicker(Struct, gc=False):
    """Best bid and ask, at every change. On spot it carries no time and no event name."""

    update_id: UpdateId = field(name="u")
    symbol: str = field(name="s")
    bid_price: Amount = field(name="b")
    bid_size: Amount = field(name="B")
    ask_price: Amount = field(name="a")
    ask_size: Amount = field(name="A")


class DepthDiff(Struct, tag_field="e", tag="depthUpdate", gc=False):
    """Changed price levels between two update ids, both inclusive. Quantities are absolute, 0 deletes."""

    symbol: str = field(name="s")
    event_ms: Milliseconds = field(name="E")
    first_id: UpdateId = field(name="U")
    last_id: UpdateId = field(name="u")
    bids: Levels = field(name="b")
    asks: Levels = field(name="a")

    @property
    def after_id(self) -> int:
        """The update id that these changes follow."""
        return self.first_id - 1


class PartialDepth(Struct, gc=False):
    """The best levels, whole. The wire does not name the symbol: it is taken from the stream's name."""

    last_id: UpdateId = field(name="lastUpdateId")
    bids: Levels
    asks: Levels
    symbol: str = ""


class KlineFields(Struct, gc=False):
    """The candle of a `Kline`."""

    start_ms: Milliseconds = field(name="t")
    interval: str = field(name="i")
    open: Amount = field(name="o")
    high: Amount = field(name="h")
    low: Amount = field(name="l")
    close: Amount = field(name="c")
    volume: Amount = field(name="v")
    closed: bool = field(name="x")


class Kline(Struct, tag_field="e", tag="kline", gc=False):
    """The running candle of an interval."""

    symbol: str = field(name="s")
    event_ms: Milliseconds = field(name="E")
    candle: KlineFields = field(name="k")


class ServerShutdown(Struct, tag_field="e", tag="serverShutdown", gc=False):
    """The server will close this connection soon."""

    event_ms: Milliseconds = field(name="E", default=0)


class Ack(Struct, gc=False):
    """The request `request_id` was carried out. An unknown stream is acknowledged too, and stays silent."""

    request_id: int


class Refusal(Struct, gc=False):
    """The request `request_id` (None: unreadable) was refused."""

    request_id: int | None
    code: int
    reason: str


class Unknown(Struct, gc=False):
    """Well-formed, and nothing we know: `kind` is the event or stream name."""

    kind: str


Event = (
    AggTrade
    | Trade
    | Ticker
    | MiniTicker
    | BookTicker
    | DepthDiff
    | PartialDepth
    | Kline
    | ServerShutdown
    | Ack
    | Refusal
    | Unknown
)
