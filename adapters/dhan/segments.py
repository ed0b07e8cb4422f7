"""Dhan's segments: which exchange is which, and how an instrument is told of on the wire. Pure.

A security id means something only within its segment: 1333 is a share in one and a contract in another. All packets, of
all feeds, have the two beside each other: a byte and four bytes, little-endian.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

from market.exchanges import CASH, INDICES, Exchange
from market.instruments import Instrument, InstrumentKey
from market.modes import Mode
from market.symbols import split_depth_suffix

INDEX_SEGMENT = 0
SEGMENTS = {
    Exchange.NSE_INDEX: (INDEX_SEGMENT, "IDX_I"),
    Exchange.BSE_INDEX: (INDEX_SEGMENT, "IDX_I"),
    Exchange.GLOBAL_INDEX: (INDEX_SEGMENT, "IDX_I"),
    Exchange.NSE: (1, "NSE_EQ"),
    Exchange.NFO: (2, "NSE_FNO"),
    Exchange.CDS: (3, "NSE_CURRENCY"),
    Exchange.BSE: (4, "BSE_EQ"),
    Exchange.MCX: (5, "MCX_COMM"),
    Exchange.BCD: (7, "BSE_CURRENCY"),
    Exchange.BFO: (8, "BSE_FNO"),
}
"""The number that packets have, and the name that requests have."""

NAMES = dict(SEGMENTS.values())

_PLACE = struct.Struct("<BI")
_PAISE = 100.0
_FINE = 10_000.0
_COARSE = 20.0


class Listing(NamedTuple):
    """What a packet does not say of its instrument.

    Prices are 32-bit numbers, which hold a little over seven digits: they are rounded to 1/`per` of a rupee, and where
    they have no digits left for that (`wire.EXACT`) to 1/`coarse`. A name with `levels` has its book on another
    connection; `is_deep`: it is asked for there, so that its best prices come from there too.
    """

    key: InstrumentKey
    per: float
    coarse: float
    is_index: bool
    has_oi: bool
    levels: int | None
    is_deep: bool


def listing_of(instrument: Instrument, mode: Mode = Mode.DEPTH) -> Listing:
    """Return how packets of `instrument`, wanted in `mode`, are to be read."""
    per = _PAISE if instrument.tick_size >= 0.0099 else _FINE
    coarse = _COARSE if instrument.tick_size >= 0.0499 else per
    levels = split_depth_suffix(instrument.key.symbol)[1]
    exchange = instrument.key.exchange
    has_oi = exchange not in CASH and exchange not in INDICES  # shares come with one of zero
    is_deep = levels is not None and mode is Mode.DEPTH
    return Listing(instrument.key, per, coarse, exchange in INDICES, has_oi, levels, is_deep)


def place_of(instrument: Instrument) -> bytes:
    """Return segment and security id of `instrument` as packets have them."""
    return _PLACE.pack(SEGMENTS[instrument.key.exchange][0], int(instrument.token))


def named(place: bytes) -> dict[str, str]:
    """Return `place` as requests have it."""
    segment, security = _PLACE.unpack(place)
    return {"ExchangeSegment": NAMES[segment], "SecurityId": str(security)}
