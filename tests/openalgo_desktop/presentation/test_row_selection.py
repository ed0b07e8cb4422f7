"""Selections: one, a run, any, all; by instrument, not by place."""

from __future__ import annotations

from market.exchanges import Exchange
from market.instruments import InstrumentKey
from openalgo_desktop.presentation.row_selection import RowSelection

A, B, C, D = (InstrumentKey(Exchange.NSE, letter) for letter in "ABCD")
ORDER = [A, B, C, D]


def test_run_goes_from_the_anchor_both_ways() -> None:
    selection = RowSelection()
    selection.only(B)
    selection.extend(ORDER, D)
    assert selection.keys == {B, C, D}
    selection.extend(ORDER, A)
    assert selection.keys == {A, B}


def test_toggle_adds_takes_out_and_is_the_anchor() -> None:
    selection = RowSelection()
    selection.only(A)
    selection.toggle(C)
    assert selection.keys == {A, C}
    selection.toggle(A)
    assert selection.keys == {C}
    selection.toggle(C)
    assert selection.keys == frozenset()
    selection.extend(ORDER, D)
    assert selection.keys == {C, D}


def test_anchor_that_is_gone_starts_anew() -> None:
    selection = RowSelection()
    selection.only(A)
    selection.extend([B, C], C)
    assert selection.keys == {C}


def test_all_retain_and_none() -> None:
    selection = RowSelection()
    selection.all(ORDER)
    selection.retain([B, D])
    assert selection.keys == {B, D}
    selection.only(None)
    assert selection.keys == frozenset()
