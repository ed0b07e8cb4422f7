"""How a user wants one column written: where its text stands, and in full or short."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum

from openalgo_desktop.presentation.columns import (
    Align,
    Column,
    RowStyle,
    Value,
    Visual,
    as_amount,
    as_price,
    as_quantity,
)


class Writing(StrEnum):
    """How large numbers are written."""

    FULL = "full"
    SHORT = "short"


ALIGNS = {"left": Align.LEFT, "centre": Align.CENTRE, "right": Align.RIGHT}


Write = Callable[[Value, RowStyle], str]
_FULL: dict[Write, Write] = {as_amount: as_quantity}
_SHORT: dict[Write, Write] = {as_quantity: as_amount, as_price: as_amount}
_SAMPLES: dict[Write, str] = {as_amount: "123.45 Cr", as_quantity: "12,34,56,789"}


def writings(column: Column) -> tuple[Writing, ...]:
    """In which ways `column` can be written; empty for those with one."""
    return tuple(Writing) if column.text in _FULL or column.text in _SHORT else ()


def usual(column: Column) -> Writing | None:
    """How `column` is written while nobody asks for another way."""
    if column.text in _FULL:
        return Writing.SHORT
    return Writing.FULL if column.text in _SHORT else None


def dressed(column: Column, align: str | None, writing: str | None) -> Column:
    """Return `column` as it is wanted; what means nothing for it is as usual."""
    if align in ALIGNS:
        column = replace(column, align=ALIGNS[align])
    text = {Writing.FULL: _FULL, Writing.SHORT: _SHORT}.get(Writing(writing), {}).get(column.text) if writing else None
    if text is None:
        return column
    wide = max((column.sample, _SAMPLES[text]), key=len) if text is as_quantity else _SAMPLES[text]
    return replace(column, text=text, sample=wide)


def can_align(column: Column) -> bool:
    """Whether the column is text that can stand elsewhere."""
    return column.visual in (Visual.NONE, Visual.CIRCUIT) and not column.words and not column.chip
