"""The columns of the market watch, as one table: adding a column touches one row here and one test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import Enum, auto

from market.ticks import Tick
from openalgo_desktop.presentation import formats
from openalgo_desktop.presentation.formats import NumberStyle
from openalgo_desktop.presentation.row_history import RowHistory


class Ink(Enum):
    """What colour a cell is written in. `DAY` follows the sign of the day's change."""

    PRIMARY = auto()
    SECONDARY = auto()
    DAY = auto()


class Visual(Enum):
    """Cells that are painted, not written."""

    NONE = auto()
    RANGE = auto()
    SPARK = auto()
    TRAIL = auto()
    PRESSURE = auto()
    CIRCUIT = auto()


class Align(Enum):
    """Where a cell's text stands."""

    LEFT = auto()
    CENTRE = auto()
    RIGHT = auto()


@dataclass(frozen=True, slots=True)
class RowStyle:
    """How the numbers of one instrument are written, what its contract says, and what the user has noted of it.

    `flag` is 1 to 7, 0 for none.
    """

    decimals: int = 2
    numbers: NumberStyle = NumberStyle.INDIAN
    lot: float | None = None
    expiry: date | None = None
    flag: int = 0
    note: str = ""


Value = float | None


@dataclass(frozen=True, slots=True)
class Memory:
    """A column that shows what the row remembers: its number, and a counter that grows when the picture changes."""

    value: Callable[[RowHistory], Value]
    revision: Callable[[RowHistory], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: where its value comes from and how it is written.

    `sample` is the widest usual text and gives the default width. A column with `flashes` lights up when its
    value rises or falls; `glyph` puts ▲ or ▼ before the text; one with a `visual` is painted as a picture, a `chip` as
    a flag, `words` are elided at their end. A column with a `fact` says what the contract or the user says, which no
    tick changes; one with a `memory` what the row saw.
    """

    id: str
    title: str
    help: str
    sample: str
    value: Callable[[Tick], Value]
    text: Callable[[Value, RowStyle], str]
    align: Align = Align.RIGHT
    ink: Ink = Ink.PRIMARY
    flashes: bool = False
    strong: bool = False
    glyph: bool = False
    chip: bool = False
    words: bool = False
    visual: Visual = Visual.NONE
    group: str = "Price"
    fact: Callable[[RowStyle], Value] | None = None
    memory: Memory | None = None


def as_price(value: Value, style: RowStyle) -> str:
    """A price with the digits of its instrument."""
    return formats.price(value, style.decimals, style=style.numbers)


def _as_change(value: Value, style: RowStyle) -> str:
    return formats.signed(value, style.decimals, style=style.numbers)


def _as_percent(value: Value, _style: RowStyle) -> str:
    return formats.percent(value)


def as_amount(value: Value, style: RowStyle) -> str:
    """A large quantity, short."""
    return formats.abbreviated(value, style=style.numbers)


def as_quantity(value: Value, style: RowStyle) -> str:
    """A quantity in full."""
    return formats.quantity(value, style=style.numbers)


def _as_clock(value: Value, _style: RowStyle) -> str:
    return formats.clock(value)


def traded_at(tick: Tick) -> Value:
    """When the last trade was, as well as the feed says it: trade time, else exchange time, else receipt."""
    return tick.ltt or tick.timestamp or (tick.received_ms if tick.ltp is not None else None)


PRICE_SAMPLE = "1,23,456.00"
AMOUNT_SAMPLE = "123.45 Cr"

SYMBOL = Column(
    id="symbol",
    title="Instrument",
    help="Name and exchange",
    sample="NIFTY 30 DEC 26000 CE  NFO ",
    value=lambda _tick: None,
    text=lambda _value, _style: "",
    align=Align.LEFT,
)

COLUMNS: tuple[Column, ...] = (
    SYMBOL,
    Column(
        id="ltp",
        title="LTP",
        help="Last traded price",
        sample=PRICE_SAMPLE,
        value=lambda tick: tick.ltp,
        text=as_price,
        ink=Ink.DAY,
        flashes=True,
        strong=True,
    ),
    Column(
        id="change",
        title="Change",
        help="LTP less the previous close",
        sample="−1,234.00",
        value=lambda tick: tick.change,
        text=_as_change,
        ink=Ink.DAY,
    ),
    Column(
        id="change_percent",
        title="Change %",
        help="Change in percent of the previous close",
        sample="▲ −12.34%",
        value=lambda tick: tick.change_percent,
        text=_as_percent,
        ink=Ink.DAY,
        glyph=True,
    ),
    Column(
        id="bid",
        group="Book",
        title="Bid",
        help="Best buy price",
        sample=PRICE_SAMPLE,
        value=lambda tick: tick.bid_price or None,
        text=as_price,
        flashes=True,
    ),
    Column(
        id="ask",
        group="Book",
        title="Ask",
        help="Best sell price",
        sample=PRICE_SAMPLE,
        value=lambda tick: tick.ask_price or None,
        text=as_price,
        flashes=True,
    ),
    Column(
        id="volume",
        group="Volume",
        title="Volume",
        help="Traded quantity of the day, in units",
        sample=AMOUNT_SAMPLE,
        value=lambda tick: tick.volume,
        text=as_amount,
        ink=Ink.SECONDARY,
    ),
    Column(
        id="oi",
        group="Volume",
        title="OI",
        help="Open interest, in units",
        sample=AMOUNT_SAMPLE,
        value=lambda tick: tick.oi,
        text=as_amount,
        ink=Ink.SECONDARY,
    ),
    Column(
        id="high",
        group="Day",
        title="High",
        help="Highest price of the day",
        sample=PRICE_SAMPLE,
        value=lambda tick: tick.high,
        text=as_price,
        ink=Ink.SECONDARY,
    ),
    Column(
        id="low",
        group="Day",
        title="Low",
        help="Lowest price of the day",
        sample=PRICE_SAMPLE,
        value=lambda tick: tick.low,
        text=as_price,
        ink=Ink.SECONDARY,
    ),
    Column(
        id="time",
        title="Last time",
        help="Time of the last trade, IST",
        sample="00:00:00",
        value=traded_at,
        text=_as_clock,
        ink=Ink.SECONDARY,
    ),
)
