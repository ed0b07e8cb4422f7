"""Rows of candles as the platform answers them → candles. Pure.

A row is an object of texts: `{"ssboe":"1789962300","into":"100.00","inth":…,"intl":…,"intc":…,"intv":"25","oi":"7"}`;
one of a day is a text that holds such an object. A row that is damaged or empty is left out, for one of them is no
reason to have no chart. Sources: the brokers' documentation, "TPSeries" and "EODChartData".
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from adapters.candle_portions import DAY_S
from adapters.finite import finite
from market.candles import Candle
from market.errors import DecodeError

_IST_S = 19_800
_OPENS_S = 9 * 3_600 + 15 * 60
_WITH_PREOPEN = frozenset({"NSE", "BSE", "NFO", "BFO"})
_PRICES = ("into", "inth", "intl", "intc")
_ROWS = msgspec.json.Decoder(list[object])
_LAST_S = 4_294_967_296.0


def minutes(body: bytes, exchange: str, interval_s: int) -> list[Candle]:
    """Return the candles of `interval_s` in an answer, for an instrument on the segment `exchange`.

    Raises:
        DecodeError: it is no list.
    """
    found = [candle for row in _rows(body) if (candle := _candle(row, 0)) is not None]
    if exchange not in _WITH_PREOPEN:
        return found
    return [candle for candle in found if not _is_before_the_open(candle, interval_s)]


def days(body: bytes) -> list[Candle]:
    """Return the daily candles in an answer; a day is told as midnight UTC, and begins at midnight in India.

    Raises:
        DecodeError: it is no list.
    """
    return [candle for row in _rows(body) if (candle := _candle(row, -_IST_S)) is not None]


def _rows(body: bytes) -> Iterator[dict[str, object]]:
    try:
        rows = _ROWS.decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError) as exc:
        raise DecodeError("Not candles of Noren", body) from exc
    for row in rows:
        read = _inner(row) if isinstance(row, str) else row
        if isinstance(read, dict):
            yield read


def _inner(text: str) -> object:
    try:
        return msgspec.json.decode(text)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


def _candle(row: dict[str, object], shift_s: int) -> Candle | None:
    """The candle of a row, None if it has no time or no prices: a row of zeros stands for no trade at all."""
    at_s = _number(row.get("ssboe"))
    opened, high, low, closed = (_number(row.get(name)) for name in _PRICES)
    if at_s is None or not 0.0 < at_s < _LAST_S or opened is None or high is None or low is None or closed is None:
        return None
    if not (opened or high or low or closed):
        return None
    # The close of an index of BSE is the official one, which may lie outside what traded.
    high, low = max(opened, high, closed), min(opened, low, closed)
    volume = max(0, int(_number(row.get("intv")) or 0.0))
    return Candle((int(at_s) + shift_s) * 1000, opened, high, low, closed, volume, _number(row.get("oi")))


def _is_before_the_open(candle: Candle, interval_s: int) -> bool:
    """Whether it repeats one price of the auction before 9:15, as no other broker's candles do."""
    end_s = (candle.start_ms // 1000 + _IST_S) % DAY_S + interval_s
    return end_s <= _OPENS_S and candle.open == candle.high == candle.low == candle.close


def _number(text: object) -> float | None:
    try:
        return finite(text)  # type: ignore[arg-type]  # what is no number raises
    except (TypeError, ValueError, OverflowError):
        return None
