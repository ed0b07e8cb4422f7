"""Frames of OKX's public socket (V5): JSON to values, wishes to JSON. Pure.

Source: OKX API guide, "WebSocket / Public channel". Numbers are text; times are milliseconds.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from typing import Any

import msgspec

from adapters.finite import Finite
from market.errors import DecodeError

SOURCE = "okx"
PONG = b"pong"
PING = b"ping"
_CHECKED = 25


class Arg(msgspec.Struct):
    """What a frame is about."""

    channel: str = ""
    instId: str = ""


class Ticker(msgspec.Struct):
    """The last price and the figures of 24 hours. Of contracts `vol24h` counts them, `volCcy24h` is in coins.

    A best price that is None was written as an empty text: nobody bids, or nobody asks.
    """

    last: Finite | None = None
    lastSz: Finite | None = None
    askPx: Finite | msgspec.UnsetType | None = msgspec.UNSET
    askSz: Finite | None = None
    bidPx: Finite | msgspec.UnsetType | None = msgspec.UNSET
    bidSz: Finite | None = None
    open24h: Finite | None = None
    high24h: Finite | None = None
    low24h: Finite | None = None
    vol24h: Finite | None = None
    volCcy24h: Finite | None = None
    ts: int | None = None


class OpenInterest(msgspec.Struct):
    """Open contracts; `oiCcy` in coins."""

    oi: Finite | None = None
    oiCcy: Finite | None = None
    ts: int | None = None


Row = tuple[str, str, str, str]
"""Price, size, nothing, number of orders: as text, for the checksum is of the text."""


class Book(msgspec.Struct):
    """A snapshot, or changes to it: `prevSeqId` is the `seqId` that they follow; absolute sizes, zero takes away."""

    asks: list[Row] = []
    bids: list[Row] = []
    ts: int | None = None
    checksum: int = 0
    seqId: int | None = None
    prevSeqId: int | None = None


class Frame(msgspec.Struct):
    """Every frame; `data` is read by its channel."""

    event: str = ""
    arg: Arg = msgspec.field(default_factory=Arg)
    action: str = ""
    code: str = ""
    msg: str = ""
    data: msgspec.Raw = msgspec.field(default_factory=msgspec.Raw)


_FRAMES = msgspec.json.Decoder(Frame)
_DATA: dict[str, msgspec.json.Decoder[Any]] = {
    "tickers": msgspec.json.Decoder(list[Ticker], strict=False),
    "open-interest": msgspec.json.Decoder(list[OpenInterest], strict=False),
    "books": msgspec.json.Decoder(list[Book], strict=False),
}


def decode(frame: bytes) -> Frame:
    """Return a frame.

    Raises:
        DecodeError: it is none.
    """
    try:
        return _FRAMES.decode(frame)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise DecodeError("Not a frame of OKX", frame) from None


def data_of(frame: Frame) -> list[Any]:
    """Return what a data frame carries: `Ticker`s, `OpenInterest`s or `Book`s; nothing for a channel not known.

    Raises:
        DecodeError: it is not what its channel says.
    """
    decoder = _DATA.get(frame.arg.channel)
    if decoder is None:
        return []
    raw = bytes(frame.data)
    try:
        # A number that is not there is written as an empty text.
        found: list[Any] = decoder.decode(raw.replace(b'""', b"null"))
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise DecodeError(f"Not {frame.arg.channel} of OKX", raw) from None
    return found


def encode(op: str, args: Iterable[tuple[str, str]]) -> bytes:
    """Return the message `op` (`subscribe`, `unsubscribe`) for (channel, instrument) pairs."""
    return msgspec.json.encode({"op": op, "args": [{"channel": channel, "instId": name} for channel, name in args]})


def checksum(bids: Iterable[tuple[str, str]], asks: Iterable[tuple[str, str]]) -> int:
    """The signed CRC32 of the best 25 levels of both sides, taken in turn, price and size as they were sent."""
    buy, sell = list(bids)[:_CHECKED], list(asks)[:_CHECKED]
    parts: list[str] = []
    for place in range(max(len(buy), len(sell))):
        for side in (buy, sell):
            if place < len(side):
                parts += side[place]
    value = zlib.crc32(":".join(parts).encode())
    return value - (1 << 32) if value >= 1 << 31 else value
