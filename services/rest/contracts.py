"""Futures and options by what they are written on: which expiries and strikes there are. Pure.

Made of the whole list of instruments at once, which takes long for long lists: use a worker thread.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from market.errors import InvalidRequestError
from market.exchanges import CASH, INDICES, Exchange
from market.instruments import Instrument, InstrumentKey, InstrumentKind, OptionRight
from market.symbols import format_expiry, parse_symbol

Strikes = dict[float, dict[OptionRight, Instrument]]

# Where the options on what an exchange trades are traded.
_OPTIONS_OF = {
    Exchange.NSE: Exchange.NFO,
    Exchange.NSE_INDEX: Exchange.NFO,
    Exchange.BSE: Exchange.BFO,
    Exchange.BSE_INDEX: Exchange.BFO,
    Exchange.MCX_INDEX: Exchange.MCX,
}
# Where what an option is written on may be quoted, in the order in which it is looked for.
_QUOTED_ON = {
    Exchange.NFO: (Exchange.NSE_INDEX, Exchange.NSE),
    Exchange.BFO: (Exchange.BSE_INDEX, Exchange.BSE),
    Exchange.MCX: (Exchange.MCX_INDEX,),
}


@dataclass(slots=True)
class Family:
    """Everything on one base symbol of one exchange."""

    futures: dict[date, Instrument] = field(default_factory=dict)
    options: dict[date, Strikes] = field(default_factory=dict)


class Underlying(NamedTuple):
    """What a chain is about: its base symbol, the exchange of the options, the expiry that the symbol names."""

    base: str
    board: Exchange
    quoted: InstrumentKey | None
    expiry: date | None = None


class Contracts:
    """The derivatives among `instruments`."""

    def __init__(self, instruments: Iterable[Instrument]) -> None:
        self._families: dict[tuple[Exchange, str], Family] = {}
        self._plain: dict[InstrumentKey, Instrument] = {}
        for instrument in instruments:
            self._take(instrument)

    def family(self, board: Exchange, base: str) -> Family:
        """What there is on `base`; empty where there is nothing."""
        return self._families.get((board, base)) or Family()

    def expiries(self, board: Exchange, base: str, *, of_options: bool, since: date) -> list[date]:
        """The expiries on or after `since`, nearest first."""
        family = self.family(board, base)
        dates: Mapping[date, object] = family.options if of_options else family.futures
        return sorted(expiry for expiry in dates if expiry >= since)

    def underlying(self, symbol: str, exchange: Exchange) -> Underlying:
        """What `symbol` on `exchange` means as the underlying of options.

        A share or an index is quoted itself; a future names its expiry and is quoted itself; a plain base symbol of a
        derivatives exchange is quoted where its spot is, None where there is none (`quoted_for` finds a future).
        """
        base = symbol.strip().upper()
        if exchange in CASH or exchange in INDICES:
            return Underlying(base, _OPTIONS_OF.get(exchange, exchange), InstrumentKey(exchange, base))
        try:
            parsed = parse_symbol(exchange, base)
        except InvalidRequestError:
            return Underlying(base, exchange, self._spot(exchange, base))
        if parsed.kind is InstrumentKind.FUTURE:
            return Underlying(parsed.base, exchange, InstrumentKey(exchange, base), parsed.expiry)
        return Underlying(parsed.base, exchange, self._spot(exchange, parsed.base))

    def quoted_for(self, underlying: Underlying, expiry: date) -> InstrumentKey | None:
        """Whose price the options that expire on `expiry` follow: the spot, else the future that outlives them."""
        if underlying.quoted is not None:
            return underlying.quoted
        futures = self.family(underlying.board, underlying.base).futures
        living = sorted(day for day in futures if day >= expiry)
        return futures[living[0]].key if living else None

    def _spot(self, board: Exchange, base: str) -> InstrumentKey | None:
        keys = [InstrumentKey(exchange, base) for exchange in _QUOTED_ON.get(board, (board,))]
        keys += [
            leg.underlying
            for strikes in self.family(board, base).options.values()
            for pair in list(strikes.values())[:1]
            for leg in list(pair.values())[:1]
            if leg.underlying is not None
        ]
        return next((key for key in keys if key in self._plain), None)

    def _take(self, instrument: Instrument) -> None:
        expiry, board = instrument.expiry, instrument.key.exchange
        if expiry is None:
            self._plain[instrument.key] = instrument
            return
        base, found, _ = instrument.key.symbol.partition(format_expiry(expiry))
        if not found:
            return
        family = self._families.get((board, base))
        if family is None:
            family = self._families[board, base] = Family()
        if instrument.right is not None and instrument.strike is not None:
            strikes = family.options.setdefault(expiry, {})
            strikes.setdefault(float(instrument.strike), {})[instrument.right] = instrument
        else:
            family.futures[expiry] = instrument
