"""The legend's words."""

from __future__ import annotations

from market.candles import Candle
from openalgo_desktop.presentation.chart_texts import DEFAULT_INTERVAL_S, INTERVALS, legend
from openalgo_desktop.presentation.columns import RowStyle

BAR = Candle(1_763_955_900_000, 100.0, 110.0, 90.0, 105.0, 123_456)


def test_legend_of_a_bar() -> None:
    assert legend(BAR, RowStyle(), interval_s=60, with_volume=True) == [
        ("", "24 Nov 09:15"),
        ("O", "100.00"),
        ("H", "110.00"),
        ("L", "90.00"),
        ("C", "105.00"),
        ("", "+5.00%"),
        ("Vol", "1.23 L"),
    ]


def test_legend_of_an_index_has_no_volume() -> None:
    assert "Vol" not in dict(legend(BAR, RowStyle(), interval_s=60, with_volume=False))
    assert legend(None, RowStyle(), interval_s=60, with_volume=True) == []


def test_one_minute_is_the_default() -> None:
    assert dict(INTERVALS)[DEFAULT_INTERVAL_S] == "1m"
