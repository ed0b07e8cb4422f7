"""Names of futures and options under the OpenAlgo standard, and of what they are written on. Pure; for all masters."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from market.exchanges import Exchange
from market.instruments import InstrumentKey, InstrumentKind, OptionRight
from market.symbols import format_expiry, format_strike

_INDEX_BASES = {
    "NIFTY": Exchange.NSE_INDEX,
    "BANKNIFTY": Exchange.NSE_INDEX,
    "FINNIFTY": Exchange.NSE_INDEX,
    "MIDCPNIFTY": Exchange.NSE_INDEX,
    "NIFTYNXT50": Exchange.NSE_INDEX,
    "SENSEX": Exchange.BSE_INDEX,
    "BANKEX": Exchange.BSE_INDEX,
    "SENSEX50": Exchange.BSE_INDEX,
}
_CASH_OF = {Exchange.NFO: Exchange.NSE, Exchange.BFO: Exchange.BSE}


class ContractName(NamedTuple):
    """The key of a contract and the parts it was made from."""

    key: InstrumentKey
    kind: InstrumentKind
    expiry: date


def contract(
    exchange: Exchange, base: str, expiry: date, strike: float | None = None, right: OptionRight | None = None
) -> ContractName:
    """Return the name of the future on `base`, or of the option where there is a `right`.

    Raises:
        ValueError: an option without a strike above zero.
    """
    stem = f"{base}{format_expiry(expiry)}"
    if right is None:
        return ContractName(InstrumentKey(exchange, f"{stem}FUT"), InstrumentKind.FUTURE, expiry)
    if not strike or strike < 0.0:
        raise ValueError("an option needs a strike")
    symbol = f"{stem}{format_strike(strike)}{right.value}"
    return ContractName(InstrumentKey(exchange, symbol), InstrumentKind.OPTION, expiry)


def underlying_of(exchange: Exchange, base: str) -> InstrumentKey | None:
    """Return what a contract on `base` is written on, where that is quoted (an index or a share), else None."""
    index = _INDEX_BASES.get(base)
    if index is not None and exchange in _CASH_OF:
        return InstrumentKey(index, base)
    cash = _CASH_OF.get(exchange)
    return InstrumentKey(cash, base) if cash is not None else None
