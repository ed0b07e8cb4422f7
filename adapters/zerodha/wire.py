"""The Kite ticker's frames: bytes to ticks, wishes to JSON. Pure.

A frame is a big-endian count of packets, then each with its length. What a packet is follows from its length: 8 bytes
an LTP, 28 and 32 an index, 44 a quote, 184 a quote with times, open interest and five levels. All numbers but the token
are signed: crude oil has traded below zero. Prices are whole numbers of a unit that the segment decides; the segment is
the last byte of the token. Layout: Kite Connect documentation, "WebSocket streaming"; divisors: the vendor's clients.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

import msgspec

from market.errors import DecodeError
from market.instruments import InstrumentKey
from market.ticks import Depth, Level, Tick

SOURCE = "zerodha"

_DIVISORS = {3: 10_000_000.0, 6: 10_000.0, 12: 10_000.0}
_CASH = frozenset({1, 4})
_HUNDRED = 100.0

_COUNT = struct.Struct(">H")
_LTP = struct.Struct(">Ii")
_INDEX = struct.Struct(">I6i")
_INDEX_TIMED = struct.Struct(">I7i")
_QUOTE = struct.Struct(">I10i")
_FULL = struct.Struct(">I15i" + "iiHxx" * 10)

_make_level = Level._make


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
     *book) = _FULL.unpack(packet)
    segment = token & 0xFF
    unit = _DIVISORS.get(segment, _HUNDRED)
    buy = _side(book[:15], unit)
    sell = _side(book[15:], unit)
    bid = buy[0] if buy else _NO_LEVEL
    ask = sell[0] if sell else _NO_LEVEL
    at = at_s * 1000 if at_s > 0 else None
    return Tick(
        key, received_ms, SOURCE, ltp / unit if ltp else None, at, traded_s * 1000 if traded_s > 0 else None, volume,
        open_ / unit if open_ else None, high / unit if high else None, low / unit if low else None,
        close / unit if close else None, ltq, average / unit if average else None, None if segment in _CASH else oi,
        buying, selling, bid[0], ask[0], bid[1], ask[1], None, None, None, Depth(buy, sell, at),
    )
# fmt: on


_NO_LEVEL: tuple[float | None, int | None, int] = (None, None, 0)


def _side(values: Sequence[int], unit: float) -> tuple[Level, ...]:
    """Levels of quantity, price, orders; those of an empty or shorter book are zero, and left out."""
    quantities, prices, orders = values[0::3], values[1::3], values[2::3]
    return tuple(
        _make_level((price / unit, quantity, count))
        for quantity, price, count in zip(quantities, prices, orders, strict=True)
        if quantity
    )


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
