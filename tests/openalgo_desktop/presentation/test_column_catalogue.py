"""Columns beyond the usual ones: their fields, their texts, and sets of columns that all exist."""

from __future__ import annotations

from datetime import date

import pytest

from market.exchanges import Exchange
from market.instruments import InstrumentKey
from market.ticks import Tick
from openalgo_desktop.presentation.column_catalogue import BY_ID, CATALOGUE, GROUPS, PRESETS, range_position
from openalgo_desktop.presentation.columns import RowStyle
from openalgo_desktop.presentation.quote_row import QuoteRow, value_of

KEY = InstrumentKey(Exchange.NFO, "NIFTY30DEC25FUT")
TICK = Tick(
    KEY,
    0.0,
    "test",
    ltp=105.0,
    open=101.0,
    high=110.0,
    low=100.0,
    close=99.5,
    last_quantity=1500,
    average_price=104.256,
    total_buy_quantity=12_345_678,
    total_sell_quantity=250_000,
    bid_size=75,
    ask_size=150,
    lower_circuit=90.0,
    upper_circuit=120.05,
)


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("close", "99.50"),
        ("open", "101.00"),
        ("range", "50%"),
        ("average", "104.26"),
        ("last_quantity", "1,500"),
        ("bid_size", "75"),
        ("ask_size", "150"),
        ("total_buy", "1.23 Cr"),
        ("total_sell", "2.50 L"),
        ("lower_circuit", "90.00"),
        ("upper_circuit", "120.05"),
        ("expiry", "30 Dec 2025"),
        ("lot", "75"),
    ],
)
def test_column_says_its_field(column: str, text: str) -> None:
    found = BY_ID[column]
    row = QuoteRow(KEY, RowStyle(lot=75, expiry=date(2025, 12, 30)), CATALOGUE)
    row.tick = TICK
    assert found.text(value_of(found, row), row.style) == text
    empty = QuoteRow(KEY, RowStyle(), CATALOGUE)
    assert found.text(value_of(found, empty), empty.style) == "–"


def test_facts_of_a_contract_need_no_tick() -> None:
    row = QuoteRow(KEY, RowStyle(lot=75), (BY_ID["symbol"], BY_ID["lot"]))
    assert row.texts[1] == "75"


def test_range_is_unknown_while_the_day_has_none() -> None:
    assert range_position(TICK._replace(high=100.0)) is None
    assert range_position(TICK._replace(low=None)) is None
    assert range_position(TICK._replace(ltp=130.0)) == 100.0


def test_ids_are_unique_and_presets_and_groups_are_complete() -> None:
    assert len(BY_ID) == len(CATALOGUE)
    assert {column.group for column in CATALOGUE} == set(GROUPS)
    for ids in PRESETS.values():
        assert ids[0] == "symbol"
        assert set(ids) <= set(BY_ID)
