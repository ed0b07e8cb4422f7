"""The figures below the book: the day, the last trade, the circuits and how far away they are, the contract."""

from __future__ import annotations

from typing import NamedTuple

from market.instruments import Instrument
from market.ticks import Tick
from openalgo_desktop.presentation import formats
from openalgo_desktop.presentation.book_style import BookStyle
from openalgo_desktop.presentation.columns import traded_at


class Band(NamedTuple):
    """Where the last price stands between its circuits: `position` from 0 (lower) to 1 (upper)."""

    lower: str
    upper: str
    to_lower: str
    to_upper: str
    position: float


def facts(tick: Tick | None, style: BookStyle, instrument: Instrument | None) -> tuple[tuple[str, str], ...]:
    """(name, text) pairs, `–` for what is not known."""
    known = tick._asdict() if tick is not None else {}
    get = known.get
    return (
        ("Open", style.price(get("open"))),
        ("High", style.price(get("high"))),
        ("Low", style.price(get("low"))),
        ("24 h ago" if get("rolling_24h") else "Prev close", style.price(get("close"))),
        ("Volume", style.short(get("volume"))),
        ("VWAP", style.price(get("average_price"))),
        ("LTQ", style.quantity(get("last_quantity"))),
        ("LTT", formats.clock(traded_at(tick)) if tick is not None else formats.UNKNOWN),
        ("OI", style.short(get("oi"))),
        ("Expiry", formats.day(instrument.expiry) if instrument and instrument.expiry else formats.UNKNOWN),
    )


def band(tick: Tick | None, style: BookStyle) -> Band | None:
    """The circuits and the way to each from the last price, in percent of it and in rupees; None without circuits."""
    if tick is None or tick.lower_circuit is None or tick.upper_circuit is None:
        return None
    lower, upper, last = tick.lower_circuit, tick.upper_circuit, tick.ltp
    texts = (style.price(lower), style.price(upper))
    if last is None or last <= 0 or upper <= lower:
        return Band(*texts, formats.UNKNOWN, formats.UNKNOWN, 0.5)
    position = min(max((last - lower) / (upper - lower), 0.0), 1.0)
    return Band(*texts, _distance(last, last - lower, style), _distance(last, upper - last, style), position)


def _distance(last: float, way: float, style: BookStyle) -> str:
    return f"{formats.price(way / last * 100.0, 2)}% · {style.price(way)}"
