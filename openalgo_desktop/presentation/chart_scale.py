"""The arithmetic of the chart's axes: which bars are named, how far prices reach, which price steps are round."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence

from market.candles import Candle
from openalgo_desktop.presentation import formats

MARGIN = 0.08
RIGHT_GAP_BARS = 10
_STEPS = (1, 2, 3, 5, 10, 15, 20, 30, 60, 120, 240, 480)


def price_range(bars: Sequence[Candle], *, least: float) -> tuple[float, float] | None:
    """Return the lowest and highest price to show for `bars`, with a margin; None without bars.

    `least` is the smallest height, so that a price that does not move is not blown up to noise.
    """
    if not bars:
        return None
    low, high = min(bar.low for bar in bars), max(bar.high for bar in bars)
    height = high - low
    if height < least:
        middle = (high + low) / 2
        low, high, height = middle - least / 2, middle + least / 2, least
    return low - MARGIN * height, high + MARGIN * height


def price_steps(low: float, high: float, count: int) -> list[float]:
    """Return round prices (steps of 1, 2, 2.5 or 5 times a power of ten) between `low` and `high`, about `count`."""
    if not high > low or count < 1:
        return []
    raw = (high - low) / count
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(factor * power for factor in (1.0, 2.0, 2.5, 5.0, 10.0) if factor * power >= raw * (1 - 1e-9))
    first = math.ceil(low / step)
    return [n * step for n in range(first, math.floor(high / step) + 1)]


def time_labels(
    bars: Sequence[Candle], first: int, last: int, *, room: int, breaks: Collection[int], interval_s: int
) -> list[tuple[int, str]]:
    """Return (position, text) of the bars to name between `first` and `last`, at most about `room` of them.

    A bar that opens a session is named by its date, others by their IST time; labels never stand closer than
    half a regular step.
    """
    first, last = max(first, 0), min(last, len(bars) - 1)
    if last < first or room < 1:
        return []
    step = _step(last - first + 1, room)
    labels = [(i, _label(bars[i], interval_s, opens=True)) for i in sorted(breaks) if first <= i <= last]
    taken = [position for position, _ in labels]
    for position in range(first, last + 1):
        minutes = int(bars[position].start_ms + formats.IST_OFFSET_MS) // 1000 // interval_s
        regular = minutes % step == 0
        if regular and all(abs(position - other) > step / 2 for other in taken):
            labels.append((position, _label(bars[position], interval_s, opens=False)))
    return _thinned(sorted(labels), step)


def _step(shown: int, room: int) -> int:
    wanted = shown / room
    return next((step for step in _STEPS if step >= wanted), _STEPS[-1] * math.ceil(wanted / _STEPS[-1]))


def _thinned(labels: list[tuple[int, str]], step: int) -> list[tuple[int, str]]:
    kept: list[tuple[int, str]] = []
    for label in labels:
        if not kept or label[0] - kept[-1][0] > step / 2:
            kept.append(label)
    return kept


def _label(bar: Candle, interval_s: int, *, opens: bool) -> str:
    date, month, _year = formats.day(formats.ist_date(bar.start_ms)).split()
    if opens or interval_s >= 86_400:
        return f"{date} {month}"
    clock = formats.clock(bar.start_ms)
    return clock if interval_s < 60 else clock[:5]


def moment(bar: Candle, interval_s: int) -> str:
    """Return when `bar` began, in full: `Mon 24 Nov 09:15`, with seconds where bars are shorter than a minute."""
    date, month, _year = formats.day(formats.ist_date(bar.start_ms)).split()
    text = f"{formats.weekday(bar.start_ms)} {date} {month}"
    if interval_s >= 86_400:
        return text
    clock = formats.clock(bar.start_ms)
    return f"{text} {clock if interval_s < 60 else clock[:5]}"
