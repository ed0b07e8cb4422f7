"""Numbers and times as a trader reads them. Never the system locale: two machines must show the same text.

Unknown is an en dash, minus is U+2212, times are IST and zero padded.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum

UNKNOWN = "–"
MINUS = "−"
IST_OFFSET_MS = 19_800_000
_DAY_MS = 86_400_000
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WEEKDAYS = ("Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed")  # 1 January 1970 was a Thursday


class NumberStyle(StrEnum):
    """How digits are grouped and large numbers abbreviated."""

    INDIAN = "indian"
    INTERNATIONAL = "international"


# (from where the unit is used, what it divides by, the digits kept in the next smaller unit, its name)
_UNITS = {
    NumberStyle.INDIAN: ((1e12, 1e12, 1e7, " L Cr"), (1e7, 1e7, 1e5, " Cr"), (1e5, 1e5, 0.0, " L")),
    NumberStyle.INTERNATIONAL: (
        (1e12, 1e12, 1e9, " T"),
        (1e9, 1e9, 1e6, " B"),
        (1e6, 1e6, 1e3, " M"),
        (1e5, 1e3, 0.0, " K"),
    ),
}


def group_digits(digits: str, style: NumberStyle) -> str:
    """Return a run of digits with separators: `12,34,567` Indian, `1,234,567` international."""
    if len(digits) <= 3:
        return digits
    head, tail = digits[:-3], digits[-3:]
    size = 2 if style is NumberStyle.INDIAN else 3
    first = len(head) % size
    groups = ([head[:first]] if first else []) + [head[i : i + size] for i in range(first, len(head), size)]
    return ",".join([*groups, tail])


def price(value: float | None, decimals: int, *, style: NumberStyle = NumberStyle.INDIAN) -> str:
    """Return a price with exactly `decimals` digits after the point; `–` for None."""
    if value is None or value != value:  # a NaN differs from itself
        return UNKNOWN
    text = f"{value:.{decimals}f}"
    negative = text[0] == "-"
    whole, point, fraction = (text[1:] if negative else text).partition(".")
    body = f"{group_digits(whole, style)}{point}{fraction}"
    return f"{MINUS}{body}" if negative and body.strip("0.,") else body


def signed(value: float | None, decimals: int, *, style: NumberStyle = NumberStyle.INDIAN) -> str:
    """Return a price difference with its sign: `+12.35`, `−0.05`; what rounds to zero has no sign."""
    text = price(value, decimals, style=style)
    if value is None or value <= 0 or not text.strip("0.,"):
        return text
    return f"+{text}"


def percent(value: float | None) -> str:
    """Return a signed percentage with two digits: `+1.23%`."""
    text = signed(value, 2)
    return text if text == UNKNOWN else f"{text}%"


def quantity(value: float | None, *, style: NumberStyle = NumberStyle.INDIAN) -> str:
    """Return a quantity in full, grouped; fractions (crypto) keep up to eight digits, without trailing zeros."""
    if value is None or value != value:
        return UNKNOWN
    if value == int(value):
        return price(value, 0, style=style)
    whole, _, fraction = price(value, 8, style=style).partition(".")
    fraction = fraction.rstrip("0")
    return f"{whole}.{fraction}" if fraction else whole


def abbreviated(value: float | None, *, style: NumberStyle = NumberStyle.INDIAN) -> str:
    """Return a large number short, three significant steps: `99,999`, `1.23 L`, `4.56 Cr`, `1.23 M`.

    The unit is chosen after rounding, so 99,99,999 is `1.00 Cr` and never `100.00 L`.
    """
    if value is None or value != value:
        return UNKNOWN
    size = abs(value)
    for threshold, divisor, smaller, suffix in _UNITS[style]:
        rounded = round(size / smaller, 2) * smaller if smaller else round(size)
        if rounded >= threshold:
            return f"{price(value / divisor, 2, style=style)}{suffix}"
    return quantity(value if size < 1000 else float(round(value)), style=style)


def clock(ms: float | None) -> str:
    """Return the IST time of day of `ms` since 1970 UTC as `HH:MM:SS`."""
    if ms is None:
        return UNKNOWN
    seconds = int(ms + IST_OFFSET_MS) % _DAY_MS // 1000
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def clock_ms(ms: float | None) -> str:
    """Return the IST time of day with milliseconds: `14:03:22.005`."""
    return UNKNOWN if ms is None else f"{clock(ms)}.{int(ms) % 1000:03d}"


def day(value: date) -> str:
    """Return a date as `27 Nov 2025`, whatever the locale."""
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


def ist_date(ms: float) -> date:
    """Return the calendar date in India at `ms` since 1970 UTC."""
    return date.fromordinal(719_163 + int((ms + IST_OFFSET_MS) // _DAY_MS))


def weekday(ms: float) -> str:
    """Return the weekday in India at `ms` since 1970 UTC: `Mon`."""
    return _WEEKDAYS[int((ms + IST_OFFSET_MS) // _DAY_MS) % 7]


def age(ms: float) -> str:
    """Return how long ago something was: `0.4 s`, `41 s`, `3 min`, `2 h`, `4 d`."""
    seconds = max(ms, 0.0) / 1000.0
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    for limit, divisor, unit in ((59.5, 1, "s"), (3570, 60, "min"), (84_600, 3600, "h")):
        if seconds < limit:
            return f"{round(seconds / divisor)} {unit}"
    return f"{round(seconds / 86_400)} d"
