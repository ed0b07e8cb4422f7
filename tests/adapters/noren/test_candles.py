"""Rows of candles: what odd ones become, and that they cost no others."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.noren.candles import days, minutes
from market.candles import Candle
from market.errors import DecodeError

OPEN_S = 1_789_962_300  # 2026-09-21 09:15 in India
MIDNIGHT_S = 1_789_948_800  # the same day's in UTC
GOOD = Candle(OPEN_S * 1000, 100.0, 102.0, 99.0, 101.0, 10, 7.0)


def _row(at_s: int = OPEN_S, **other: Any) -> dict[str, Any]:
    row = {"stat": "Ok", "ssboe": str(at_s), "into": "100.00", "inth": "102.00", "intl": "99.00", "intc": "101.00"}
    return row | {"intv": "10", "oi": "7"} | other


def _flat(at_s: int) -> dict[str, Any]:
    return _row(at_s, **dict.fromkeys(("into", "inth", "intl", "intc"), "100.00"))


def _minutes(*rows: object, exchange: str = "NSE", interval_s: int = 60) -> list[Candle]:
    return minutes(json.dumps(rows).encode(), exchange, interval_s)


@pytest.mark.parametrize(
    "odd",
    [
        _row(OPEN_S + 60, into=""),
        _row(OPEN_S + 60, intc=None),
        _row(OPEN_S + 60, inth="nan"),
        _row(OPEN_S + 60, intl="NA"),
        _row(OPEN_S + 60, intl=[]),
        {name: text for name, text in _row(OPEN_S + 60).items() if name != "into"},
        _row(OPEN_S + 60, into="0.00", inth="0.00", intl="0.00", intc="0.00"),
        _row(OPEN_S + 60, ssboe=""),
        _row(OPEN_S + 60, ssboe="1e200"),
        _row(OPEN_S + 60, ssboe="-5"),
        {},
        [],
        None,
        "",
        '{"ssboe":',
        5,
    ],
)
def test_an_odd_row_is_left_out_alone(odd: object) -> None:
    assert _minutes(odd, _row()) == [GOOD]
    told = [json.dumps(each) if isinstance(each, dict) else each for each in (odd, _row(MIDNIGHT_S))]
    assert days(json.dumps(told).encode()) == [GOOD._replace(start_ms=(MIDNIGHT_S - 19_800) * 1000)]


@pytest.mark.parametrize(("volume", "expected"), [("-2500", 0), ("", 0), (None, 0), ("12.0", 12), (3, 3)])
def test_volume_is_never_below_zero(volume: object, expected: int) -> None:
    assert [each.volume for each in _minutes(_row(intv=volume))] == [expected]


def test_open_interest_that_is_not_told_is_not_known() -> None:
    assert [each.oi for each in _minutes(_row(oi=""), _row(oi="0"))] == [None, 0.0]


def test_an_official_close_outside_what_traded_widens_the_day() -> None:
    above, below = json.dumps(_row(MIDNIGHT_S, intc="103.50")), json.dumps(_row(MIDNIGHT_S, intc="98.50"))
    assert [(each.low, each.high) for each in days(json.dumps([above, below]).encode())] == [
        (99.0, 103.5),
        (98.5, 102.0),
    ]


@pytest.mark.parametrize("exchange", ["NSE", "BSE", "NFO", "BFO"])
def test_a_flat_candle_before_the_open_is_no_candle(exchange: str) -> None:
    before, moved = _flat(OPEN_S - 60), _row(OPEN_S - 120)
    assert [each.start_ms // 1000 for each in _minutes(before, moved, _flat(OPEN_S), exchange=exchange)] == [
        OPEN_S - 120,
        OPEN_S,
    ]


def test_a_candle_that_lasts_into_the_session_stays() -> None:
    early = OPEN_S - 900  # 9:00
    assert _minutes(_flat(early), interval_s=900) == []
    assert len(_minutes(_flat(early), interval_s=1800)) == 1


def test_other_segments_open_earlier() -> None:
    assert len(_minutes(_flat(OPEN_S - 600), exchange="MCX")) == 1
    assert len(_minutes(_flat(OPEN_S - 600), exchange="CDS")) == 1


@pytest.mark.parametrize("body", [b"", b"{}", b"null", b"[1", b"[" * 5000, b"\xff"])
def test_what_is_no_list_is_a_decode_error(body: bytes) -> None:
    with pytest.raises(DecodeError):
        minutes(body, "NSE", 60)
    with pytest.raises(DecodeError):
        days(body)


_VALUES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.just([]))
_NAMES = st.sampled_from(["ssboe", "into", "inth", "intl", "intc", "intv", "oi"])


@given(st.lists(st.dictionaries(_NAMES, _VALUES), max_size=4))
def test_any_rows_make_candles_of_finite_numbers(rows: list[dict[str, Any]]) -> None:
    with contextlib.suppress(DecodeError):  # JSON knows no NaN
        for candle in _minutes(*rows):
            assert all(value == value and abs(value) < 1e301 for value in candle[:6])
            assert candle.low <= min(candle.open, candle.close) <= max(candle.open, candle.close) <= candle.high
