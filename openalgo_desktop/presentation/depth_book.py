"""The order book as it is drawn: rows bid left and offer right, bar lengths, marks, totals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from market.instruments import Instrument
from market.ticks import Depth, Level, Tick
from openalgo_desktop.presentation.book_facts import Band, band, facts
from openalgo_desktop.presentation.book_style import BookStyle
from openalgo_desktop.presentation.order_size import Flicker, Mark, Usual, average_size, mark, usual

LEVEL_CHOICES = (5, 20, 50)
_MOST_WRITTEN = 4_000


class Side(NamedTuple):
    """One side of one level, as text. `bar` is the length of its bar from 0 to 1; a `young` one is drawn faded.

    `short` is the quantity abbreviated, for where there is little room; `average` the size of an order.
    """

    orders: str
    quantity: str
    short: str
    price: str
    average: str
    bar: float
    mark: Mark = Mark.NONE
    young: bool = False


EMPTY = Side("", "", "", "", "", 0.0)


@dataclass(frozen=True, slots=True)
class BookPicture:
    """All that the depth panel draws. `buy_share` is the buyers' part of the total from 0 to 1, None if unknown.

    `sent` is the number of levels that the feed sends, of which `rows` may be the first.
    """

    rows: tuple[tuple[Side, Side], ...]
    total_buy: str
    total_sell: str
    buy_share: float | None
    facts: tuple[tuple[str, str], ...]
    band: Band | None = None
    sent: int = 0


class BookWriter:
    """Writes the book of one instrument, again and again: what did not change since is not written anew."""

    def __init__(self, style: BookStyle, instrument: Instrument | None = None) -> None:
        self.style = style
        self.instrument = instrument
        self._flicker = Flicker()
        self._written: dict[Level, tuple[str, str, str, str, str]] = {}

    def picture(self, tick: Tick | None, *, least: int, most: int, now_ms: float) -> BookPicture:
        """The picture of the last value: of `most` levels, and of `least`, empty ones too, where fewer are sent."""
        depth = tick.depth if tick is not None else None
        whole = Depth(depth.buy, depth.sell) if depth is not None else Depth((), ())
        book = Depth(whole.buy[:most], whole.sell[:most])
        scale, ordinary = bar_scale(book), usual(book)
        young = self._flicker.young(book, self.style.row.lot, now_ms) if depth is not None else frozenset()
        count = min(max(least, len(book.buy), len(book.sell)), most)
        buy, sell = (self._side(side, count, scale, ordinary, young) for side in (book.buy, book.sell))
        bought, sold = _totals(tick, whole)
        return BookPicture(
            tuple(zip(buy, sell, strict=True)),
            self.style.quantity(bought),
            self.style.quantity(sold),
            bought / (bought + sold) if bought is not None and sold is not None and bought + sold > 0 else None,
            facts(tick, self.style, self.instrument),
            band(tick, self.style),
            max(len(whole.buy), len(whole.sell)),
        )

    def _side(
        self, levels: Sequence[Level], count: int, scale: float, ordinary: Usual | None, young: frozenset[float]
    ) -> list[Side]:
        sides = [
            Side(*self._texts(level), min(level.quantity / scale, 1.0), mark(level, ordinary), level.price in young)
            for level in levels
        ]
        return sides + [EMPTY] * (count - len(sides))

    def _texts(self, level: Level) -> tuple[str, str, str, str, str]:
        found = self._written.get(level)
        if found is None:
            if len(self._written) >= _MOST_WRITTEN:
                self._written.clear()
            style = self.style
            found = self._written[level] = (
                style.count(level.orders),
                style.quantity(level.quantity),
                style.short(level.quantity),
                style.price(level.price),
                style.rounded(average_size(level)),
            )
        return found


def bar_scale(book: Depth) -> float:
    """Return the quantity of a full bar: the 95th percentile, or the largest of the best five if that is more.

    Not the largest of all: one wall far from the price would flatten every other bar.
    """
    quantities = sorted(level.quantity for side in (book.buy, book.sell) for level in side)
    if not quantities:
        return 1.0
    rank = max(math.ceil(0.95 * len(quantities)) - 1, 0)
    best = max((level.quantity for side in (book.buy, book.sell) for level in side[:5]), default=0.0)
    return max(quantities[rank], best, 1e-12)


def _totals(tick: Tick | None, book: Depth) -> tuple[float | None, float | None]:
    """Totals of the whole book where the feed says them, else of the levels sent."""
    if tick is not None and tick.total_buy_quantity is not None and tick.total_sell_quantity is not None:
        return tick.total_buy_quantity, tick.total_sell_quantity
    if not book.buy and not book.sell:
        return None, None
    return sum(level.quantity for level in book.buy), sum(level.quantity for level in book.sell)


def level_choices(sent: int) -> tuple[int, ...]:
    """The numbers of levels worth offering where `sent` are sent: those below it, and the first that shows all."""
    fewer = [levels for levels in LEVEL_CHOICES if levels < sent]
    return tuple([*fewer, *(levels for levels in LEVEL_CHOICES if levels >= sent)][: len(fewer) + 1])


def heading(shown: int, sent: int, venue: str, source: str) -> str:
    """Return the line under the name: `20 levels · NSE · simulated`, or `5 of 20 levels · …`; 0 are not mentioned."""
    count = f"{shown} of {sent}" if sent > shown else str(shown)
    return " · ".join(part for part in (f"{count} levels" if shown else "", venue, source) if part)
