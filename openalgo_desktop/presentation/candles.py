"""Candles from ticks: history and the live bar in one series, aligned to the start of the session.

Aligned to the session and not to the hour, because 09:15 + 1 h is a bar in India, and UTC hours are half past there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from market.candles import Candle
from market.exchanges import Exchange
from market.sessions import Phase, ordinal_of
from market.ticks import Tick

SessionStart = Callable[[float], float]
"""Gives the start (ms since 1970 UTC) of the session that a moment (ms since 1970 UTC) belongs to."""

DAY_S = 86_400
KEEP = 5_000


class Hours(Protocol):
    """What is asked of the calendar. Times in ms since 1970 UTC."""

    def phase(self, exchange: Exchange, at_ms: float) -> Phase:
        """What `exchange` is doing at `at_ms`."""

    def next_change_ms(self, exchange: Exchange, at_ms: float) -> int | None:
        """When that changes next, or None if it never does."""

    def session_start_ms(self, exchange: Exchange, at_ms: float) -> int:
        """Start of the session that runs at `at_ms`, or of the latest one before."""


def session_of(hours: Hours, exchange: Exchange, at_ms: float) -> float:
    """Return the start of the session that a trade at `at_ms` belongs to: in an auction, of the one that it opens."""
    if hours.phase(exchange, at_ms) is Phase.PRE_OPEN:
        return hours.next_change_ms(exchange, at_ms) or at_ms
    return hours.session_start_ms(exchange, at_ms)


def bar_start(at_ms: float, interval_s: int, session_start: SessionStart) -> int:
    """Return the start of the bar that `at_ms` falls into; a bar of a day or more starts with its session."""
    anchor = int(session_start(at_ms))
    if interval_s >= DAY_S:
        return anchor
    width = interval_s * 1000
    return anchor + int((at_ms - anchor) // width) * width


class CandleSeries:
    """The candles of one instrument and one interval, oldest first; the last one is running."""

    def __init__(self, interval_s: int, session_start: SessionStart) -> None:
        self.interval_s = interval_s
        self.bars: list[Candle] = []
        self.direction = 0
        self._session_start = session_start
        self._volume_seen: float | None = None
        self._last_price: float | None = None
        self._first_live: int | None = None

    @property
    def last_price(self) -> float | None:
        """The last traded price, or the last close while there is no tick."""
        if self._last_price is not None:
            return self._last_price
        return self.bars[-1].close if self.bars else None

    def seed(self, history: Sequence[Candle]) -> None:
        """Put `history` (oldest first) before what ticks have built so far; a bar of both is merged."""
        place, first = self._place, self._first_live
        live = [bar for bar in self.bars if first is not None and place(bar.start_ms) >= first]
        if not live:
            self.bars = list(history[-KEEP:])
            return
        first = place(live[0].start_ms)
        past = [bar for bar in history if place(bar.start_ms) < first]
        same = next((bar for bar in history if place(bar.start_ms) == first), None)
        if same is not None:
            live[0] = _merged(same, live[0])
        self.bars = [*past, *live][-KEEP:]

    def add(self, tick: Tick) -> bool:
        """Take a last value; returns whether a bar changed. A value older than the running bar is ignored."""
        price = tick.ltp
        if price is None:
            return False
        traded = self._traded(tick)
        if price == self._last_price and not traded and self.bars:
            return False
        at_ms = tick.ltt or tick.timestamp or tick.received_ms
        start = bar_start(at_ms, self.interval_s, self._session_start)
        place = self._place(start)
        latest = self._place(self.bars[-1].start_ms) if self.bars else None
        if latest is not None and place < latest:
            return False
        if self._last_price is not None and price != self._last_price:
            self.direction = 1 if price > self._last_price else -1
        self._last_price = price
        if self._first_live is None:
            self._first_live = place
        if latest is None or place > latest:
            self.bars.append(Candle(start, price, price, price, price, traded, tick.oi))
            del self.bars[:-KEEP]
            return True
        bar = self.bars[-1]
        oi = bar.oi if tick.oi is None else tick.oi
        high, low = max(bar.high, price), min(bar.low, price)
        self.bars[-1] = Candle(bar.start_ms, bar.open, high, low, price, bar.volume + traded, oi)
        return True

    def _place(self, start_ms: int) -> int:
        """What the bars of one stretch of time have in common: sources begin a day at midnight or with its session."""
        return ordinal_of(start_ms) if self.interval_s >= DAY_S else start_ms

    def _traded(self, tick: Tick) -> float:
        """What traded since the previous tick; the day's total falls when a new session begins."""
        total, before = tick.volume, self._volume_seen
        if total is None:
            return 0
        self._volume_seen = total
        if before is None:
            return 0
        return total - before if total >= before else total


def _merged(past: Candle, live: Candle) -> Candle:
    return Candle(
        past.start_ms,
        past.open,
        max(past.high, live.high),
        min(past.low, live.low),
        live.close,
        past.volume + live.volume,
        past.oi if live.oi is None else live.oi,
    )


def session_breaks(bars: Sequence[Candle], session_start: SessionStart) -> list[int]:
    """Return the positions of bars that open a new session, the first bar excepted."""
    starts = [session_start(bar.start_ms) for bar in bars]
    return [i for i in range(1, len(starts)) if starts[i] != starts[i - 1]]
