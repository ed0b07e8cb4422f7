"""SmartStream's frames: bytes to ticks, wishes to JSON. Pure.

A frame is one little-endian packet: mode, exchange type, token (25 bytes, filled up with zeros), then what the mode
has: 51 bytes an LTP, 123 a quote, 379 a snap quote with five levels, circuits and open interest. A packet may grow at
its end. Prices are whole numbers of a unit that the exchange decides. Of the ten levels those with flag 1 are the
buyers', which the prices of real packets prove. Layout: SmartAPI documentation, "WebSocket 2.0"; the vendor's client.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec

from market.errors import DecodeError
from market.exchanges import CASH, INDICES, Exchange
from market.instruments import Instrument, InstrumentKey
from market.ticks import Depth, Level, Tick

SOURCE = "angel"

LTP, QUOTE, SNAP_QUOTE = 1, 2, 3
ASK, LEAVE = 1, 0
PING, PONG = b"ping", b"pong"
TOKEN_SIZE = 25
EXCHANGE_TYPES = {
    Exchange.NSE: 1,
    Exchange.NSE_INDEX: 1,
    Exchange.NFO: 2,
    Exchange.BSE: 3,
    Exchange.BSE_INDEX: 3,
    Exchange.BFO: 4,
    Exchange.MCX: 5,
    Exchange.MCX_INDEX: 5,
    Exchange.NCDEX: 7,
    Exchange.CDS: 13,
}
_UNITS = {Exchange.CDS: 10_000_000.0}
_HUNDRED = 100.0

_LTP = struct.Struct("<35xqq")
_QUOTE = struct.Struct("<35xqqqqqddqqqq")
_SNAP = struct.Struct("<35xqqqqqddqqqqqq8x" + "hqqH" * 10 + "qq16x")
_MOST_QUANTITY = 1e18

_make = tuple.__new__


class Listing(NamedTuple):
    """What a packet does not say of its instrument. Prices are divided by `unit`."""

    key: InstrumentKey
    unit: float
    is_index: bool
    has_oi: bool


class ErrorMessage(msgspec.Struct):
    """What is said as text about a request; `correlation` is the one it was sent with."""

    code: str = msgspec.field(name="errorCode")
    correlation: str = msgspec.field(default="", name="correlationID")


def listing_of(instrument: Instrument) -> Listing:
    """Return how packets of `instrument` are to be read."""
    key = instrument.key
    has_oi = key.exchange not in CASH and key.exchange not in INDICES  # shares come with one that means nothing
    return Listing(key, _UNITS.get(key.exchange, _HUNDRED), key.exchange in INDICES, has_oi)


def place_of(instrument: Instrument) -> bytes:
    """Return the exchange type and the token of `instrument` as packets have them: 26 bytes."""
    return bytes([EXCHANGE_TYPES[instrument.key.exchange]]) + instrument.token.encode().ljust(TOKEN_SIZE, b"\x00")


def place_in(packet: bytes) -> bytes:
    """Return the exchange type and the token of `packet`.

    Raises:
        DecodeError: a mode that is not known, or fewer bytes than the mode has.
    """
    reader = _READERS.get(packet[0]) if packet else None
    if reader is None or len(packet) < reader[0].size:
        raise DecodeError(f"Not a SmartStream packet: {len(packet)} bytes", packet)
    return packet[1:27]


def tidied(place: bytes) -> bytes:
    """Return `place` without what may follow the zero that ends its token."""
    return place[:1] + place[1:].partition(b"\x00")[0].ljust(TOKEN_SIZE, b"\x00")


def decode(packet: bytes, listing: Listing, received_ms: float) -> Tick:
    """Return what `packet` says; it is one that `place_in` accepts."""
    return _READERS[packet[0]][1](packet, listing, received_ms)


def _ltp(packet: bytes, listing: Listing, received_ms: float) -> Tick:
    at, ltp = _LTP.unpack_from(packet)
    return Tick(listing.key, received_ms, SOURCE, ltp / listing.unit if ltp else None, at if at > 0 else None)


# fmt: off
def _quote(packet: bytes, listing: Listing, received_ms: float) -> Tick:
    at, ltp, ltq, average, volume, buying, selling, open_, high, low, close = _QUOTE.unpack_from(packet)
    key, unit, is_index, _ = listing
    at = at if at > 0 else None
    if is_index:
        return _index(key, unit, received_ms, (at, ltp, open_, high, low, close))
    return Tick(
        key, received_ms, SOURCE, ltp / unit if ltp else None, at, None, volume,
        open_ / unit if open_ else None, high / unit if high else None, low / unit if low else None,
        close / unit if close else None, ltq, average / unit if average else None, None,
        _whole(buying), _whole(selling),
    )


def _snap(packet: bytes, listing: Listing, received_ms: float) -> Tick:
    (at, ltp, ltq, average, volume, buying, selling, open_, high, low, close, traded_s, oi,
     f0, q0, p0, n0, f1, q1, p1, n1, f2, q2, p2, n2, f3, q3, p3, n3, f4, q4, p4, n4,
     g0, r0, s0, m0, g1, r1, s1, m1, g2, r2, s2, m2, g3, r3, s3, m3, g4, r4, s4, m4,
     upper, lower) = _SNAP.unpack_from(packet)
    key, unit, is_index, has_oi = listing
    at = at if at > 0 else None
    if is_index:
        return _index(key, unit, received_ms, (at, ltp, open_, high, low, close))
    # The hottest lines of this feed: a book as it should be, its ten levels made one by one.
    if (
        f0 == f1 == f2 == f3 == f4 == 1 and g0 == g1 == g2 == g3 == g4 == 0
        and p0 > p1 > p2 > p3 > p4 and p4 and s0 and s0 < s1 < s2 < s3 < s4
        and q0 and q1 and q2 and q3 and q4 and r0 and r1 and r2 and r3 and r4
    ):
        buy: tuple[Level, ...] = (
            _make(Level, (p0 / unit, q0, n0)), _make(Level, (p1 / unit, q1, n1)), _make(Level, (p2 / unit, q2, n2)),
            _make(Level, (p3 / unit, q3, n3)), _make(Level, (p4 / unit, q4, n4)),
        )
        sell: tuple[Level, ...] = (
            _make(Level, (s0 / unit, r0, m0)), _make(Level, (s1 / unit, r1, m1)), _make(Level, (s2 / unit, r2, m2)),
            _make(Level, (s3 / unit, r3, m3)), _make(Level, (s4 / unit, r4, m4)),
        )
    else:
        rows = (
            (f0, q0, p0, n0), (f1, q1, p1, n1), (f2, q2, p2, n2), (f3, q3, p3, n3), (f4, q4, p4, n4),
            (g0, r0, s0, m0), (g1, r1, s1, m1), (g2, r2, s2, m2), (g3, r3, s3, m3), (g4, r4, s4, m4),
        )
        buy, sell = _side(rows, 1, unit), _side(rows, 0, unit)
    bid, ask = buy[0] if buy else _NOTHING, sell[0] if sell else _NOTHING
    return _make(Tick, (
        key, received_ms, SOURCE, ltp / unit if ltp else None, at, traded_s * 1000 if traded_s > 0 else None, volume,
        open_ / unit if open_ else None, high / unit if high else None, low / unit if low else None,
        close / unit if close else None, ltq, average / unit if average else None, oi if has_oi else None,
        _whole(buying), _whole(selling), bid[0], ask[0], bid[1], ask[1],
        lower / unit if lower else None, upper / unit if upper else None, None, _make(Depth, (buy, sell, at)), None,
    ))
# fmt: on

_NOTHING = (0.0, 0)
"""The best of a side of the book that is empty."""
_Figures = tuple[int | None, int, int, int, int, int]


def _index(key: InstrumentKey, unit: float, received_ms: float, figures: _Figures) -> Tick:
    """An index has prices alone; the rest of its packet is zeros."""
    at, ltp, open_, high, low, close = figures
    return Tick(
        key,
        received_ms,
        SOURCE,
        ltp / unit if ltp else None,
        at,
        open=open_ / unit if open_ else None,
        high=high / unit if high else None,
        low=low / unit if low else None,
        close=close / unit if close else None,
    )


def _side(rows: Iterable[tuple[int, int, int, int]], flag: int, unit: float) -> tuple[Level, ...]:
    """The levels of one side, best first. Without quantity they fill the book up, without price they are no offers."""
    levels = [
        Level(price / unit, quantity, orders)
        for mark, quantity, price, orders in rows
        if mark == flag and quantity > 0 and price != 0
    ]
    return tuple(sorted(levels, key=lambda level: -level.price if flag else level.price))


def _whole(quantity: float) -> int | None:
    """Total quantities are floating-point numbers on the wire."""
    return int(quantity) if -_MOST_QUANTITY < quantity < _MOST_QUANTITY else None


_READERS = {LTP: (_LTP, _ltp), QUOTE: (_QUOTE, _quote), SNAP_QUOTE: (_SNAP, _snap)}


def encode(action: int, mode: int, places: Sequence[bytes], correlation: str) -> bytes:
    """Return the message that asks for (`ASK`) or lets go of (`LEAVE`) what is at `places`, in `mode`."""
    by_type: dict[int, list[str]] = {}
    for place in places:
        by_type.setdefault(place[0], []).append(place[1:].rstrip(b"\x00").decode())
    listed = [{"exchangeType": kind, "tokens": tokens} for kind, tokens in by_type.items()]
    params = {"mode": mode, "tokenList": listed}
    return msgspec.json.encode({"correlationID": correlation, "action": action, "params": params})


def decode_error(frame: bytes) -> ErrorMessage:
    """Return what is said as text.

    Raises:
        DecodeError: it is no such message.
    """
    try:
        return msgspec.json.decode(frame, type=ErrorMessage)
    except (msgspec.MsgspecError, ValueError, RecursionError) as exc:
        raise DecodeError("Not a text message of SmartStream", frame) from exc
