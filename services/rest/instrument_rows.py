"""An instrument as OpenAlgo's symbol master has it: the columns of `symtoken`, as JSON and as CSV. Pure."""

from __future__ import annotations

import csv
import io
import zlib
from collections.abc import Iterable
from datetime import date
from typing import Any

from market.instruments import Instrument, InstrumentKind
from market.symbols import MONTHS

COLUMNS = (
    "symbol",
    "brsymbol",
    "name",
    "exchange",
    "brexchange",
    "token",
    "expiry",
    "strike",
    "lotsize",
    "instrumenttype",
    "tick_size",
)
# OpenAlgo's own value where the quantity at which an order is frozen is not known.
UNKNOWN_FREEZE = 1
_TYPES = {
    InstrumentKind.INDEX: "INDEX",
    InstrumentKind.EQUITY: "EQ",
    InstrumentKind.FUTURE: "FUT",
    InstrumentKind.SPOT: "SPOT",
    InstrumentKind.PERPETUAL: "PERPFUT",
}


def listed_row(instrument: Instrument) -> dict[str, Any]:
    """The row that `instruments` lists."""
    exchange, symbol = instrument.key
    return {
        "symbol": symbol,
        "brsymbol": instrument.broker_symbol or symbol,
        "name": instrument.name,
        "exchange": str(exchange),
        "brexchange": str(exchange),
        "token": instrument.token,
        "expiry": "" if instrument.expiry is None else dashed(instrument.expiry),
        "strike": float(instrument.strike or 0.0),
        "lotsize": whole(instrument.lot),
        "instrumenttype": instrument.right.value if instrument.right else _TYPES.get(instrument.kind, ""),
        "tick_size": instrument.tick_size,
    }


def found_row(instrument: Instrument) -> dict[str, Any]:
    """The row that `search` finds."""
    return listed_row(instrument) | {"freeze_qty": UNKNOWN_FREEZE}


def symbol_row(instrument: Instrument) -> dict[str, Any]:
    """The row of `symbol`; `id` is made of the key, so that it is the same tomorrow."""
    return found_row(instrument) | {"id": zlib.crc32(str(instrument.key).encode()) & 0x7FFF_FFFF}


def as_csv(instruments: Iterable[Instrument]) -> str:
    """The listed rows as CSV with a line of names."""
    target = io.StringIO()
    writer = csv.DictWriter(target, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(listed_row(instrument) for instrument in instruments)
    return target.getvalue()


def dashed(expiry: date) -> str:
    """`30-DEC-25`."""
    return f"{expiry.day:02d}-{MONTHS[expiry.month - 1]}-{expiry.year % 100:02d}"


def whole(quantity: float) -> float:
    """A quantity without a fraction as an int."""
    return int(quantity) if float(quantity).is_integer() else quantity
