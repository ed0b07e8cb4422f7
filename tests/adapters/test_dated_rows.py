"""Rows of candles with a written time."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.dated_rows import DatedRow, written_ms
from market.candles import Candle
from market.errors import DecodeError


@pytest.mark.parametrize("at", ["2026-11-25T09:15:00+05:30", "2026-11-25T09:15:00+0530", "2026-11-25T03:45:00Z"])
def test_every_spelling_of_a_zone_is_read(at: str) -> None:
    row = msgspec.json.decode(msgspec.json.encode([at, 1, 3, 0.5, 2, 10.0]), type=DatedRow)
    assert row.candle("Toy") == Candle(1_795_578_300_000, 1.0, 3.0, 0.5, 2.0, 10, None)


@given(st.text(max_size=30) | st.sampled_from(["2026-11-25T09:15:00", "0001-01-01T00:00:00+23:59"]))
def test_what_is_no_time_is_refused_by_name(text: str) -> None:
    try:
        assert isinstance(written_ms(text, "Toy"), int)
    except DecodeError as error:
        assert "A candle of Toy has no time" in str(error)


@pytest.mark.parametrize("body", [b'["x"]', b'["2026-11-25T09:15:00Z",1,2,"nan",4,5]', b'["x",1,2,3,1e999,5]'])
def test_what_is_no_row_is_refused(body: bytes) -> None:
    with pytest.raises(msgspec.MsgspecError):
        msgspec.json.decode(body, type=DatedRow, strict=False)
