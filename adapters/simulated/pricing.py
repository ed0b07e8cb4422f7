"""What an instrument is worth when its underlying stands at a price: parity, carry, Black-Scholes."""

from __future__ import annotations

from dataclasses import dataclass
from math import erf, log, sqrt
from typing import Protocol

YEAR_MS = 365 * 24 * 3_600_000.0
_ROOT_HALF = sqrt(0.5)
# Sessions can be forced open past an expiry: on its evening an option still has an hour to live, and moves.
_LEAST_LEFT_MS = 3_600_000.0


class Pricing(Protocol):
    """The fair price of an instrument as a function of its underlying's price and the time."""

    def price(self, spot: float, at_ms: float) -> float:
        """The fair price, in the instrument's currency, not yet on a tick."""


@dataclass(frozen=True, slots=True)
class Parity:
    """The underlying itself, or another listing of it."""

    def price(self, spot: float, at_ms: float) -> float:
        return spot


@dataclass(frozen=True, slots=True)
class Carry:
    """A future: spot plus the cost of carrying it to `expiry_ms`, at `rate` a year."""

    expiry_ms: float
    rate: float = 0.065

    def price(self, spot: float, at_ms: float) -> float:
        return spot * (1.0 + self.rate * max(0.0, self.expiry_ms - at_ms) / YEAR_MS)


@dataclass(frozen=True, slots=True)
class BlackScholes:
    """A European option without interest: falls with time, so a day's extremes follow from the underlying's.

    `volatility` is a year's; strikes away from the money are given more of it by the universe.
    """

    strike: float
    is_call: bool
    volatility: float
    expiry_ms: float

    def price(self, spot: float, at_ms: float) -> float:
        strike = self.strike
        spread = self.volatility * sqrt(max(_LEAST_LEFT_MS, self.expiry_ms - at_ms) / YEAR_MS)
        d1 = log(spot / strike) / spread + 0.5 * spread
        call = 0.5 * (spot * (1.0 + erf(d1 * _ROOT_HALF)) - strike * (1.0 + erf((d1 - spread) * _ROOT_HALF)))
        return call if self.is_call else call - spot + strike
