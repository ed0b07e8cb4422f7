"""The words around the chart: intervals, and the figures of the bar under the cursor."""

from __future__ import annotations

from market.candles import Candle
from openalgo_desktop.presentation import chart_scale, formats
from openalgo_desktop.presentation.columns import RowStyle

INTERVALS: tuple[tuple[int, str], ...] = (
    (5, "5s"),
    (15, "15s"),
    (60, "1m"),
    (300, "5m"),
    (900, "15m"),
    (3600, "1h"),
    (86_400, "1D"),
)
DEFAULT_INTERVAL_S = 60


def legend(bar: Candle | None, style: RowStyle, *, interval_s: int, with_volume: bool) -> list[tuple[str, str]]:
    """Return (name, text) of what the legend says of `bar`; the first pair is its moment."""
    if bar is None:
        return []
    # Without the weekday: the axis says it in full where the cursor is.
    pairs = [("", chart_scale.moment(bar, interval_s).partition(" ")[2])]
    for name, value in (("O", bar.open), ("H", bar.high), ("L", bar.low), ("C", bar.close)):
        pairs.append((name, formats.price(value, style.decimals, style=style.numbers)))
    change = (bar.close - bar.open) / bar.open * 100.0 if bar.open else None
    pairs.append(("", formats.percent(change)))
    if with_volume:
        pairs.append(("Vol", formats.abbreviated(bar.volume, style=style.numbers)))
    return pairs
