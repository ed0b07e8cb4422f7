"""The order book as it is drawn: rows bid left and offer right, bar lengths, totals, and the figures below."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from market.instruments import Instrument
from market.ticks import Depth, Level, Tick
from openalgo_desktop.presentation import formats
from openalgo_desktop.presentation.columns import RowStyle, traded_at


@dataclass(frozen=True, slots=True)
class Side:
    """One side of one level, as text; `bar` is the length of its bar from 0 to 1."""

    orders: str
    quantity: str
    price: str
    bar: float


EMPTY = Side("", "", "", 0.0)


@dataclass(frozen=True, slots=True)
class BookPicture:
    """All that the depth panel draws. `buy_share` is the buyers' part of the total from 0 to 1, None if unknown."""

    rows: tuple[tuple[Side, Side], ...]
    total_buy: str
    total_sell: str
    buy_share: float | None
    facts: tuple[tuple[str, str], ...]


def picture(tick: Tick | None, style: RowStyle, *, instrument: Instrument | None, levels: int) -> BookPicture:
    """Return the picture of the last value of an instrument, with at least `levels` rows (empty ones too)."""
    depth = tick.depth if tick is not None else None
    book = depth or Depth((), ())
    longest = bar_scale(book)
    count = max(levels, len(book.buy), len(book.sell))
    rows = tuple((_side(book.buy, i, style, longest), _side(book.sell, i, style, longest)) for i in range(count))
    buy, sell = _totals(tick, book)
    share = buy / (buy + sell) if buy is not None and sell is not None and buy + sell > 0 else None
    return BookPicture(
        rows,
        formats.quantity(buy, style=style.numbers),
        formats.quantity(sell, style=style.numbers),
        share,
        tuple(_facts(tick, style, instrument)),
    )


def bar_scale(book: Depth) -> float:
    """Return the quantity of a full bar: the 95th percentile, or the largest of the best five if that is more.

    Not the largest of all: one wall far from the price would flatten every other bar.
    """
    quantities = sorted(level.quantity for side in (book.buy, book.sell) for level in side)
    if not quantities:
        return 1.0
    rank = max(math.ceil(0.95 * len(quantities)) - 1, 0)
    best = max((level.quantity for side in (book.buy, book.sell) for level in side[:5]), default=0.0)
    return max(quantities[rank], best, 1e-12)


def _side(levels: Sequence[Level], position: int, style: RowStyle, longest: float) -> Side:
    if position >= len(levels):
        return EMPTY
    level = levels[position]
    return Side(
        formats.quantity(level.orders, style=style.numbers) if level.orders else formats.UNKNOWN,
        formats.quantity(level.quantity, style=style.numbers),
        formats.price(level.price, style.decimals, style=style.numbers),
        min(level.quantity / longest, 1.0),
    )


def _totals(tick: Tick | None, book: Depth) -> tuple[float | None, float | None]:
    """Totals of the whole book where the feed says them, else of the levels shown."""
    if tick is not None and tick.total_buy_quantity is not None and tick.total_sell_quantity is not None:
        return tick.total_buy_quantity, tick.total_sell_quantity
    if not book.buy and not book.sell:
        return None, None
    return sum(level.quantity for level in book.buy), sum(level.quantity for level in book.sell)


def _facts(tick: Tick | None, style: RowStyle, instrument: Instrument | None) -> list[tuple[str, str]]:
    def price(value: float | None) -> str:
        return formats.price(value, style.decimals, style=style.numbers)

    def amount(value: float | None) -> str:
        return formats.quantity(value, style=style.numbers)

    known = tick._asdict() if tick is not None else {}
    get = known.get
    rolling = bool(get("rolling_24h"))
    return [
        ("Open", price(get("open"))),
        ("High", price(get("high"))),
        ("Low", price(get("low"))),
        ("24 h ago" if rolling else "Prev close", price(get("close"))),
        ("Volume", formats.abbreviated(get("volume"), style=style.numbers)),
        ("Avg price", price(get("average_price"))),
        ("LTQ", amount(get("last_quantity"))),
        ("LTT", formats.clock(traded_at(tick)) if tick is not None else formats.UNKNOWN),
        ("Lower circuit", price(get("lower_circuit"))),
        ("Upper circuit", price(get("upper_circuit"))),
        ("OI", formats.abbreviated(get("oi"), style=style.numbers)),
        ("Expiry", formats.day(instrument.expiry) if instrument and instrument.expiry else formats.UNKNOWN),
    ]


def heading(levels: int, venue: str, source: str) -> str:
    """Return the panel's subtitle: `20 levels · NSE · simulated`; 0 levels are not mentioned."""
    return " · ".join(part for part in (f"{levels} levels" if levels else "", venue, source) if part)
