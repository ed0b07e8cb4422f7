"""What every venue refuses: another exchange, and a second name of what it carries already."""

from __future__ import annotations

import pytest

from adapters.broker_factory import broker, broker_names
from market.instruments import InstrumentKey


def _key(name: str, suffix: str = "") -> InstrumentKey:
    exchange = sorted(broker(name).capabilities.exchanges)[0]
    return InstrumentKey(exchange, f"BTCUSDT{suffix}")


@pytest.mark.parametrize("name", [name for name in broker_names() if name != "openalgo"])
def test_a_depth_suffix_is_taken_where_deep_books_have_names_of_their_own(name: str) -> None:
    row = broker(name)
    venue = row.venue(row.resolve({}))
    assert venue.why_not(_key(name)) is None
    reason = venue.why_not(_key(name, ":7"))
    assert reason is not None
    if row.capabilities.deep_by_name:
        assert "levels" in reason
    else:
        assert reason == f"{row.title} takes no depth suffix; subscribe to BTCUSDT for {max(_depths(name))} levels"


def _depths(name: str) -> tuple[int, ...]:
    return broker(name).capabilities.depths(_key(name).exchange)
