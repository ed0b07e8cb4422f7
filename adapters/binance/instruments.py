"""Binance's `exchangeInfo` → instruments. Pure; several megabytes, so decode it in a worker thread."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from market.errors import DecodeError
from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey, InstrumentKind

SOURCE = "binance"
_PLAUSIBLE = re.compile(r"[A-Z0-9]{2,20}")
_STEP_WHERE_UNKNOWN = 1e-8


class _Filter(msgspec.Struct):
    filterType: str
    tickSize: float = 0.0
    stepSize: float = 0.0


class _Symbol(msgspec.Struct):
    symbol: str
    status: str = ""
    baseAsset: str = ""
    quoteAsset: str = ""
    isSpotTradingAllowed: bool = True
    filters: list[_Filter] = []


class _ExchangeInfo(msgspec.Struct):
    symbols: list[_Symbol]


_DECODER = msgspec.json.Decoder(_ExchangeInfo, strict=False)


@dataclass(frozen=True, slots=True)
class Listing:
    """What trades on Binance spot: the instruments by symbol, and the symbols that are listed but do not trade now."""

    instruments: Mapping[str, Instrument] = field(default_factory=dict)
    halted: frozenset[str] = frozenset()

    def __len__(self) -> int:
        return len(self.instruments) + len(self.halted)

    def why_not(self, symbol: str) -> str | None:
        """None if `symbol` trades, else a sentence."""
        if symbol in self.instruments:
            return None
        if symbol in self.halted:
            return f"{symbol} does not trade on Binance spot at the moment"
        return f"Binance spot has no symbol {symbol}"


def is_plausible(symbol: str) -> bool:
    """Whether `symbol` has the form of a Binance symbol."""
    return _PLAUSIBLE.fullmatch(symbol) is not None


def decode_listing(body: bytes) -> Listing:
    """Return what `GET /api/v3/exchangeInfo` lists. Symbols that cannot be typed as one are left out.

    Raises:
        DecodeError: `body` is not an exchangeInfo.
    """
    try:
        rows = _DECODER.decode(body).symbols
    except (msgspec.MsgspecError, ValueError, RecursionError) as exc:
        raise DecodeError(f"Not an exchangeInfo: {exc}", body) from exc
    known = [row for row in rows if row.isSpotTradingAllowed and is_plausible(row.symbol)]
    trading = {row.symbol: _instrument(row) for row in known if row.status == "TRADING"}
    return Listing(trading, frozenset(row.symbol for row in known if row.status != "TRADING"))


def _instrument(row: _Symbol) -> Instrument:
    filters = {found.filterType: found for found in row.filters}
    price, lot = filters.get("PRICE_FILTER"), filters.get("LOT_SIZE")
    return Instrument(
        key=InstrumentKey(Exchange.CRYPTO, row.symbol),
        kind=InstrumentKind.SPOT,
        name=f"{row.baseAsset} / {row.quoteAsset}",
        tick_size=(price.tickSize if price else 0.0) or _STEP_WHERE_UNKNOWN,
        lot=(lot.stepSize if lot else 0.0) or _STEP_WHERE_UNKNOWN,
        token=row.symbol,
        broker_symbol=row.symbol,
        source=SOURCE,
    )
