"""Trades from last values, and the side that is inferred for them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.exchanges import Exchange
from market.instruments import InstrumentKey
from market.ticks import Depth, Level, Tick
from openalgo_desktop.presentation.trade_side import (
    BOUGHT,
    SOLD,
    UNKNOWN_SIDE,
    Print,
    TradeReader,
    best_ask,
    best_bid,
    inferred_side,
)

KEY = InstrumentKey(Exchange.NSE, "INFY")
FIRST = Tick(KEY, 1.0, "test", ltp=100.0, ltt=10, volume=1000, bid_price=99.95, ask_price=100.05)


@pytest.mark.parametrize(
    ("price", "last", "before", "side"),
    [
        (100.05, 100.0, UNKNOWN_SIDE, BOUGHT),
        (100.10, 100.0, UNKNOWN_SIDE, BOUGHT),
        (99.95, 100.0, UNKNOWN_SIDE, SOLD),
        (99.0, 100.0, UNKNOWN_SIDE, SOLD),
        (100.04, 100.0, UNKNOWN_SIDE, BOUGHT),
        (99.96, 100.0, UNKNOWN_SIDE, SOLD),
        (100.0, 99.9, SOLD, BOUGHT),
        (100.0, 100.1, BOUGHT, SOLD),
        (100.0, 100.0, SOLD, SOLD),
        (100.0, None, UNKNOWN_SIDE, UNKNOWN_SIDE),
    ],
)
def test_quote_rule(price: float, last: float | None, before: int, side: int) -> None:
    assert inferred_side(price, 99.95, 100.05, last, before) == side


def test_without_a_quote_the_direction_of_the_price_decides() -> None:
    for bid, ask in ((None, 100.0), (100.0, None), (None, None), (100.0, 100.0), (101.0, 100.0)):
        assert inferred_side(100.0, bid, ask, 99.0, UNKNOWN_SIDE) == BOUGHT


def test_a_trade_is_a_rise_of_the_volume_judged_by_the_quote_before_it() -> None:
    reader = TradeReader()
    assert reader.read(FIRST) is None, "what was traded before nobody looked is no trade"
    moved = FIRST._replace(ltp=100.05, ltt=20, volume=1150, bid_price=100.05, ask_price=100.10)
    assert reader.read(moved) == Print(20, 100.05, 150, BOUGHT)
    assert reader.read(moved._replace(bid_price=100.0)) is None, "a quote is no trade"


def test_a_volume_that_falls_is_a_new_day_and_no_trade() -> None:
    reader = TradeReader()
    reader.read(FIRST)
    assert reader.read(FIRST._replace(volume=10)) is None
    found = reader.read(FIRST._replace(volume=15, ltt=30))
    assert found is not None
    assert found.quantity == 5


def test_without_volume_a_new_time_or_price_is_a_trade() -> None:
    reader, tick = TradeReader(), FIRST._replace(volume=None, last_quantity=7)
    reader.read(tick)
    assert reader.read(tick) is None
    assert reader.read(tick._replace(ltt=11, ltp=99.95)) == Print(11, 99.95, 7, SOLD)
    assert reader.read(tick._replace(ltt=12, last_quantity=None)) is None


def test_best_prices_come_from_the_quote_else_from_the_book() -> None:
    book = Depth((Level(99.0, 1),), (Level(101.0, 1),))
    bare = Tick(KEY, 1.0, "test", ltp=100.0, depth=book)
    assert (best_bid(FIRST), best_ask(FIRST)) == (99.95, 100.05)
    assert (best_bid(bare), best_ask(bare)) == (99.0, 101.0)
    empty = bare._replace(depth=Depth((), ()))
    assert best_bid(empty) is best_ask(empty) is None
    locked = bare._replace(bid_price=99.0, bid_size=1, ask_price=0.0, ask_size=0)
    assert (best_bid(locked), best_ask(locked)) == (99.0, None), "nobody sells at the upper circuit"


@given(st.lists(st.integers(0, 500), max_size=50))
def test_every_unit_of_volume_is_in_exactly_one_trade(steps: list[int]) -> None:
    reader, volume, counted = TradeReader(), 0, 0.0
    for number, step in enumerate([0, *steps]):
        volume += step
        found = reader.read(FIRST._replace(volume=volume, ltt=number))
        counted += found.quantity if found else 0.0
    assert counted == volume
