"""Packets of the deep books, 20 and 200 levels: bytes to one side of a book, wishes to JSON. Pure.

A frame holds packets one behind the other, little-endian, each with a header of twelve bytes: length of the whole, code
(bids or asks), segment, security id, and a number that is the sequence in the one feed and the count of rows in the
other. Rows have a 64-bit price, quantity and orders. Layout: DhanHQ documentation, "Full Market Depth"; the vendor's
client.
"""

from __future__ import annotations

import struct
from operator import itemgetter

import msgspec

from adapters.dhan.segments import named
from market.errors import DecodeError
from market.ticks import Level

BIDS, ASKS, DISCONNECTION = 41, 51, 50
ASK, LEAVE = 23, 25
"""The documentation's annexure had 24 for the second until July 2026; the vendor's client still has."""
HEADER_SIZE = 12

_HEADER = struct.Struct("<HB")
_ROW = struct.Struct("<dII")
_COUNT = struct.Struct("<8xI")
_REASON = struct.Struct("<12xH")
_MOST = 1e12

_make = tuple.__new__
_by_price = itemgetter(0)


def header(frame: bytes, at: int) -> tuple[int, int, bytes]:
    """Return code, end and place of the packet that begins at `at`.

    Raises:
        DecodeError: the frame ends before it does.
    """
    size = len(frame)
    if at + HEADER_SIZE > size:
        raise DecodeError("A frame of deep books ends within a header", frame)
    length, code = _HEADER.unpack_from(frame, at)
    if length < HEADER_SIZE or at + length > size:
        raise DecodeError("A frame of deep books ends within a packet", frame)
    return code, at + length, frame[at + 3 : at + 8]


def side(frame: bytes, at: int, end: int, *, counted: bool) -> tuple[Level, ...]:
    """Return the levels of the packet from `at` to `end`, best first. `counted`: its header says how many there are.

    Raises:
        DecodeError: it has not as many rows as it says, or a part of one.
    """
    code, rows_at = frame[at + 2], at + HEADER_SIZE
    if counted:
        rows_end = rows_at + _ROW.size * _COUNT.unpack_from(frame, at)[0]
        if rows_end > end:
            raise DecodeError("A deep book ends within its rows", frame)
        end = rows_end
    elif (end - rows_at) % _ROW.size:
        raise DecodeError("A deep book ends within a row", frame)
    rows = [_make(Level, row) for row in _ROW.iter_unpack(frame[rows_at:end]) if row[1] and 0.0 < row[0] < _MOST]
    rows.sort(key=_by_price, reverse=code == BIDS)  # they are in order, which is then found out at once
    return tuple(rows)


def reason_in(frame: bytes, at: int, end: int) -> int:
    """Return why the server ends the connection; older servers say it in the header."""
    found: int = _REASON.unpack_from(frame, at)[0] if end - at >= _REASON.size else _COUNT.unpack_from(frame, at)[0]
    return found


def encode(code: int, places: list[bytes], *, alone: bool) -> bytes:
    """Return the message that asks for or lets go of what is at `places`; `alone`: the feed takes one instrument."""
    if alone:
        return msgspec.json.encode({"RequestCode": code, **named(places[0])})
    listed = [named(place) for place in places]
    return msgspec.json.encode({"RequestCode": code, "InstrumentCount": len(listed), "InstrumentList": listed})
