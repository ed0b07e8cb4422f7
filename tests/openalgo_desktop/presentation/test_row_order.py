"""Sorting by numbers: unknown last in both directions, ties by name, three clicks back to the own order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from market.exchanges import Exchange
from market.instruments import InstrumentKey
from market.ticks import Tick
from openalgo_desktop.presentation.columns import COLUMNS, RowStyle
from openalgo_desktop.presentation.quote_row import QuoteRow
from openalgo_desktop.presentation.row_order import Sort, arranged, next_sort

LTP = next(column for column in COLUMNS if column.id == "ltp")


def row(symbol: str, ltp: float | None) -> QuoteRow:
    made = QuoteRow(InstrumentKey(Exchange.NSE, symbol), RowStyle(), COLUMNS)
    made.tick = None if ltp is None else Tick(made.key, 0.0, "test", ltp=ltp)
    return made


def names(rows: list[QuoteRow]) -> list[str]:
    return [each.title for each in rows]


def test_numbers_not_texts_and_unknown_last() -> None:
    rows = [row("A", 1000.0), row("B", None), row("C", 99.0), row("D", 200.0), row("E", None)]
    assert names(arranged(rows, LTP, descending=False)) == ["C", "D", "A", "B", "E"]
    assert names(arranged(rows, LTP, descending=True)) == ["A", "D", "C", "B", "E"]


def test_ties_are_by_name_in_both_directions() -> None:
    rows = [row("C", 5.0), row("A", 5.0), row("B", 5.0)]
    assert names(arranged(rows, LTP, descending=False)) == ["A", "B", "C"]
    assert names(arranged(rows, LTP, descending=True)) == ["A", "B", "C"]


def test_first_column_sorts_by_name() -> None:
    rows = [row("B", None), row("C", 1.0), row("A", 2.0)]
    assert names(arranged(rows, COLUMNS[0], descending=False)) == ["A", "B", "C"]
    assert names(arranged(rows, COLUMNS[0], descending=True)) == ["C", "B", "A"]


@given(st.lists(st.none() | st.floats(-1e9, 1e9), max_size=30), st.booleans())
def test_no_row_is_lost_and_neighbours_are_in_order(prices: list[float | None], descending: bool) -> None:
    rows = [row(f"S{number}", price) for number, price in enumerate(prices)]
    sorted_rows = arranged(rows, LTP, descending=descending)
    assert set(sorted_rows) == set(rows)
    values = [each.tick.ltp if each.tick else None for each in sorted_rows]
    known = [value for value in values if value is not None]
    assert values == known + [None] * (len(values) - len(known))
    assert known == sorted(known, reverse=descending)


def test_clicks_go_up_down_and_back_to_the_own_order() -> None:
    first = next_sort(None, "ltp")
    assert first == Sort("ltp")
    second = next_sort(first, "ltp")
    assert second == Sort("ltp", descending=True)
    assert next_sort(second, "ltp") is None
    assert next_sort(second, "volume") == Sort("volume")
