from __future__ import annotations

from market.candles import Candle


def test_a_candle_has_its_fields_in_the_order_of_every_charting_library() -> None:
    assert Candle._fields == ("start_ms", "open", "high", "low", "close", "volume")
    assert Candle(0, 1.0, 2.0, 0.5, 1.5).volume == 0
