"""A price ladder as it is drawn: the book gathered into rows of prices, with what was traded at each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from market.ticks import Depth, Level, Tick
from openalgo_desktop.presentation import book_reach, ladder_rows
from openalgo_desktop.presentation.book_style import BookStyle
from openalgo_desktop.presentation.depth_book import bar_scale
from openalgo_desktop.presentation.ladder_position import Inside
from openalgo_desktop.presentation.ladder_rows import Rung, ask_row, bid_row, in_ticks, rungs
from openalgo_desktop.presentation.order_size import Flicker, Mark, Usual, average_size, mark, usual
from openalgo_desktop.presentation.resting_changes import RestingChanges
from openalgo_desktop.presentation.trade_side import Print
from openalgo_desktop.presentation.traded_prices import TradedPrices

_EMPTY = Depth((), ())
_MOST_WRITTEN = 4_000


class Cell(NamedTuple):
    """One side of one row, as text; `bar` from 0 to 1. `young` is a single lot that has only just appeared."""

    quantity: str = ""
    short: str = ""
    orders: str = ""
    traded: str = ""
    change: str = ""
    average: str = ""
    cumulative: str = ""
    bar: float = 0.0
    change_sign: int = 0
    mark: Mark = Mark.NONE
    young: bool = False


class Line(NamedTuple):
    """One row: what rests, on which side, and whether the price can be reached today (`beyond` the circuits not)."""

    row: int
    price: str
    bid: Cell
    ask: Cell
    beyond: bool


NO_CELL = Cell()


class Walls(NamedTuple):
    """The rows of the circuits; None where the instrument has none."""

    lower: int | None = None
    upper: int | None = None


class LadderScene:
    """The ladder of one instrument at a time."""

    def __init__(self) -> None:
        self.begin(BookStyle())

    def begin(self, style: BookStyle) -> None:
        """Another instrument."""
        self.style = style
        self.group = 0
        self.inside: Inside | None = None
        self.last_row: int | None = None
        self.walls = Walls()
        self._tick: Tick | None = None
        self._book = _EMPTY
        self._buy: Mapping[int, Rung] = {}
        self._sell: Mapping[int, Rung] = {}
        self._scale = 1.0
        self._usual: Usual | None = None
        self._now_ms = 0.0
        self._flicker = Flicker()
        self._young: frozenset[int] = frozenset()
        self._forget_rows()
        self.traded = TradedPrices(style.tick_size)
        self.restyle(style)

    def restyle(self, style: BookStyle) -> None:
        """Write numbers in another way."""
        self.style = style
        self._prices: dict[int, str] = {}
        self._quantities: dict[float, tuple[str, str]] = {}
        self._lines: dict[int, Line] = {}

    def _forget_rows(self) -> None:
        self._buy_changes, self._sell_changes = RestingChanges(), RestingChanges()
        self._reached: dict[int, float] = {}

    @property
    def row_height_text(self) -> str:
        """What one row stands for: `0.25 a row`."""
        return f"{self.style.price(max(self.group, 1) * self.style.tick_size)} a row"

    def take(self, trades: Iterable[Print]) -> None:
        """Count trades."""
        for trade in trades:
            self.traded.add(trade)
            self._lines.clear()

    def set_group(self, group: int) -> None:
        """Gather `group` ticks in a row."""
        self.group = group
        self._prices = {}
        self._forget_rows()
        self.traded.set_group(group)
        self._gather()

    def set_book(self, tick: Tick | None, now_ms: float) -> None:
        """Take the last value; `now_ms` is monotonic."""
        self._tick, self._now_ms = tick, now_ms
        depth = tick.depth if tick is not None else None
        self._book = book = Depth(depth.buy, depth.sell) if depth is not None else _EMPTY
        if not self.group and (book.buy or book.sell):
            self.set_group(ladder_rows.first_group(book, self.style.tick_size))
        else:
            self._gather()

    def _gather(self) -> None:
        self._lines.clear()
        book, size, group = self._book, self.style.tick_size, max(self.group, 1)
        self._buy = rungs(book.buy, size, group, is_ask=False)
        self._sell = rungs(book.sell, size, group, is_ask=True)
        buy, sell = (tuple(Level(0.0, *rung) for rung in side.values()) for side in (self._buy, self._sell))
        self._scale, self._usual = bar_scale(Depth(buy, sell)), usual(Depth(buy, sell))
        self._reached = _running_totals(self._buy) | _running_totals(self._sell)
        young = self._flicker.young(book, self.style.row.lot, self._now_ms) if self._tick is not None else frozenset()
        self._young = frozenset(in_ticks(price, size) for price in young) if group == 1 else frozenset()
        self._buy_changes.watch(self._buy, self._now_ms)
        self._sell_changes.watch(self._sell, self._now_ms)
        self._find_marks(size, group)

    def _find_marks(self, size: float, group: int) -> None:
        tick, book = self._tick, self._book
        last = None if tick is None or tick.ltp is None else in_ticks(tick.ltp, size)
        bid = next(iter(self._buy), None)
        ask = next(iter(self._sell), None)
        at_offer = last is not None and bool(book.sell) and last >= in_ticks(book.sell[0].price, size)
        self.last_row = None if last is None else (ask_row if at_offer else bid_row)(last, group)
        # At a circuit only one side is left: then the row beside it counts as the other.
        bid = bid if bid is not None else None if ask is None else ask - 1
        ask = ask if ask is not None else None if bid is None else bid + 1
        if bid is not None and ask is not None:
            self.inside = Inside(bid, ask)
        else:
            self.inside = None if self.last_row is None else Inside(self.last_row, self.last_row)
        lower, upper = (None, None) if tick is None else (tick.lower_circuit, tick.upper_circuit)
        self.walls = Walls(
            None if lower is None else bid_row(in_ticks(lower, size), group),
            None if upper is None else ask_row(in_ticks(upper, size), group),
        )

    @property
    def has_young(self) -> bool:
        """Whether something is drawn faded that will not be in half a second."""
        return bool(self._young)

    @property
    def best(self) -> tuple[int | None, int | None]:
        """The rows of the best bid and the best offer that are there."""
        return next(iter(self._buy), None), next(iter(self._sell), None)

    # What is drawn

    def lines(self, top: int, count: int) -> list[Line]:
        """`count` rows from `top` downwards."""
        made, line = self._lines, self._line
        return [made.get(row) or line(row) for row in range(top, top - count, -1)]

    def _line(self, row: int) -> Line:
        bid, ask = self._buy.get(row), self._sell.get(row)
        traded = self.traded.at(row)
        found = self._lines[row] = Line(
            row,
            self.price_text(row),
            self._cell(row, bid, traded.sold, self._buy_changes.change(row, self._buy)),
            self._cell(row, ask, traded.bought, self._sell_changes.change(row, self._sell)),
            self.is_beyond(row),
        )
        return found

    def _cell(self, row: int, rung: Rung | None, traded: float, change: float | None) -> Cell:
        if rung is None and not traded and not change:
            return NO_CELL
        moved = self._signed(change) if change else ""
        swapped = self._quantity(traded)[0] if traded else ""
        sign = 0 if not change else 1 if change > 0 else -1
        if rung is None:
            return Cell(traded=swapped, change=moved, change_sign=sign)
        full, short = self._quantity(rung.quantity)
        level = Level(0.0, *rung)
        return Cell(
            full,
            short,
            self.style.count(rung.orders),
            swapped,
            moved,
            self.style.rounded(average_size(level)),
            self._quantity(self._reached[row])[0],
            min(rung.quantity / self._scale, 1.0),
            sign,
            mark(level, self._usual),
            row in self._young,
        )

    def is_beyond(self, row: int) -> bool:
        """Whether no trade is possible there: beyond a circuit, or below zero where no price is."""
        lower, upper = self.walls
        if lower is None and row <= 0:
            return self._tick is None or (self._tick.ltp or 0.0) >= 0.0
        return (lower is not None and row < lower) or (upper is not None and row > upper)

    def price_of(self, row: int) -> float:
        """The price at which a row stands."""
        return row * max(self.group, 1) * self.style.tick_size

    def price_text(self, row: int) -> str:
        """That price, written."""
        text = self._prices.get(row)
        if text is None:
            if len(self._prices) >= _MOST_WRITTEN:
                self._prices.clear()
            text = self._prices[row] = self.style.price(self.price_of(row))
        return text

    def said(self, row: int) -> str:
        """What the row means: price, what rests there and from the best price to there."""
        is_ask = self.inside is not None and row >= self.inside.ask
        levels: Sequence[Level] = self._book.sell if is_ask else self._book.buy
        group = max(self.group, 1)
        reached = ladder_rows.levels_up_to(levels, self.style.tick_size, group, row, is_ask=is_ask)
        return f"{self.price_text(row)}  {book_reach.sentence(book_reach.reach(reached), self.style)}"

    def _quantity(self, value: float) -> tuple[str, str]:
        found = self._quantities.get(value)
        if found is None:
            if len(self._quantities) >= _MOST_WRITTEN:
                self._quantities.clear()
            found = self._quantities[value] = (self.style.quantity(value), self.style.short(value))
        return found

    def _signed(self, value: float) -> str:
        text = self._quantity(abs(value))[1]
        return f"+{text}" if value > 0 else f"−{text}"


def _running_totals(side: Mapping[int, Rung]) -> dict[int, float]:
    total, totals = 0.0, {}
    for row, rung in side.items():
        total += rung.quantity
        totals[row] = total
    return totals
