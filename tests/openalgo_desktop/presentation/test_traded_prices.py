"""What was traded at each price, in any grouping."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openalgo_desktop.presentation.ladder_rows import GROUPS
from openalgo_desktop.presentation.trade_side import Print
from openalgo_desktop.presentation.traded_prices import NOTHING, Traded, TradedPrices

prices = st.integers(1, 3000).map(lambda ticks: ticks * 0.05)
trades = st.lists(st.builds(Print, st.just(0.0), prices, st.integers(1, 999), st.sampled_from([-1, 0, 1])), max_size=60)


def test_sides_are_kept_apart() -> None:
    traded = TradedPrices(0.05)
    for quantity, side in ((10, 1), (20, -1), (5, 0), (3, 1)):
        traded.add(Print(0.0, 100.0, quantity, side))
    assert traded.at(2000) == Traded(13, 20, 5)
    assert traded.at(1999) is NOTHING


def test_rows_add_up_prices_from_theirs_up_to_the_next() -> None:
    traded = TradedPrices(0.05)
    traded.set_group(5)
    traded.add(Print(0.0, 100.0, 1, 1))
    traded.add(Print(0.0, 100.2, 2, 1))
    traded.add(Print(0.0, 100.25, 4, 1))
    assert [traded.at(row).bought for row in (399, 400, 401)] == [0, 3, 4]


@given(trades, trades, st.sampled_from(GROUPS))
def test_no_grouping_loses_a_trade(before: list[Print], after: list[Print], group: int) -> None:
    traded = TradedPrices(0.05)
    for each in before:
        traded.add(each)
    traded.set_group(group)
    for each in after:
        traded.add(each)
    rows = {round(each.price / 0.05) // group for each in before + after}
    seen = [traded.at(row) for row in rows]
    assert sum(sum(each) for each in seen) == pytest.approx(sum(each.quantity for each in before + after))
    assert traded.total() == pytest.approx([sum(part) for part in zip(*seen, strict=True)] if seen else NOTHING)
    traded.set_group(1)
    assert sum(sum(traded.at(round(price / 0.05))) for price in {each.price for each in before + after}) == sum(
        each.quantity for each in before + after
    )
