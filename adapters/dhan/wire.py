"""The market feed's packets: bytes to ticks, wishes to JSON. Pure.

A frame holds packets one behind the other, little-endian, each with a header of eight bytes: code, length of the whole,
segment, security id. Prices are 32-bit floating-point rupees. The time of the last trade is Indian wall clock written
as if it were UTC, which printouts of real packets prove. Layout: DhanHQ documentation, "Live Market Feed"; the vendor's
client.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

import msgspec

from adapters.dhan.segments import Listing, named
from adapters.packed_depth import PackedDepth, Side
from market.errors import DecodeError
from market.ticks import Book, Level, Tick

SOURCE = "dhan"

TICKER, QUOTE, FULL = 15, 17, 21
LEVELS = 5
HEADER_SIZE = 8
IST_S = 19_800
EXACT = 131_072.0
"""From here on a 32-bit number has no hundredths."""

PREVIOUS_CLOSE = 6
DISCONNECTION = 50
STATUS = 7

_HEADER = struct.Struct("<BH")
_TICKER = struct.Struct("<8xfI")
_QUOTE = struct.Struct("<8xfHIfIIIffff")
_OI = struct.Struct("<8xI")
_PREVIOUS = struct.Struct("<8xf4x")
_FULL = struct.Struct("<8xfHIfIIII8xffff" + "II4xff" + "12xff" * (LEVELS - 1))
_SIDES = (struct.Struct("<" + "I4xH2xf4x" * LEVELS), struct.Struct("<" + "4xI2xH4xf" * LEVELS))
_BOOK, _BOOK_END = 62, 162
"""Where the book begins and ends in a full packet."""
_REASON = struct.Struct("<8xH")

_WHOLE = 6_755_399_441_055_744.0
"""Added to a 64-bit number and taken away again, it leaves the nearest whole one: half the time of `round`."""

_NO_LEVEL = Level(0.0, 0)
_make = tuple.__new__


def header(frame: bytes, at: int) -> tuple[int, int, bytes]:
    """Return code, end and place of the packet that begins at `at`.

    Raises:
        DecodeError: the frame ends before it does, or it is shorter than its kind.
    """
    size = len(frame)
    if at + HEADER_SIZE > size:
        raise DecodeError("A frame of Dhan ends within a header", frame)
    code, length = _HEADER.unpack_from(frame, at)
    if length < _SIZES.get(code, HEADER_SIZE) or at + length > size:
        raise DecodeError("A frame of Dhan ends within a packet", frame)
    return code, at + length, frame[at + 3 : at + 8]


def decode(frame: bytes, at: int, listing: Listing, received_ms: float) -> Tick | None:
    """Return what the packet at `at` says, or None for a code that says nothing of an instrument.

    It is a packet that `header` accepts.

    Raises:
        DecodeError: a price is not a number.
    """
    reader = _READERS.get(frame[at])
    return reader(frame, at, listing, received_ms) if reader is not None else None


def reason_in(frame: bytes, at: int) -> int:
    """Return why the server ends the connection, from its packet at `at`."""
    reason: int = _REASON.unpack_from(frame, at)[0]
    return reason


def _ticker(frame: bytes, at: int, listing: Listing, received_ms: float) -> Tick:
    ltp, traded_s = _TICKER.unpack_from(frame, at)
    if ltp - ltp:
        raise _not_a_number(frame)
    per = listing.per if ltp < EXACT else listing.coarse
    return Tick(listing.key, received_ms, SOURCE, round(ltp * per) / per or None, None, _utc_ms(traded_s))


def _previous(frame: bytes, at: int, listing: Listing, received_ms: float) -> Tick:
    (close,) = _PREVIOUS.unpack_from(frame, at)
    if close - close:
        raise _not_a_number(frame)
    per = listing.per if close < EXACT else listing.coarse
    return Tick(listing.key, received_ms, SOURCE, close=round(close * per) / per or None)


def _interest(frame: bytes, at: int, listing: Listing, received_ms: float) -> Tick:
    return Tick(listing.key, received_ms, SOURCE, oi=_OI.unpack_from(frame, at)[0])


# fmt: off
def _quote(frame: bytes, at: int, listing: Listing, received_ms: float) -> Tick:
    ltp, ltq, traded_s, average, volume, selling, buying, open_, close, high, low = _QUOTE.unpack_from(frame, at)
    total = ltp + average + open_ + close + high + low
    if total - total:
        raise _not_a_number(frame)
    per = listing.per if ltp < EXACT else listing.coarse
    prices = (
        round(open_ * per) / per or None, round(high * per) / per or None, round(low * per) / per or None,
        round(close * per) / per or None,
    )
    if listing.is_index:
        return Tick(
            listing.key, received_ms, SOURCE, round(ltp * per) / per or None, None, _utc_ms(traded_s), None, *prices
        )
    return Tick(
        listing.key, received_ms, SOURCE, round(ltp * per) / per or None, None, _utc_ms(traded_s), volume,
        *prices, ltq, round(average * 100.0) / 100.0 or None, None, buying, selling,
    )


def _full(frame: bytes, at: int, listing: Listing, received_ms: float) -> Tick:
    (ltp, ltq, traded_s, average, volume, selling, buying, oi, open_, close, high, low,
     bid_size, ask_size, bid, ask, p1, s1, p2, s2, p3, s3, p4, s4) = _FULL.unpack_from(frame, at)
    total = ltp + average + open_ + close + high + low + bid + p1 + p2 + p3 + p4 + ask + s1 + s2 + s3 + s4
    if total - total:
        raise _not_a_number(frame)
    key, per, coarse, _, has_oi, _, _ = listing
    if not ltp < EXACT:
        per = coarse
    w = _WHOLE
    depth = PackedDepth(_side, frame[at + _BOOK : at + _BOOK_END], per)
    if bid_size and ask_size and bid and ask:
        bid, ask = (bid * per + w - w) / per, (ask * per + w - w) / per
    else:
        bid, ask, bid_size, ask_size = best(depth)
    # The hottest lines of this feed: a tuple made as one takes half the time of a call with names.
    return _make(Tick, (
        key, received_ms, SOURCE, (ltp * per + w - w) / per or None, None,
        (traded_s - IST_S) * 1000 if traded_s > IST_S else None, volume,
        (open_ * per + w - w) / per or None, (high * per + w - w) / per or None, (low * per + w - w) / per or None,
        (close * per + w - w) / per or None, ltq, (average * 100.0 + w - w) / 100.0 or None, oi if has_oi else None,
        buying, selling,
        bid, ask, bid_size, ask_size, None, None, None, depth, None,
    ))
# fmt: on


def best(depth: Book) -> tuple[float, float, float, float]:
    """Best bid, best offer and their quantities of a book that may not be full: zeroes where a side is empty."""
    bid = next(iter(depth.buy), _NO_LEVEL)
    ask = next(iter(depth.sell), _NO_LEVEL)
    return bid.price, ask.price, bid.quantity, ask.quantity


def _side(packet: bytes, per: float, side: int) -> Side:
    """One side of a book. Levels without quantity fill a short one up; those without price are no offers."""
    (q0, n0, p0, q1, n1, p1, q2, n2, p2, q3, n3, p3, q4, n4, p4) = _SIDES[side].unpack(packet)
    w = _WHOLE
    levels: Side = (
        _make(Level, ((p0 * per + w - w) / per, q0, n0)),
        _make(Level, ((p1 * per + w - w) / per, q1, n1)),
        _make(Level, ((p2 * per + w - w) / per, q2, n2)),
        _make(Level, ((p3 * per + w - w) / per, q3, n3)),
        _make(Level, ((p4 * per + w - w) / per, q4, n4)),
    )
    if q0 and q1 and q2 and q3 and q4 and p0 and p4:
        return levels
    return tuple(level for level in levels if level.quantity and level.price)


def _utc_ms(ist_s: int) -> int | None:
    return (ist_s - IST_S) * 1000 if ist_s > IST_S else None


def _not_a_number(frame: bytes) -> DecodeError:
    return DecodeError("A price of Dhan is not a number", frame)


_READERS = {2: _ticker, 4: _quote, 5: _interest, PREVIOUS_CLOSE: _previous, 8: _full}
_SIZES = {2: 16, 4: 50, 5: 12, PREVIOUS_CLOSE: 16, STATUS: 8, 8: 162, DISCONNECTION: 10}


def encode(code: int, places: Sequence[bytes]) -> bytes:
    """Return the message that asks for what is at `places` with a request `code`; the code after it lets go."""
    listed = [named(place) for place in places]
    return msgspec.json.encode({"RequestCode": code, "InstrumentCount": len(listed), "InstrumentList": listed})
