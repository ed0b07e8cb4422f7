"""The Kite ticker's frames: bytes to ticks, wishes to JSON. Pure.

A frame is a big-endian count of packets, then each with its length. What a packet is follows from its length: 8 bytes
an LTP, 28 and 32 an index, 44 a quote, 184 a quote with times, open interest and five levels. All numbers but the token
are signed: crude oil has traded below zero. Prices are whole numbers of a unit that the segment decides; the segment is
the last byte of the token. Layout: Kite Connect documentation, "WebSocket streaming"; divisors: the vendor's clients.
"""

from __future__ import annotations

import struct

import msgspec

from adapters.packed_depth import PackedDepth, Side
from market.errors import DecodeError
from market.instruments import InstrumentKey
from market.ticks import Level, Tick

SOURCE = "zerodha"

_DIVISORS = {3: 10_000_000.0, 6: 10_000.0, 12: 10_000.0}
_CASH = frozenset({1, 4})
_HUNDRED = 100.0

_COUNT = struct.Struct(">H")
_LTP = struct.Struct(">Ii")
_INDEX = struct.Struct(">I6i")
_INDEX_TIMED = struct.Struct(">I7i")
_QUOTE = struct.Struct(">I10i")
_FULL = struct.Struct(">I15i" + "ii52x" + "ii")
_SIDE = struct.Struct(">" + "iiHxx" * 5)
_BOOK = 64
"""Where the book begins in a full packet."""

_make = tuple.__new__


def is_heartbeat(frame: bytes) -> bool:
    """Whether `frame` says only that the connection lives."""
    return len(frame) == 1


def packets(frame: bytes) -> list[bytes]:
    """Split `frame` into its packets.

    Raises:
        DecodeError: the frame ends within a packet.
    """
    size = len(frame)
    if size < 2:
        raise DecodeError("A Kite frame is too short", frame)
    found: list[bytes] = []
    at = 2
    for _ in range(_COUNT.unpack_from(frame)[0]):
        if at + 2 > size:
            raise DecodeError("A Kite frame ends within a packet's length", frame)
        end = at + 2 + _COUNT.unpack_from(frame, at)[0]
        if end > size:
            raise DecodeError("A Kite frame ends within a packet", frame)
        found.append(frame[at + 2 : end])
        at = end
    return found


def token_of(packet: bytes) -> int:
    """The instrument that a packet is about; -1 if it is too short to say."""
    return int.from_bytes(packet[:4], "big") if len(packet) >= 4 else -1


def decode(packet: bytes, key: InstrumentKey, received_ms: float) -> Tick | None:
    """Return what `packet` says of `key`, or None for a length that is not known (skip it, count it)."""
    reader = _READERS.get(len(packet))
    return reader(packet, key, received_ms) if reader is not None else None


def _ltp(packet: bytes, key: InstrumentKey, received_ms: float) -> Tick:
    token, ltp = _LTP.unpack(packet)
    return Tick(key, received_ms, SOURCE, ltp / _DIVISORS.get(token & 0xFF, _HUNDRED) if ltp else None)


def _index(packet: bytes, key: InstrumentKey, received_ms: float) -> Tick:
    if len(packet) == 32:
        token, ltp, high, low, open_, close, _change, at_s = _INDEX_TIMED.unpack(packet)
        timestamp = at_s * 1000 if at_s > 0 else None
    else:
        token, ltp, high, low, open_, close, _change = _INDEX.unpack(packet)
        timestamp = None
    unit = _DIVISORS.get(token & 0xFF, _HUNDRED)
    return Tick(
        key,
        received_ms,
        SOURCE,
        ltp / unit if ltp else None,
        timestamp,
        open=open_ / unit if open_ else None,
        high=high / unit if high else None,
        low=low / unit if low else None,
        close=close / unit if close else None,
    )


# fmt: off
def _quote(packet: bytes, key: InstrumentKey, received_ms: float) -> Tick:
    token, ltp, ltq, average, volume, buying, selling, open_, high, low, close = _QUOTE.unpack(packet)
    unit = _DIVISORS.get(token & 0xFF, _HUNDRED)
    return Tick(
        key, received_ms, SOURCE, ltp / unit if ltp else None, None, None, volume,
        open_ / unit if open_ else None, high / unit if high else None, low / unit if low else None,
        close / unit if close else None, ltq, average / unit if average else None, None, buying, selling,
    )


def _full(packet: bytes, key: InstrumentKey, received_ms: float) -> Tick:
    (token, ltp, ltq, average, volume, buying, selling, open_, high, low, close, traded_s, oi, _oi_high, _oi_low, at_s,
     bid_size, bid, ask_size, ask) = _FULL.unpack_from(packet)
    segment = token & 0xFF
    unit = _DIVISORS.get(segment, _HUNDRED)
    at = at_s * 1000 if at_s > 0 else None
    # The hottest lines of this feed: a tuple made as one takes half the time of a call with names.
    return _make(Tick, (
        key, received_ms, SOURCE, ltp / unit if ltp else None, at, traded_s * 1000 if traded_s > 0 else None, volume,
        open_ / unit if open_ else None, high / unit if high else None, low / unit if low else None,
        close / unit if close else None, ltq, average / unit if average else None, None if segment in _CASH else oi,
        buying, selling, bid / unit if bid_size else 0.0, ask / unit if ask_size else 0.0,
        bid_size, ask_size, None, None, None, PackedDepth(_side, packet[_BOOK:], unit, at), None,
    ))
# fmt: on


def _side(packet: bytes, unit: float, side: int) -> Side:
    """One side of a book; one with fewer than five levels is filled up with zeros."""
    (q0, p0, n0, q1, p1, n1, q2, p2, n2, q3, p3, n3, q4, p4, n4) = _SIDE.unpack_from(packet, side * _SIDE.size)
    levels: Side = (
        _make(Level, (p0 / unit, q0, n0)),
        _make(Level, (p1 / unit, q1, n1)),
        _make(Level, (p2 / unit, q2, n2)),
        _make(Level, (p3 / unit, q3, n3)),
        _make(Level, (p4 / unit, q4, n4)),
    )
    return levels if q4 else tuple(level for level in levels if level.quantity)


_READERS = {8: _ltp, 28: _index, 32: _index, 44: _quote, 184: _full}


def encode(action: str, value: object) -> bytes:
    """Return the message `action` (`subscribe`, `unsubscribe`, `mode`) with its `value`."""
    return msgspec.json.encode({"a": action, "v": value})


class TextMessage(msgspec.Struct):
    """What comes as text: `error`, `message`, `order`, and whatever else they add."""

    type: str
    data: object = None


def decode_text(frame: bytes) -> TextMessage:
    """Return a text message.

    Raises:
        DecodeError: it is none.
    """
    try:
        return msgspec.json.decode(frame, type=TextMessage)
    except (msgspec.MsgspecError, ValueError, RecursionError) as exc:
        raise DecodeError("Not a text message of Kite", frame) from exc
