"""Columns that say whose price a row shows, and what another source says of it."""

from __future__ import annotations

from typing import NamedTuple

from market.ticks import Tick
from openalgo_desktop.presentation import formats
from openalgo_desktop.presentation.columns import Align, Column, Ink, Memory, RowStyle, Value
from openalgo_desktop.presentation.row_history import RowHistory

STAND_IN = "⇄"
"""After a source that stands in for the instrument's own one."""

DISAGREEMENT = 0.1
"""Sources that differ by so many percent disagree; less is the time between two ticks."""

_names: list[str] = []


class Sourced(NamedTuple):
    """Whose price a row shows, the price that a second source has for it, and whether the first stands in."""

    source: str
    second: float | None = None
    is_stand_in: bool = False


def title_of(name: str) -> str:
    """A source's name as it is shown: `zerodha` is Zerodha."""
    return name[:1].upper() + name[1:]


def _number(history: RowHistory) -> Value:
    """A number for each source, by which rows can be sorted; even for its own, odd for one that stands in."""
    if not history.source:
        return None
    if history.source not in _names:
        _names.append(history.source)
    return _names.index(history.source) * 2.0 + history.is_stand_in


def _as_source(value: Value, _style: RowStyle) -> str:
    if value is None:
        return formats.UNKNOWN
    name = title_of(_names[int(value) // 2])
    return f"{name} {STAND_IN}" if int(value) % 2 else name


def difference(history: RowHistory) -> Value:
    """How much more the second source says than what is shown, in percent."""
    if history.second is None or not history.last:
        return None
    return (history.second - history.last) / abs(history.last) * 100.0


def _as_difference(value: Value, _style: RowStyle) -> str:
    if value is None:
        return formats.UNKNOWN
    sign = "⚠" if round(abs(value), 6) >= DISAGREEMENT else "Δ"
    return f"{sign} {formats.percent(value)}"


def _no_tick_says(_tick: Tick) -> Value:
    return None


SOURCE_COLUMNS: tuple[Column, ...] = (
    Column(
        id="source",
        title="Source",
        help=f"Whose price it is; {STAND_IN} marks a source that stands in while the instrument's own one is lost",
        sample=f"Wisdom {STAND_IN}",
        value=_no_tick_says,
        text=_as_source,
        align=Align.LEFT,
        ink=Ink.SECONDARY,
        words=True,
        memory=Memory(_number, lambda history: history.source_changes),
    ),
    Column(
        id="second",
        title="Δ second",
        help=f"How much more the source says that the row is compared with; ⚠ from {DISAGREEMENT} % on: they disagree",
        sample="⚠ −12.34%",
        value=_no_tick_says,
        text=_as_difference,
        ink=Ink.SECONDARY,
        memory=Memory(difference, lambda history: history.second_changes + history.moves_made),
    ),
)
