"""What can be watched: the key of an instrument and its contract details.

Everything is keyed by (exchange, symbol): a broker's token is unique only together with its exchange,
and keying by token alone has shown users the price of another instrument.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from market.exchanges import Exchange


class InstrumentKey(NamedTuple):
    """The name of an instrument in the OpenAlgo symbol standard: exchange code and symbol, upper case."""

    exchange: Exchange
    symbol: str

    def __str__(self) -> str:
        return f"{self.exchange}:{self.symbol}"


class InstrumentKind(StrEnum):
    """The segment an instrument belongs to, in the order in which searches rank them."""

    INDEX = "index"
    EQUITY = "equity"
    FUTURE = "future"
    OPTION = "option"
    SPOT = "spot"
    PERPETUAL = "perpetual"


class OptionRight(StrEnum):
    """Call or put."""

    CALL = "CE"
    PUT = "PE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """Contract details of one instrument.

    Prices are in the instrument's currency (rupees, never paise); `lot` is in units of the underlying;
    `broker_symbol` and `token` are the source's own names, meaningful only together with `source`.
    """

    key: InstrumentKey
    kind: InstrumentKind
    name: str = ""
    tick_size: float = 0.05
    lot: float = 1
    expiry: date | None = None
    strike: float | None = None
    right: OptionRight | None = None
    underlying: InstrumentKey | None = None
    token: str = ""
    broker_symbol: str = ""
    source: str = ""

    @property
    def decimals(self) -> int:
        """Digits after the point that a price of this instrument is shown with; from the tick size."""
        return decimals_of(self.tick_size)


def decimals_of(tick_size: float, *, least: int = 2, most: int = 8) -> int:
    """Digits after the point that `tick_size` needs, between `least` and `most`."""
    text = f"{tick_size:.{most}f}".rstrip("0")
    return max(least, len(text.partition(".")[2]))
