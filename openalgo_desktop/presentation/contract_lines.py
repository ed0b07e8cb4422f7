"""The contracts on something, as a find is unfolded: its expiries, then the strikes of one of them near the spot."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey, InstrumentKind, OptionRight
from openalgo_desktop.presentation import formats

EACH_SIDE = 15
"""Strikes that are shown below and above the one nearest to the spot."""

_BOARDS = {
    Exchange.NSE: Exchange.NFO,
    Exchange.NSE_INDEX: Exchange.NFO,
    Exchange.BSE: Exchange.BFO,
    Exchange.BSE_INDEX: Exchange.BFO,
    Exchange.MCX_INDEX: Exchange.MCX,
}


class ExpiryLine(NamedTuple):
    """One expiry: its future, if there is one, and how many strikes it has."""

    expiry: date
    future: Instrument | None
    strikes: int
    first: Instrument

    def details(self, today: date) -> str:
        """What there is, and how long it lives."""
        days = (self.expiry - today).days
        lives = {0: "today", 1: "tomorrow"}.get(days, f"{days} days")
        parts = ["future"] if self.future is not None else []
        parts += [f"{self.strikes} strike{'' if self.strikes == 1 else 's'}"] if self.strikes else []
        parts += [f"lot {formats.quantity(self.first.lot)}"] if self.first.lot != 1 else []
        return " · ".join((*parts, lives))


def board_of(instrument: Instrument, base: str) -> tuple[Exchange, str]:
    """Where the contracts on `instrument` trade, and on which base symbol; `base` is that of a contract itself."""
    if instrument.kind in (InstrumentKind.FUTURE, InstrumentKind.OPTION):
        return instrument.key.exchange, base
    return _BOARDS.get(instrument.key.exchange, instrument.key.exchange), instrument.key.symbol


def expiry_lines(contracts: Iterable[Instrument], today: date) -> list[ExpiryLine]:
    """Return the expiries of `contracts` that have not passed, nearest first."""
    by_day: dict[date, list[Instrument]] = {}
    for each in contracts:
        if each.expiry is not None and each.expiry >= today:
            by_day.setdefault(each.expiry, []).append(each)
    lines = []
    for day, members in sorted(by_day.items()):
        future = next((each for each in members if each.kind is InstrumentKind.FUTURE), None)
        strikes = {each.strike for each in members if each.strike is not None}
        lines.append(ExpiryLine(day, future, len(strikes), future or members[0]))
    return lines


def near_strikes(
    contracts: Iterable[Instrument], expiry: date, spot: float | None
) -> tuple[list[Instrument], InstrumentKey | None]:
    """Return the future and the options of `expiry` by strike, and which of them is the call nearest to `spot`.

    Without a spot price the middle of the chain takes its place.
    """
    members = [each for each in contracts if each.expiry == expiry]
    options = [each for each in members if each.strike is not None]
    strikes = sorted({each.strike for each in options if each.strike is not None})
    found = [each for each in members if each.kind is InstrumentKind.FUTURE]
    if not strikes:
        return found, found[0].key if found else None
    centre = _nearest(strikes, spot)
    shown = set(strikes[max(centre - EACH_SIDE, 0) : centre + EACH_SIDE + 1])
    near = [each for each in options if each.strike in shown]
    near.sort(key=lambda each: (each.strike or 0.0, each.right is not OptionRight.CALL))
    at = next((each.key for each in near if each.strike == strikes[centre]), None)
    return found + near, at


def _nearest(strikes: Sequence[float], spot: float | None) -> int:
    if spot is None:
        return len(strikes) // 2
    above = bisect_left(strikes, spot)
    around = [at for at in (above - 1, above) if 0 <= at < len(strikes)]
    return min(around, key=lambda at: abs(strikes[at] - spot))
