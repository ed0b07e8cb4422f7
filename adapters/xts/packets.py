"""XTS's binary packets, for a broker whose socket sends nothing else: bytes to ticks. Pure.

A message holds packets back to back: an outer head, then a body of the size it names, perhaps compressed (raw deflate).
All numbers are little-endian. Quantities have 32 bits in the older layout and 64 in the newer one; the size of a body
says which. Layout: the vendor's clients; the two sizes of each agree with it by arithmetic, no real packet was had.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from adapters.xts.calls import Place
from adapters.xts.wire import DEPTH, LEVELS, TOUCHLINE, unix_ms
from market.errors import DecodeError
from market.exchanges import INDICES
from market.instruments import InstrumentKey
from market.ticks import Depth, Level, Tick

_OUTER = struct.Struct("<bHhihhH")
_PACKED_SIZE = struct.Struct("<H")
_COUNT = struct.Struct("<i")
_HEAD_SIZE = 40
_TIME_AT = 32
_TIME = struct.Struct("<Q")


class _Layout(NamedTuple):
    """Rows of the book, and what follows: update time, LTP, LTQ, totals, volume, average, trade time, %, O, H, L, C."""

    row: struct.Struct
    tail: struct.Struct


_LAYOUTS = (
    _Layout(struct.Struct("<idIh"), struct.Struct("<QdIIIIdQ6d4H")),
    _Layout(struct.Struct("<qdIh"), struct.Struct("<QdqqqqdQ6d4H")),
)


class Packet(NamedTuple):
    """One packet: what it is, about which instrument, and its body."""

    code: int
    place: Place
    body: bytes


def packets(message: bytes) -> Iterator[Packet]:
    """Yield the packets of `message`.

    Raises:
        DecodeError: it ends within one, or one cannot be unpacked.
    """
    at = 0
    while at < len(message):
        try:
            is_packed, code, segment, number, _book, _market, size = _OUTER.unpack_from(message, at)
            at += _OUTER.size
            taken = size
            if is_packed:
                (taken,) = _PACKED_SIZE.unpack_from(message, at)
                at += _PACKED_SIZE.size
        except struct.error:
            raise DecodeError("An XTS packet ends within its head", message) from None
        body = message[at : at + taken]
        if len(body) < taken or (not is_packed and taken < _HEAD_SIZE):
            raise DecodeError("An XTS packet ends within its body", message)
        yield Packet(code, (segment, number), _unpacked(body, size) if is_packed else body)
        at += taken


def decode(packet: Packet, key: InstrumentKey, source: str, received_ms: float) -> Tick | None:
    """Return what `packet` says of `key`, None for a code or a size that is not known (skip it, count it)."""
    body = packet.body
    if packet.code not in (TOUCHLINE, DEPTH):
        return None
    for layout in _LAYOUTS:
        found = _books(packet.code, body, layout)
        if found is not None:
            buy, sell, at = found
            return _tick(layout, body, at, Depth(buy, sell) if packet.code == DEPTH else None, key, source, received_ms)
    return None


def _books(code: int, body: bytes, layout: _Layout) -> tuple[tuple[Level, ...], tuple[Level, ...], int] | None:
    """Both sides of the book of a body in `layout`, and where its best rows begin; None if it is not in it."""
    at, sides = _HEAD_SIZE, []
    rest = 2 * layout.row.size + layout.tail.size
    for _ in range(2 if code == DEPTH else 0):
        if at + _COUNT.size > len(body):
            return None
        (count,) = _COUNT.unpack_from(body, at)
        at += _COUNT.size
        end = at + count * layout.row.size
        if count < 0 or end > len(body):
            return None
        sides.append(_levels(layout, body, at, min(count, LEVELS)))
        at = end
    if at + rest != len(body):
        return None
    buy, sell = sides or ((), ())
    return buy, sell, at


def _levels(layout: _Layout, body: bytes, at: int, count: int) -> tuple[Level, ...]:
    rows = (layout.row.unpack_from(body, at + number * layout.row.size) for number in range(count))
    return tuple(Level(price, size, orders) for size, price, orders, _ in rows if size > 0 and _is_real(price))


def _tick(
    layout: _Layout, body: bytes, at: int, depth: Depth | None, key: InstrumentKey, source: str, received_ms: float
) -> Tick:
    bid_size, bid, _, _ = layout.row.unpack_from(body, at)
    ask_size, ask, _, _ = layout.row.unpack_from(body, at + layout.row.size)
    best: tuple[float | None, ...] = (None, None, None, None)
    if key.exchange not in INDICES:  # an index has no book: its rows are zeroes
        has_buyers, has_sellers = bid_size > 0 and _is_real(bid), ask_size > 0 and _is_real(ask)
        best = (*((bid, bid_size) if has_buyers else (0.0, 0)), *((ask, ask_size) if has_sellers else (0.0, 0)))
    tail = layout.tail.unpack_from(body, at + 2 * layout.row.size)
    _updated, ltp, last, buying, selling, volume, average, traded, _change, opened, high, low, close, *_ = tail
    timestamp = unix_ms(_TIME.unpack_from(body, _TIME_AT)[0], received_ms)
    return Tick(
        key,
        received_ms,
        source,
        ltp=_price(ltp),
        timestamp=timestamp,
        ltt=unix_ms(traded, received_ms),
        volume=volume,
        open=_price(opened),
        high=_price(high),
        low=_price(low),
        close=_price(close),
        last_quantity=last,
        average_price=_price(average),
        total_buy_quantity=buying,
        total_sell_quantity=selling,
        bid_price=best[0],
        ask_price=best[2],
        bid_size=best[1],
        ask_size=best[3],
        depth=depth._replace(timestamp=timestamp) if depth is not None else None,
    )


def _unpacked(body: bytes, size: int) -> bytes:
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        raw = unpacker.decompress(body, size + 1)
    except zlib.error:
        raise DecodeError("An XTS packet cannot be unpacked", body) from None
    if len(raw) != size or size < _HEAD_SIZE:
        raise DecodeError("An XTS packet is not of the size that it says", body)
    return raw


def _is_real(price: float) -> bool:
    return price != 0.0 and abs(price) < float("inf")


def _price(price: float) -> float | None:
    return price if _is_real(price) else None
