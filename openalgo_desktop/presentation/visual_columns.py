"""Columns that are pictures: five minutes as a line, the last moves, who presses in the book, how near a circuit is.

Each has a number too, by which rows are sorted, filtered and copied.
"""

from __future__ import annotations

from market.ticks import Tick
from openalgo_desktop.presentation import formats
from openalgo_desktop.presentation.columns import Column, Memory, RowStyle, Value, Visual


def _as_percent(value: Value, _style: RowStyle) -> str:
    return formats.percent(value)


def _as_share(value: Value, _style: RowStyle) -> str:
    return formats.UNKNOWN if value is None else f"{value:.0f}%"


def _as_distance(value: Value, _style: RowStyle) -> str:
    return formats.UNKNOWN if value is None else f"{value:.2f}%"


def _as_net(value: Value, _style: RowStyle) -> str:
    return formats.signed(value, 0)


def _nothing(_tick: Tick) -> Value:
    return None


def pressure(tick: Tick) -> Value:
    """The share of buyers in the book, in percent: of all orders where the feed knows them, else of the best prices."""
    for buy, sell in ((tick.total_buy_quantity, tick.total_sell_quantity), (tick.bid_size, tick.ask_size)):
        if buy is not None and sell is not None and buy + sell > 0:
            return buy / (buy + sell) * 100.0
    return None


def to_upper(tick: Tick) -> Value:
    """How far the price may still rise, in percent of itself."""
    if not tick.ltp or not tick.upper_circuit:
        return None
    return (tick.upper_circuit - tick.ltp) / abs(tick.ltp) * 100.0


def to_lower(tick: Tick) -> Value:
    """How far the price may still fall, in percent of itself."""
    if not tick.ltp or not tick.lower_circuit:
        return None
    return (tick.ltp - tick.lower_circuit) / abs(tick.ltp) * 100.0


def nearest_circuit(tick: Tick) -> Value:
    """How far the nearer circuit is, in percent of the price."""
    distances = [each for each in (to_lower(tick), to_upper(tick)) if each is not None]
    return max(min(distances), 0.0) if distances else None


def _net(steps: list[int]) -> Value:
    return float(sum(steps)) if any(steps) else None


VISUAL_COLUMNS: tuple[Column, ...] = (
    Column(
        id="spark",
        title="5 min",
        help="The price of the last five minutes, a point every five seconds; sorted by its change in percent",
        sample="1,23,456.00",
        value=_nothing,
        text=_as_percent,
        visual=Visual.SPARK,
        memory=Memory(lambda history: history.change_percent, lambda history: history.points),
    ),
    Column(
        id="trail",
        title="Last moves",
        help="The last ten moves of the price, oldest left: above the line up, below it down",
        sample="1,23,456.0",
        value=_nothing,
        text=_as_net,
        visual=Visual.TRAIL,
        memory=Memory(lambda history: _net(history.trail), lambda history: history.moves_made),
    ),
    Column(
        id="pressure",
        title="Pressure",
        help="Buyers (left) against sellers (right) in the book: of all orders where the feed knows them, else of the "
        "best prices. Sorted by the share of buyers",
        sample="1,23,456.0",
        value=pressure,
        text=_as_share,
        visual=Visual.PRESSURE,
        group="Book",
    ),
    Column(
        id="circuit",
        title="Circuit",
        help="Where the price stands between the lower (left) and the upper circuit (right), and how far "
        "the nearer one is",
        sample="▲ 12.34% ━━━",
        value=nearest_circuit,
        text=_as_distance,
        visual=Visual.CIRCUIT,
        group="Day",
    ),
    Column(
        id="to_upper",
        title="To upper %",
        help="How far the price may rise before the upper circuit stops it, in percent",
        sample="123.45%",
        value=to_upper,
        text=_as_distance,
        group="Day",
    ),
    Column(
        id="to_lower",
        title="To lower %",
        help="How far the price may fall before the lower circuit stops it, in percent",
        sample="123.45%",
        value=to_lower,
        text=_as_distance,
        group="Day",
    ),
)
