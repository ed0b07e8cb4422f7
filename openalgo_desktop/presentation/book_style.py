"""How the numbers of one order book are written: digits, grouping, and quantities in units or in lots."""

from __future__ import annotations

from dataclasses import dataclass, field

from market.instruments import Instrument
from openalgo_desktop.presentation import formats
from openalgo_desktop.presentation.columns import RowStyle
from openalgo_desktop.presentation.formats import NumberStyle


@dataclass(frozen=True, slots=True)
class BookStyle:
    """`in_lots` counts only where a lot is more than one unit; `tick_size` is the distance of two prices."""

    row: RowStyle = field(default_factory=RowStyle)
    tick_size: float = 0.05
    in_lots: bool = False

    @property
    def has_lots(self) -> bool:
        """Whether a lot of this instrument is more than one unit."""
        return (self.row.lot or 1.0) > 1.0

    def price(self, value: float | None) -> str:
        """A price with the digits of its instrument."""
        return formats.price(value, self.row.decimals, style=self.row.numbers)

    def quantity(self, value: float | None) -> str:
        """A quantity in full, in units or in lots."""
        return formats.quantity(self._counted(value), style=self.row.numbers)

    def rounded(self, value: float | None) -> str:
        """A quantity that need not be whole, as an average is: without fractions from ten on."""
        counted = self._counted(value)
        if counted is None:
            return formats.UNKNOWN
        digits = 0 if abs(counted) >= 10 else 1 if (self.row.lot or 1.0) >= 1.0 else 4
        return formats.quantity(round(counted, digits), style=self.row.numbers)

    def short(self, value: float | None) -> str:
        """A large quantity, short: `1.23 L`."""
        counted = self._counted(value)
        if counted is not None and counted != int(counted) and abs(counted) < 1000:
            counted = round(counted, 3)
        return formats.abbreviated(counted, style=self.row.numbers)

    def count(self, orders: float) -> str:
        """A number of orders; unknown, not zero, where the exchange does not count them."""
        return formats.quantity(orders, style=self.row.numbers) if orders else formats.UNKNOWN

    def _counted(self, value: float | None) -> float | None:
        lot = self.row.lot
        if value is None or not self.in_lots or not self.has_lots or lot is None:
            return value
        lots = value / lot
        return round(lots, 1) if lots != int(lots) else lots


def style_of(instrument: Instrument | None, numbers: NumberStyle, *, in_lots: bool) -> BookStyle:
    """The style of a book of `instrument`; the usual one while its contract is not known."""
    if instrument is None:
        return BookStyle(RowStyle(numbers=numbers), in_lots=in_lots)
    row = RowStyle(instrument.decimals, numbers, instrument.lot, instrument.expiry)
    return BookStyle(row, instrument.tick_size, in_lots)
