"""Rows of candles that begin with a written time, as several brokers send them. Pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import msgspec

from adapters.candle_rows import reader
from adapters.finite import Finite
from market.candles import Candle
from market.errors import DecodeError


class DatedRow(msgspec.Struct, array_like=True):
    """`["2026-11-25T09:15:00+05:30", open, high, low, close, volume, open interest]`; the last two may be missing."""

    at: str
    open: Finite
    high: Finite
    low: Finite
    close: Finite
    volume: Finite = 0
    oi: Finite | None = None

    def candle(self, broker: str) -> Candle:
        """Return the candle that it is.

        Raises:
            DecodeError: the time is none; `broker` is named in the sentence.
        """
        return Candle(
            written_ms(self.at, broker), self.open, self.high, self.low, self.close, int(self.volume), self.oi
        )


def dated_reader(broker: str) -> Callable[[msgspec.Raw], Candle]:
    """Return what reads one such row, for `candle_rows.sound_candles`; `broker` is named in sentences."""
    return reader(DatedRow, lambda row: row.candle(broker))


def written_ms(text: str, broker: str) -> int:
    """Return a time with its zone, in ISO 8601, as ms since 1970 UTC. Raises as `DatedRow.candle` does."""
    try:
        at = datetime.fromisoformat(text)
        if at.tzinfo is None:
            raise ValueError("no zone")
        return int(at.timestamp() * 1000.0)
    except (ValueError, OverflowError):
        raise DecodeError(f"A candle of {broker} has no time", text) from None
