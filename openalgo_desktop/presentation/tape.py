"""Time and sales: trades as they come, newest first, small ones left out if so chosen, and how large each is.

How strongly a trade is tinted follows its rank among the trades before it, not its share of the largest: one whale must
not fade all others.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from openalgo_desktop.presentation.trade_side import Print

MOST_KEPT = 5_000
_RANKED = 500
_RANKS = (0.5, 0.75, 0.9, 0.97)
STRONGEST = len(_RANKS)
_NICE = (1, 2, 5)


class Sale(NamedTuple):
    """One line: a trade, or `prints` of the same ms, price and side. `strength` from 0 to `STRONGEST` is its size."""

    trade: Print
    prints: int
    strength: int


class Tape:
    """The trades of one instrument since it was opened, the newest first."""

    def __init__(self) -> None:
        self.least = 0.0
        self.total = 0
        self._all: deque[Sale] = deque(maxlen=MOST_KEPT)
        self._shown: deque[Sale] = deque(maxlen=MOST_KEPT)
        self._recent: deque[float] = deque()
        self._ranked: list[float] = []

    def add(self, trade: Print) -> None:
        """Take the next trade."""
        self.total += 1
        newest = self._all[0] if self._all else None
        if newest is not None and _is_same(newest.trade, trade):
            whole = trade._replace(quantity=newest.trade.quantity + trade.quantity)
            sale = Sale(whole, newest.prints + 1, self._strength(whole.quantity))
            self._all[0] = sale
            if self._shown and self._shown[0] is newest:
                self._shown.popleft()
        else:
            sale = Sale(trade, 1, self._strength(trade.quantity))
            self._all.appendleft(sale)
        if sale.trade.quantity >= self.least:
            self._shown.appendleft(sale)
        self._rank(trade.quantity)

    def set_least(self, quantity: float) -> None:
        """Show trades of at least `quantity`."""
        self.least = quantity
        self._shown = deque((sale for sale in self._all if sale.trade.quantity >= quantity), maxlen=MOST_KEPT)

    def __len__(self) -> int:
        return len(self._shown)

    def lines(self, first: int, count: int) -> list[Sale]:
        """Lines from the `first` newest on."""
        shown = self._shown
        return [shown[number] for number in range(first, min(first + count, len(shown)))]

    def all_lines(self) -> Sequence[Sale]:
        """Every line that is shown now, as it stands."""
        return tuple(self._shown)

    def _strength(self, quantity: float) -> int:
        if not self._ranked:
            return 0
        rank = bisect_left(self._ranked, quantity) / len(self._ranked)
        return sum(rank >= each for each in _RANKS)

    def _rank(self, quantity: float) -> None:
        self._recent.append(quantity)
        insort(self._ranked, quantity)
        if len(self._recent) > _RANKED:
            del self._ranked[bisect_left(self._ranked, self._recent.popleft())]


class TapePlace:
    """Which lines are in view. Whoever scrolls away from the newest ones has what they read kept still."""

    def __init__(self, tape: Tape) -> None:
        self.tape = tape
        self.first = 0
        self._kept: Sequence[Sale] | None = None
        self._total_when_kept = 0

    @property
    def paused(self) -> bool:
        """Whether what is shown stands still."""
        return self._kept is not None

    @property
    def missed(self) -> int:
        """Trades that came since it stands still."""
        return self.tape.total - self._total_when_kept if self.paused else 0

    def scroll(self, lines: int, rows: int) -> None:
        """Go `lines` towards older trades (newer if negative); `rows` fit. Back at the newest one it goes on."""
        count = len(self._kept) if self._kept is not None else len(self.tape)
        first = min(max(self.first + lines, 0), max(count - rows, 0))
        if first == 0:
            self.resume()
            return
        if self._kept is None:
            self._kept, self._total_when_kept = self.tape.all_lines(), self.tape.total
        self.first = first

    def resume(self) -> None:
        """Show the newest trades again."""
        self.first, self._kept = 0, None

    def lines(self, rows: int) -> Sequence[Sale]:
        """What is in view."""
        if self._kept is None:
            return self.tape.lines(0, rows)
        return self._kept[self.first : self.first + rows]


def step_size(least: float, steps: int, lot: float) -> float:
    """The next larger (or smaller) filter of 1, 2, 5, 10, 20, 50… lots; below one lot there is no filter."""
    sizes = [0.0, *(lot * nice * 10.0**power for power in range(7) for nice in _NICE)]
    at = min(range(len(sizes)), key=lambda number: abs(sizes[number] - least))
    return sizes[min(max(at + steps, 0), len(sizes) - 1)]


def _is_same(before: Print, trade: Print) -> bool:
    return (before.ms, before.price, before.side) == (trade.ms, trade.price, trade.side)
