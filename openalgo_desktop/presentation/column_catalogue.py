"""Every column that the market watch can show, by group, and the sets of columns that have a name."""

from __future__ import annotations

from datetime import date

from market.ticks import Tick
from openalgo_desktop.presentation import formats
from openalgo_desktop.presentation.columns import (
    AMOUNT_SAMPLE,
    COLUMNS,
    PRICE_SAMPLE,
    Align,
    Column,
    Ink,
    RowStyle,
    Value,
    Visual,
    as_amount,
    as_price,
    as_quantity,
)
from openalgo_desktop.presentation.source_columns import SOURCE_COLUMNS
from openalgo_desktop.presentation.visual_columns import VISUAL_COLUMNS

GROUPS = ("Price", "Day", "Book", "Volume", "Contract", "Notes")


def _as_day(value: Value, _style: RowStyle) -> str:
    return formats.UNKNOWN if value is None else formats.day(date.fromordinal(int(value)))


def _as_share(value: Value, _style: RowStyle) -> str:
    return formats.UNKNOWN if value is None else f"{value:.0f}%"


def range_position(tick: Tick) -> Value:
    """Where the last price stands between the day's low and high, in percent; None without a range."""
    return share_of_range(tick, tick.ltp)


def share_of_range(tick: Tick, price: float | None) -> Value:
    """Where `price` stands between the day's low (0) and high (100)."""
    if price is None or tick.high is None or tick.low is None or tick.high <= tick.low:
        return None
    return min(max((price - tick.low) / (tick.high - tick.low) * 100.0, 0.0), 100.0)


def _no_tick_says(_tick: Tick) -> Value:
    return None


def _expiry(style: RowStyle) -> Value:
    return None if style.expiry is None else float(style.expiry.toordinal())


CATALOGUE: tuple[Column, ...] = (
    *COLUMNS,
    Column(
        id="close",
        title="Prev close",
        help="Close of the day before; for crypto the price of 24 hours ago",
        sample=PRICE_SAMPLE,
        value=lambda tick: tick.close,
        text=as_price,
        ink=Ink.SECONDARY,
        group="Day",
    ),
    Column(
        id="open",
        title="Open",
        help="First price of the day",
        sample=PRICE_SAMPLE,
        value=lambda tick: tick.open,
        text=as_price,
        ink=Ink.SECONDARY,
        group="Day",
    ),
    Column(
        id="range",
        title="Day range",
        help="Where the LTP stands between the low and the high of the day; the tick marks the open",
        sample="1,23,456.00",
        value=range_position,
        text=_as_share,
        visual=Visual.RANGE,
        group="Day",
    ),
    Column(
        id="average",
        title="Avg price",
        help="Average traded price of the day, as the exchange or the broker gives it",
        sample=PRICE_SAMPLE,
        value=lambda tick: tick.average_price,
        text=as_price,
        ink=Ink.SECONDARY,
        group="Day",
    ),
    Column(
        id="last_quantity",
        title="LTQ",
        help="Last traded quantity, in units",
        sample="1,23,456",
        value=lambda tick: tick.last_quantity,
        text=as_quantity,
        ink=Ink.SECONDARY,
        group="Volume",
    ),
    Column(
        id="bid_size",
        title="Bid qty",
        help="Quantity at the best buy price, in units",
        sample="1,23,456",
        value=lambda tick: tick.bid_size,
        text=as_quantity,
        ink=Ink.SECONDARY,
        group="Book",
    ),
    Column(
        id="ask_size",
        title="Ask qty",
        help="Quantity at the best sell price, in units",
        sample="1,23,456",
        value=lambda tick: tick.ask_size,
        text=as_quantity,
        ink=Ink.SECONDARY,
        group="Book",
    ),
    Column(
        id="total_buy",
        title="Total buy",
        help="Quantity of all buy orders in the book, in units",
        sample=AMOUNT_SAMPLE,
        value=lambda tick: tick.total_buy_quantity,
        text=as_amount,
        ink=Ink.SECONDARY,
        group="Book",
    ),
    Column(
        id="total_sell",
        title="Total sell",
        help="Quantity of all sell orders in the book, in units",
        sample=AMOUNT_SAMPLE,
        value=lambda tick: tick.total_sell_quantity,
        text=as_amount,
        ink=Ink.SECONDARY,
        group="Book",
    ),
    Column(
        id="lower_circuit",
        title="Lower circuit",
        help="The lowest price the exchange lets through today",
        sample=PRICE_SAMPLE,
        value=lambda tick: tick.lower_circuit,
        text=as_price,
        ink=Ink.SECONDARY,
        group="Day",
    ),
    Column(
        id="upper_circuit",
        title="Upper circuit",
        help="The highest price the exchange lets through today",
        sample=PRICE_SAMPLE,
        value=lambda tick: tick.upper_circuit,
        text=as_price,
        ink=Ink.SECONDARY,
        group="Day",
    ),
    Column(
        id="expiry",
        title="Expiry",
        help="The last day of the contract",
        sample="30 Sep 2026",
        value=_no_tick_says,
        text=_as_day,
        ink=Ink.SECONDARY,
        group="Contract",
        fact=_expiry,
    ),
    Column(
        id="lot",
        title="Lot",
        help="Units in one lot",
        sample="1,000",
        value=_no_tick_says,
        text=as_quantity,
        ink=Ink.SECONDARY,
        group="Contract",
        fact=lambda style: style.lot,
    ),
    Column(
        id="flag",
        title="Flag",
        help="Your colour flag, 1 to 7",
        sample="00",
        value=_no_tick_says,
        text=lambda value, _style: "" if value is None else str(int(value)),
        chip=True,
        group="Notes",
        fact=lambda style: float(style.flag) if style.flag else None,
    ),
    Column(
        id="note",
        title="Note",
        help="Your note, also shown when the mouse rests on the row",
        sample="a note of some words, such as this",
        value=_no_tick_says,
        text=lambda _value, style: style.note,
        align=Align.LEFT,
        words=True,
        ink=Ink.SECONDARY,
        group="Notes",
        fact=lambda _style: None,
    ),
    *VISUAL_COLUMNS,
    *SOURCE_COLUMNS,
)

BY_ID = {column.id: column for column in CATALOGUE}
STANDARD = tuple(column.id for column in COLUMNS)
PRESETS: dict[str, tuple[str, ...]] = {
    "Standard": STANDARD,
    "Compact": ("symbol", "ltp", "change_percent", "volume"),
    "Intraday": (
        "symbol",
        "ltp",
        "change",
        "change_percent",
        "range",
        "open",
        "high",
        "low",
        "average",
        "volume",
        "time",
    ),
    "Crypto": (
        "symbol",
        "ltp",
        "change_percent",
        "spark",
        "trail",
        "bid",
        "ask",
        "pressure",
        "range",
        "volume",
        "time",
    ),
    "F&O": ("symbol", "ltp", "change_percent", "bid", "bid_size", "ask", "ask_size", "volume", "oi", "expiry", "lot"),
}
