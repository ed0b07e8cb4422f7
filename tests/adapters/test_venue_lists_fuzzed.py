"""Lists of instruments that venues are asked for: whatever stands in a row, it is an instrument or is counted."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import isfinite
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.binance_futures import instruments as binance_futures
from adapters.bybit import instruments as bybit
from adapters.delta import instruments as delta
from adapters.masters import Master
from adapters.okx import instruments as okx
from market.errors import DecodeError

_WHEN_MS = 1_790_380_800_000


@dataclass(frozen=True)
class _List:
    """How a venue's list is read, and a row that is good."""

    read: Callable[[bytes], Master]
    wrap: Callable[[list[Any]], Any]
    rows: tuple[dict[str, Any], ...]


def _bybit(body: bytes) -> Master:
    page = bybit.read_page(body)
    page.category = "linear"
    return bybit.parse([page])


_LISTS = {
    "delta": _List(
        lambda body: delta.parse([delta.read_page(body)]),
        lambda rows: {"result": rows},
        (
            {
                "symbol": "C-BTC-80000-250926",
                "contract_type": "call_options",
                "state": "live",
                "tick_size": "0.5",
                "contract_value": "0.001",
                "strike_price": "80000",
                "settlement_time": "2026-09-25T12:00:00Z",
                "underlying_asset": {"symbol": "BTC"},
                "quoting_asset": {"symbol": "USD"},
            },
        ),
    ),
    "binance_futures": _List(
        binance_futures.parse,
        lambda rows: {"symbols": rows},
        (
            {
                "symbol": "BTCUSDT_260327",
                "baseAsset": "BTC",
                "quoteAsset": "USDT",
                "contractType": "CURRENT_QUARTER",
                "status": "TRADING",
                "deliveryDate": _WHEN_MS,
                "filters": [
                    {"filterType": "PRICE_FILTER", "tickSize": "0.1"},
                    {"filterType": "LOT_SIZE", "stepSize": "0.001"},
                ],
            },
        ),
    ),
    "okx": _List(
        lambda body: okx.parse([body]),
        lambda rows: {"code": "0", "data": rows},
        (
            {
                "instType": "OPTION",
                "instId": "BTC-USD-260925-80000-C",
                "state": "live",
                "optType": "C",
                "stk": "80000",
                "expTime": str(_WHEN_MS),
                "tickSz": "0.0005",
                "lotSz": "1",
                "ctVal": "0.01",
                "ctMult": "1",
            },
        ),
    ),
    "bybit": _List(
        _bybit,
        lambda rows: {"retCode": 0, "result": {"category": "linear", "list": rows}},
        (
            {
                "symbol": "BTCUSDT-25SEP26",
                "baseCoin": "BTC",
                "quoteCoin": "USDT",
                "status": "Trading",
                "contractType": "LinearFutures",
                "deliveryTime": str(_WHEN_MS),
                "priceFilter": {"tickSize": "0.1"},
                "lotSizeFilter": {"qtyStep": "0.001"},
            },
        ),
    ),
}
_NASTY = st.one_of(
    st.sampled_from(
        ["", "nan", "inf", "-1", "1e999", "0", "x", "é" * 40, "9" * 30, None, True, -1, 10**30, 1.5, [], {}]
    ),
    st.text(max_size=8),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
)


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, each in items:
        yield from _places(each, (*path, name))


@pytest.mark.parametrize("name", _LISTS)
def test_a_good_row_is_an_instrument(name: str) -> None:
    venue = _LISTS[name]
    master = venue.read(json.dumps(venue.wrap(list(venue.rows))).encode())
    assert len(master.instruments) == len(venue.rows), master.skipped


@pytest.mark.parametrize("name", _LISTS)
@given(data=st.data())
def test_a_row_with_anything_in_it_is_an_instrument_or_counted(name: str, data: st.DataObject) -> None:
    venue = _LISTS[name]
    row = copy.deepcopy(data.draw(st.sampled_from(venue.rows)))
    path = data.draw(st.sampled_from([place for place in _places(row) if place]))
    inside = row
    for step in path[:-1]:
        inside = inside[step]
    inside[path[-1]] = data.draw(_NASTY)
    try:
        master = venue.read(json.dumps(venue.wrap([row])).encode())
    except DecodeError:
        return
    assert master.rows == 1
    for each in master.instruments:
        assert isfinite(each.tick_size)
        assert isfinite(each.lot)
        assert each.strike is None or isfinite(each.strike)


@pytest.mark.parametrize("name", _LISTS)
@given(body=st.binary(max_size=64))
def test_what_is_no_list_is_refused_or_empty(name: str, body: bytes) -> None:
    try:
        master = _LISTS[name].read(body)
    except DecodeError:
        return
    assert master.rows == 0
