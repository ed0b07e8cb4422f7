"""Binance's USD-M futures (`GET /fapi/v1/exchangeInfo`) → instruments under OpenAlgo's names. Pure.

The perpetual `BTCUSDT` is BTCUSDTFUT, because BTCUSDT is the pair on spot; `BTCUSDT_260327` is BTCUSDT27MAR26FUT.
Sizes are in coins.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime

import msgspec

from adapters.binance_futures.wire import SOURCE
from adapters.contract_names import contract
from adapters.masters import Master, sound
from market.errors import DecodeError
from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey, InstrumentKind

_PERPETUAL = frozenset({"PERPETUAL", "TRADIFI_PERPETUAL"})
_DATED = frozenset({"CURRENT_QUARTER", "NEXT_QUARTER", "CURRENT_MONTH", "NEXT_MONTH"})


class _Filter(msgspec.Struct):
    filterType: str
    tickSize: str = ""
    stepSize: str = ""


class _Row(msgspec.Struct):
    symbol: str
    baseAsset: str
    quoteAsset: str
    contractType: str = ""
    status: str = ""
    deliveryDate: int = 0
    filters: list[_Filter] = []


class _Answer(msgspec.Struct):
    symbols: list[_Row]


_DECODER = msgspec.json.Decoder(_Answer)


def parse(body: bytes) -> Master:
    """Return what the answer lists.

    Raises:
        DecodeError: it is no list of instruments.
    """
    try:
        rows = _DECODER.decode(body).symbols
    except (msgspec.MsgspecError, ValueError, RecursionError) as exc:
        raise DecodeError("Not a list of instruments of Binance futures", body) from exc
    skipped: Counter[str] = Counter()
    found = [each for row in rows if (each := _instrument(row, skipped)) is not None]
    return Master(sound(found, skipped), skipped)


def _instrument(row: _Row, skipped: Counter[str]) -> Instrument | None:
    if row.status != "TRADING":
        skipped[f"it is {row.status.lower() or 'not trading'}"] += 1
        return None
    if row.contractType not in _PERPETUAL | _DATED:
        skipped[f"a contract of the kind {row.contractType or 'nothing'}"] += 1
        return None
    try:
        return _named(row)
    except (ValueError, KeyError, OverflowError, OSError):
        skipped["a name, a number or a date cannot be read"] += 1
        return None


def _named(row: _Row) -> Instrument:
    filters = {each.filterType: each for each in row.filters}
    pair = InstrumentKey(Exchange.CRYPTO, f"{row.baseAsset}{row.quoteAsset}")
    expiry: date | None = None
    if row.contractType in _PERPETUAL:
        key, kind = InstrumentKey(Exchange.CRYPTO, f"{pair.symbol}FUT"), InstrumentKind.PERPETUAL
    else:
        day = datetime.fromtimestamp(row.deliveryDate / 1000.0, UTC).date()
        key, kind, expiry = contract(Exchange.CRYPTO, pair.symbol, day)
    return Instrument(
        key=key,
        kind=kind,
        name=f"{row.baseAsset} / {row.quoteAsset}",
        tick_size=float(filters["PRICE_FILTER"].tickSize),
        lot=float(filters["LOT_SIZE"].stepSize),
        expiry=expiry,
        underlying=pair if expiry is not None else None,
        token=row.symbol,
        broker_symbol=row.symbol,
        source=SOURCE,
    )
