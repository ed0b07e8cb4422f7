"""What an option's price says: implied volatility and greeks by Black's formula of 1976. Pure.

The forward is what is priced, as in OpenAlgo: a future's price, a synthetic future, or spot where interest is left out.
Volatility and rates are fractions a year (0.12 is 12 %), times are in years.
"""

from __future__ import annotations

from math import erfc, exp, inf, isfinite, log, pi, sqrt
from typing import NamedTuple

_ROOT_2 = sqrt(2.0)
_ROOT_2_PI = sqrt(2.0 * pi)
_MOST_VOLATILITY = 50.0
_STEPS = 100
DAYS_A_YEAR = 365.0


class Greeks(NamedTuple):
    """How the price moves: with the forward (twice), a day, a percent of volatility, a percent of interest."""

    delta: float
    gamma: float
    theta: float
    vega: float
    rho: float


class Contract(NamedTuple):
    """A European option on a forward. `years` to expiry must be positive, as must `forward` and `strike`."""

    forward: float
    strike: float
    years: float
    rate: float
    is_call: bool

    @property
    def discount(self) -> float:
        """What one unit at expiry is worth now."""
        return exp(-self.rate * self.years)

    @property
    def intrinsic(self) -> float:
        """What it is worth without any volatility: no price is below that."""
        difference = self.forward - self.strike if self.is_call else self.strike - self.forward
        return self.discount * max(0.0, difference)

    @property
    def ceiling(self) -> float:
        """What it is worth at endless volatility: no price is above that."""
        return self.discount * (self.forward if self.is_call else self.strike)


def price(contract: Contract, volatility: float) -> float:
    """The fair price at `volatility`."""
    forward, strike, years, _, is_call = contract
    spread = volatility * sqrt(years)
    if spread <= 0.0:
        return contract.intrinsic
    d1 = log(forward / strike) / spread + 0.5 * spread
    d2 = d1 - spread
    if is_call:
        return contract.discount * (forward * _below(d1) - strike * _below(d2))
    return contract.discount * (strike * _below(-d2) - forward * _below(-d1))


def implied_volatility(contract: Contract, paid: float) -> float | None:
    """The volatility at which the option costs `paid`, or None where no volatility explains the price.

    Newton's method inside a bracket that bisection keeps: it cannot leave it, and always ends.
    """
    if not isfinite(paid) or not contract.intrinsic < paid < contract.ceiling:
        return None
    low, high = 0.0, _MOST_VOLATILITY
    if price(contract, high) < paid:
        return None
    guess = min(max(_ROOT_2_PI / sqrt(contract.years) * paid / contract.forward, 0.05), 2.0)
    for _ in range(_STEPS):
        miss = price(contract, guess) - paid
        low, high = (low, guess) if miss > 0.0 else (guess, high)
        slope = _slope(contract, guess)
        step = miss / slope if slope > 0.0 else inf
        following = guess - step
        if not low < following < high:
            following = 0.5 * (low + high)
        if abs(following - guess) <= 1e-12 * guess:
            break
        guess = following
    return guess


def greeks(contract: Contract, volatility: float) -> Greeks:
    """The greeks at `volatility`, which must be positive: theta a day, vega and rho for one percent."""
    forward, strike, years, rate, is_call = contract
    root, discount = sqrt(years), contract.discount
    d1 = log(forward / strike) / (volatility * root) + 0.5 * volatility * root
    density, worth = _density(d1), price(contract, volatility)
    return Greeks(
        delta=discount * (_below(d1) if is_call else -_below(-d1)),
        gamma=discount * density / (forward * volatility * root),
        theta=(rate * worth - discount * forward * density * volatility / (2.0 * root)) / DAYS_A_YEAR,
        vega=discount * forward * density * root / 100.0,
        rho=-years * worth / 100.0,
    )


def _slope(contract: Contract, volatility: float) -> float:
    """How the price moves with volatility (1 is 100 %)."""
    root = sqrt(contract.years)
    d1 = log(contract.forward / contract.strike) / (volatility * root) + 0.5 * volatility * root
    return contract.discount * contract.forward * _density(d1) * root


def _below(x: float) -> float:
    """The share of the normal distribution below `x`; erfc keeps what is left of it far out."""
    return 0.5 * erfc(-x / _ROOT_2)


def _density(x: float) -> float:
    return exp(-0.5 * x * x) / _ROOT_2_PI
