"""Binance's `exchangeInfo` → instruments. Pure; several megabytes, so decode it in a worker thread."""

from __future__ import annotations

import re
from collections import Counter

import msgspec

from adapters.masters import Master, sound
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


def is_plausible(symbol: str) -> bool:
    """Whether `symbol` has the form of a Binance symbol."""
    return _PLAUSIBLE.fullmatch(symbol) is not None


def parse(body: bytes) -> Master:
    """Return what `GET /api/v3/exchangeInfo` lists and trades.

    Raises:
        DecodeError: `body` is not an exchangeInfo.
    """
    try:
        rows = _DECODER.decode(body).symbols
    except (msgspec.MsgspecError, ValueError, RecursionError) as exc:
        raise DecodeError(f"Not an exchangeInfo: {exc}", body) from exc
    skipped: Counter[str] = Counter()
    found = [_instrument(row) for row in rows if _is_traded(row, skipped)]
    return Master(sound(found, skipped), skipped)


def _is_traded(row: _Symbol, skipped: Counter[str]) -> bool:
    if not row.isSpotTradingAllowed:
        skipped["it is not traded on spot"] += 1
    elif row.status != "TRADING":
        skipped["it does not trade at the moment"] += 1
    else:
        return True
    return False


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
