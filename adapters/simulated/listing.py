"""One instrument of the simulated market: its contract, and the numbers that make its prices move."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from adapters.simulated.pricing import Pricing
from market.instruments import Instrument, InstrumentKey
from market.sessions import MINUTE_MS, midnight_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """A price that everything else follows: a share, an index, a commodity, a currency, a coin.

    `volatility` is a year's, as a fraction; the price stays within `band` (a fraction) of the previous close.
    """

    key: InstrumentKey
    previous_close: float
    volatility: float
    band: float = 0.06


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """An instrument and its market. `rate` is in ticks a second, `daily_lots` what trades on a day.

    An index has no volume: `daily_lots` is 0. `open_interest` is in lots, None where there is none. `spread` is a
    fraction of the price, `limit` the circuit as a fraction of the previous close, None where there is none.
    `depth_levels` are those of each side of its book; `counts_orders` says whether they come with order counts.
    """

    instrument: Instrument
    root: Root
    pricing: Pricing
    rate: float = 1.0
    daily_lots: int = 0
    open_interest: int | None = None
    spread: float = 0.0
    limit: float | None = 0.10
    rolling_24h: bool = False
    depth_levels: int = 5
    counts_orders: bool = True

    @property
    def tick(self) -> Fraction:
        """The tick size, exactly: a price is a whole number of it."""
        return exact(self.instrument.tick_size)


def exact(number: float) -> Fraction:
    """`number` as the fraction that its shortest decimal text means: 0.05 is 1/20."""
    return Fraction(str(number))


def expiry_ms(ordinal: int, *, hour: int = 15, minute: int = 30) -> int:
    """The moment at which a contract of that day expires, in ms since 1970 UTC."""
    return midnight_ms(ordinal) + (hour * 60 + minute) * MINUTE_MS
