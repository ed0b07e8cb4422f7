"""One instrument's day: trades, quotes, volume and open interest around its fair price."""

from __future__ import annotations

from math import ceil
from random import Random

from adapters.simulated.book import Book, Scale, Shape
from adapters.simulated.listing import Listing
from adapters.simulated.spot import Spot
from market.instruments import InstrumentKey
from market.modes import Mode
from market.ticks import Depth, Tick

_new_tick = tuple.__new__
# Highest price of an instrument without circuits, in ticks.
_NO_LIMIT = 1 << 40
# An option's upper circuit lies this part of its underlying's price above the previous close.
_OPTION_REACH = 0.10
_RESTING_PER_LEVEL = 500


class Walk:
    """The market in one instrument. Prices are whole numbers of ticks inside, and on a tick outside.

    `step` is one trade; `tick` shows what is known after it. Chance comes from `random`, shared by all walks.
    """

    def __init__(self, listing: Listing, spot: Spot, now_ms: float, random: Random) -> None:
        self.listing = listing
        self.spot = spot
        self._random = random
        self._bits = random.getrandbits
        self._fair = listing.pricing.price
        tick, lot = listing.tick, listing.instrument.lot
        is_whole = float(lot).is_integer()
        self.scale = Scale(
            tick.numerator, tick.denominator, int(lot) if is_whole else 0, 1 if is_whole else round(1 / lot)
        )
        self._ticks_per_unit = tick.denominator / tick.numerator
        self._trades = listing.daily_lots > 0
        # A trade is of some eighths of this many lots.
        self._typical = max(4, listing.daily_lots // int(20_000 * listing.rate + 1))
        self._shape = Shape(listing.depth_levels, listing.counts_orders)
        # What rests in the whole book, more than in the levels that are shown.
        self._resting = max(4096, listing.daily_lots // 20, _RESTING_PER_LEVEL * listing.depth_levels)
        self._oi = listing.open_interest
        self._book: Book | None = None
        self._begin(now_ms)

    @property
    def last(self) -> float:
        """The last price."""
        return self.scale.price(self._last)

    @property
    def keeps_book(self) -> bool:
        """Whether the order book is being kept: it costs as much as everything else."""
        return self._book is not None

    def step(self, now_ms: float) -> None:
        """One trade at `now_ms`, at the bid, at the offer or between them."""
        fair = self._fair(self.spot.at(now_ms), now_ms) * self._ticks_per_unit
        self._traded_ms = int(now_ms)
        if not self._trades:
            self._trade(round(fair))
            return
        bits = self._sizes = self._bits(24)
        gap, spread = self._gap, self._spread
        bid = int(fair - 0.5 * spread) // gap * gap
        if bid > self._highest_bid:
            bid = self._highest_bid
        elif bid < self._lowest_bid:
            bid = self._lowest_bid
        self._bid = bid
        last = bid + (spread * (bits & 7) + 3) // 7
        self._trade(last)
        self._last_lots = lots = 1 + (bits >> 3 & 7) * self._typical // 8
        self._volume += lots
        self._turnover += lots * last
        if self._oi is not None and not bits & 0x3000:
            self._oi += lots if bits & 0x4000 or self._oi < lots else -lots
        if self._book is not None:
            self._book.move(bid, bid + spread)

    def tick(self, key: InstrumentKey, mode: Mode, now_ms: float, source: str) -> Tick:
        """Everything that `mode` shows, as it stands at `now_ms`."""
        tick, per_tick, lot, parts = self.scale
        last, now = self._last * tick / per_tick, int(now_ms)
        if not self._trades:
            if mode is Mode.LTP:
                return Tick(key, now_ms, source, last, now, self._traded_ms)
            day = self._open, self._high_price, self._low_price, self.previous_close
            return Tick(key, now_ms, source, last, now, self._traded_ms, None, *day)
        volume = self._volume * lot if lot else self._volume / parts
        if mode is Mode.LTP:
            return Tick(key, now_ms, source, last, now, self._traded_ms, volume)
        bits, bid, resting = self._sizes, self._bid, self._resting
        depth: Depth | None = None
        bid_lots, ask_lots, oi = 1 + (bits >> 4 & 127), 1 + (bits >> 11 & 127), self._oi
        bid_size, ask_size = (bid_lots * lot, ask_lots * lot) if lot else (bid_lots / parts, ask_lots / parts)
        if mode is Mode.DEPTH:
            depth = self._depth(now)
            bid_size, ask_size = depth.buy[0].quantity, depth.sell[0].quantity
        return _new_tick(Tick, (
            key, now_ms, source, last, now, self._traded_ms, volume,
            self._open, self._high_price, self._low_price, self.previous_close,
            self._last_lots * lot if lot else self._last_lots / parts,
            # The volume-weighted price need not be on a tick.
            round(self._turnover / self._volume * tick / per_tick, 4) if self._volume else None,
            None if oi is None else oi * lot if lot else oi / parts,
            (resting + (bits & 0xFFF)) * lot if lot else (resting + (bits & 0xFFF)) / parts,
            (resting + (bits >> 12)) * lot if lot else (resting + (bits >> 12)) / parts,
            bid * tick / per_tick, (bid + self._spread) * tick / per_tick, bid_size, ask_size,
            self._lower_circuit, self._upper_circuit, self._rolling, depth, None,
        ))  # fmt: skip

    def on_tick(self, price: float) -> float:
        """The price on a tick that is nearest to `price`, at least one tick; circuits of other days are unknown."""
        return self.scale.price(max(1, self._ticks(price)))

    def roll(self, now_ms: float) -> None:
        """Begin a new session, after its spot did."""
        self._begin(now_ms)

    def forget_book(self) -> None:
        """Nobody wants depth any more."""
        self._book = None

    def _begin(self, now_ms: float) -> None:
        spot, fair = self.spot, self._fair
        start, now = spot.window.start_ms, min(now_ms, spot.window.end_ms)
        self.session_start_ms = start
        self.previous_close = self.on_tick(fair(spot.previous_close, spot.previous_end_ms))
        self._set_circuits()
        opening = self._clamp(fair(spot.day_open, start))
        self._last = self._clamp(fair(spot.value, now))
        extremes = (spot.day_high, spot.day_low)
        self._high = max(opening, self._last, *(self._clamp(fair(extreme, start)) for extreme in extremes))
        self._low = min(opening, self._last, *(self._clamp(fair(extreme, now)) for extreme in extremes))
        self._open, self._high_price, self._low_price = map(self.scale.price, (opening, self._high, self._low))
        self._volume = int(self.listing.daily_lots * spot.day_share)
        self._turnover = self._volume * (opening + self._high + self._low + self._last) // 4
        self._last_lots = 1
        self._traded_ms = int(now)
        self._sizes = self._bits(24)
        self._rolling = self.listing.rolling_24h or None
        self._quote_around(self._last)

    def _quote_around(self, last: int) -> None:
        """Set the spread and the distance of the levels for the day, and the first quote."""
        self._book = None
        spread = int(last * self.listing.spread) or 1
        self._gap = gap = max(1, spread // 2)
        self._spread = spread = spread // gap * gap
        self._lowest_bid = -(-self._lowest // gap) * gap
        self._highest_bid = (self._highest - spread) // gap * gap
        self._bid = max(self._lowest_bid, min(last // gap * gap, self._highest_bid))

    def _set_circuits(self) -> None:
        limit, close = self.listing.limit, self.previous_close
        if limit is not None:
            self._lowest = max(1, ceil(close * (1.0 - limit) * self._ticks_per_unit))
            self._highest = int(close * (1.0 + limit) * self._ticks_per_unit)
        elif self.listing.instrument.strike is not None:
            self._lowest, self._highest = 1, self._ticks(close + _OPTION_REACH * self.spot.previous_close)
        else:
            self._lowest, self._highest = 1, _NO_LIMIT
        is_limited = self._highest < _NO_LIMIT
        self._lower_circuit = self.scale.price(self._lowest) if is_limited else None
        self._upper_circuit = self.scale.price(self._highest) if is_limited else None

    def _trade(self, ticks: int) -> None:
        self._last = ticks
        if ticks > self._high:
            self._high = ticks
            self._high_price = self.scale.price(ticks)
        elif ticks < self._low:
            self._low = ticks
            self._low_price = self.scale.price(ticks)

    def _ticks(self, price: float) -> int:
        return round(price * self._ticks_per_unit)

    def _clamp(self, price: float) -> int:
        return max(self._lowest, min(self._highest, self._ticks(price)))

    def _depth(self, timestamp: int) -> Depth:
        if self._book is None:
            self._book = Book(self._gap, self._lowest, self._highest, self.scale, self._shape, self._random)
            self._book.move(self._bid, self._bid + self._spread)
        return self._book.depth(timestamp)
