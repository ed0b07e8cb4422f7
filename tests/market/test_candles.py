from __future__ import annotations

from market.candles import Candle, latest_within


def test_a_candle_has_its_fields_in_the_order_of_every_charting_library() -> None:
    assert Candle._fields == ("start_ms", "open", "high", "low", "close", "volume", "oi")
    assert Candle(0, 1.0, 2.0, 0.5, 1.5)[5:] == (0, None)


def test_the_latest_within_a_range_are_cut_out() -> None:
    candles = [Candle(start, 1.0, 2.0, 0.5, 1.5) for start in range(0, 100, 10)]
    assert [one.start_ms for one in latest_within(candles, 9, start_ms=20, end_ms=50)] == [20, 30, 40]
    assert [one.start_ms for one in latest_within(candles, 2, start_ms=20, end_ms=50)] == [30, 40]
    assert latest_within(candles, 20) == candles
    assert latest_within(candles, 0) == []
