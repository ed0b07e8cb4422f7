"""Prices that cannot be true: recognised, counted and shown as doubtful, but never hidden."""

from __future__ import annotations

from enum import StrEnum
from math import isfinite

from market.exchanges import Exchange
from market.instruments import InstrumentKey

MAX_JUMP = 0.20
JUMP_WINDOW_MS = 1000.0

# Commodity futures have settled below zero (crude oil, April 2020); nothing else here can.
MAY_BE_NEGATIVE = frozenset({Exchange.MCX, Exchange.NCDEX, Exchange.NCO})


class PriceFlag(StrEnum):
    """Why a last price is in doubt."""

    MISSING = "missing"
    NOT_A_NUMBER = "not_a_number"
    NOT_POSITIVE = "not_positive"
    JUMP = "jump"


def doubt(key: InstrumentKey, price: float | None, previous: float | None, gap_ms: float) -> PriceFlag | None:
    """Return why `price` of `key` cannot be true, or None.

    `previous` is the price before it, `gap_ms` the time between the two: more than 20 % within one second is a jump.
    """
    if price is None:
        return PriceFlag.MISSING
    if not isfinite(price):
        return PriceFlag.NOT_A_NUMBER
    if price <= 0 and key.exchange not in MAY_BE_NEGATIVE:
        return PriceFlag.NOT_POSITIVE
    if previous and gap_ms <= JUMP_WINDOW_MS and abs(price - previous) > MAX_JUMP * abs(previous):
        return PriceFlag.JUMP
    return None
