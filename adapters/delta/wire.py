"""Frames of Delta Exchange India's public socket: JSON to values, wishes to JSON. Pure.

Source: Delta Exchange India API guide, "Public channels" (the compact names of 2026). Numbers are mostly text; times
are microseconds; sizes are contracts.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence

import msgspec
from msgspec import UNSET, UnsetType

from adapters.finite import Finite
from market.errors import DecodeError

SOURCE = "delta"
PING = b'{"type":"ping"}'

TICKER = "ticker"
BEST = "ob_l1"
TRADES = "trades"
BOOK = "ob_updates"
_CHECKED = 10

Row = tuple[str, str]
"""Price and size: as text, for the checksum is of the text."""


class Entry(msgspec.Struct):
    """One instrument of a ticker: 24 hours' `ohlc`, `oi` (contracts, change), `q` (ask, its size, bid, its size, …)."""

    s: str
    ohlc: list[Finite | None] = []
    oi: list[Finite | None] = []
    q: list[Finite | None] = []
    pb: list[Finite | None] = []


class Ticker(msgspec.Struct):
    """A ticker, every five seconds."""

    d: list[Entry] = []
    ts: int | None = None


class Best(msgspec.Struct):
    """Best ask and bid with their sizes; null where a side is empty."""

    sy: str = ""
    ap: Finite | UnsetType | None = UNSET
    as_: Finite | UnsetType | None = msgspec.field(default=UNSET, name="as")
    bp: Finite | UnsetType | None = UNSET
    bs: Finite | UnsetType | None = UNSET
    ts: int | None = None


class Trade(msgspec.Struct):
    """A trade: price, size, time."""

    p: Finite
    s: Finite
    sy: str = ""
    t: int | None = None


class Book(msgspec.Struct):
    """A snapshot, or changes to it: `seq` counts up by one, absolute sizes, zero takes away, `cs` is the checksum.

    An `action` of `error` says that the snapshot of `symbol` (which is not called `sy` there) could not be loaded.
    """

    sy: str = ""
    symbol: str = ""
    action: str = ""
    a: list[Row] = []
    b: list[Row] = []
    seq: int = 0
    cs: int | None = None
    ts: int | None = None


class Told(msgspec.Struct):
    """What an answer says of one channel: the symbols that it carries, or why it does not."""

    name: str = ""
    symbols: list[str] = []
    error: str = ""


class Subscriptions(msgspec.Struct):
    """The answer to a subscription."""

    channels: list[Told] = []


class Trouble(msgspec.Struct):
    """The answer to a message that was refused as a whole."""

    message: str = ""


class Other(msgspec.Struct):
    """A frame of another type: pongs, heartbeats, first pages of trades."""

    kind: str


class _Kind(msgspec.Struct):
    type: str = ""


_KINDS = msgspec.json.Decoder(_Kind)
Message = Ticker | Best | Trade | Book | Subscriptions | Trouble | Other
_READERS: Mapping[str, msgspec.json.Decoder[Message]] = {
    TICKER: msgspec.json.Decoder(Ticker, strict=False),
    BEST: msgspec.json.Decoder(Best, strict=False),
    TRADES: msgspec.json.Decoder(Trade, strict=False),
    BOOK: msgspec.json.Decoder(Book),
    "subscriptions": msgspec.json.Decoder(Subscriptions),
    "error": msgspec.json.Decoder(Trouble),
}


def decode(frame: bytes) -> Message:
    """Return what a frame says.

    Raises:
        DecodeError: it is none.
    """
    try:
        kind = _KINDS.decode(frame).type
        reader = _READERS.get(kind)
        return reader.decode(frame) if reader is not None else Other(kind)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise DecodeError("Not a frame of Delta Exchange", frame) from None


def encode(op: str, topics: Iterable[tuple[str, str]]) -> bytes:
    """Return the message `op` (`subscribe`, `unsubscribe`) for (channel, symbol) pairs."""
    channels: dict[str, list[str]] = {}
    for channel, symbol in topics:
        channels.setdefault(channel, []).append(symbol)
    listed = [{"name": name, "symbols": symbols} for name, symbols in channels.items()]
    return msgspec.json.encode({"type": op, "payload": {"channels": listed}})


def checksum(asks: Sequence[Row], bids: Sequence[Row]) -> int:
    """The CRC32 of the best ten levels of both sides, price and size as they were sent, asks first."""
    sides = (",".join(f"{price}:{size}" for price, size in side[:_CHECKED]) for side in (asks, bids))
    return zlib.crc32("|".join(sides).encode())
