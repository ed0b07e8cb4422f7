"""Whose price it is, and whether another source agrees."""

from __future__ import annotations

import pytest

from openalgo_desktop.presentation.column_catalogue import CATALOGUE
from openalgo_desktop.presentation.columns import RowStyle
from openalgo_desktop.presentation.row_history import RowHistory
from openalgo_desktop.presentation.source_columns import difference, title_of

SOURCE, SECOND = (next(column for column in CATALOGUE if column.id == each) for each in ("source", "second"))


def _text(history: RowHistory, column: object) -> str:
    assert column.memory is not None  # type: ignore[attr-defined]
    return str(column.text(column.memory.value(history), RowStyle()))  # type: ignore[attr-defined]


def test_a_source_is_named_and_marked_when_it_stands_in() -> None:
    history = RowHistory()
    assert _text(history, SOURCE) == "–"
    assert history.note_source("zerodha", None, is_stand_in=False)
    assert _text(history, SOURCE) == "Zerodha"
    assert not history.note_source("zerodha", None, is_stand_in=False)
    assert history.note_source("angel", None, is_stand_in=True)
    assert _text(history, SOURCE) == "Angel ⇄"
    assert title_of("binance") == "Binance"


@pytest.mark.parametrize(
    ("shown", "second", "text"),
    [
        (100.0, 100.05, "Δ +0.05%"),
        (100.0, 99.95, "Δ −0.05%"),
        (100.0, 100.1, "⚠ +0.10%"),
        (100.0, 90.0, "⚠ −10.00%"),
        (None, 100.0, "–"),
        (100.0, None, "–"),
    ],
)
def test_a_second_source_agrees_or_not(shown: float | None, second: float | None, text: str) -> None:
    history = RowHistory()
    history.move(shown)
    history.note_source("zerodha", second, is_stand_in=False)
    assert _text(history, SECOND) == text


def test_a_difference_of_a_negative_price_keeps_its_sign() -> None:
    history = RowHistory()
    history.move(-40.0)
    history.note_source("zerodha", -38.0, is_stand_in=False)
    assert difference(history) == pytest.approx(5.0)


def test_a_new_source_or_second_price_is_written_anew() -> None:
    assert SOURCE.memory is not None
    assert SECOND.memory is not None
    history = RowHistory()
    before = SOURCE.memory.revision(history), SECOND.memory.revision(history)
    history.note_source("zerodha", 1.0, is_stand_in=False)
    assert SOURCE.memory.revision(history) > before[0]
    assert SECOND.memory.revision(history) > before[1]
