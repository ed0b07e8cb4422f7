"""Each column takes the right field and writes it in its own way."""

from __future__ import annotations

import pytest

from market.exchanges import Exchange
from market.instruments import InstrumentKey
from market.ticks import Tick
from openalgo_desktop.presentation.columns import COLUMNS, Align, RowStyle, traded_at

KEY = InstrumentKey(Exchange.NSE, "INFY")
TICK = Tick(
    KEY,
    received_ms=1_764_000_009_000.0,
    source="test",
    ltp=1402.7,
    timestamp=1_764_000_001_000,
    volume=7_082_847,
    high=1423.0,
    low=1396.0,
    close=1424.6,
    oi=12_345_678,
    bid_price=1402.5,
    ask_price=1402.75,
)


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("ltp", "1,402.70"),
        ("change", "−21.90"),
        ("change_percent", "−1.54%"),
        ("bid", "1,402.50"),
        ("ask", "1,402.75"),
        ("volume", "70.83 L"),
        ("oi", "1.23 Cr"),
        ("high", "1,423.00"),
        ("low", "1,396.00"),
        ("time", "21:30:01"),
    ],
)
def test_column_text(column: str, text: str) -> None:
    found = next(each for each in COLUMNS if each.id == column)
    assert found.text(found.value(TICK), RowStyle()) == text
    assert found.text(found.value(Tick(KEY, 0.0, "test")), RowStyle()) == "–"


def test_a_side_without_orders_has_no_price() -> None:
    bid, ask = (next(each for each in COLUMNS if each.id == column) for column in ("bid", "ask"))
    locked = TICK._replace(ask_price=0.0, ask_size=0)
    assert (bid.text(bid.value(locked), RowStyle()), ask.text(ask.value(locked), RowStyle())) == ("1,402.50", "–")


def test_columns_are_unique_and_only_the_first_is_left_aligned() -> None:
    assert len({column.id for column in COLUMNS}) == len(COLUMNS)
    assert COLUMNS[0].align is Align.LEFT
    assert all(column.align is Align.RIGHT for column in COLUMNS[1:])


def test_traded_at_prefers_the_trade_time() -> None:
    assert traded_at(TICK) == TICK.timestamp
    assert traded_at(TICK._replace(ltt=1_764_000_000_000)) == 1_764_000_000_000
    assert traded_at(TICK._replace(timestamp=None)) == TICK.received_ms
    assert traded_at(Tick(KEY, 5.0, "test")) is None
