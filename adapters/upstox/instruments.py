"""Upstox's instrument list (JSON, a new one every morning) → instruments under OpenAlgo's names. Pure; run in a worker.

One row per instrument: segment, instrument_type (FUT, CE, PE, INDEX; of shares the series on NSE and the group on BSE),
trading_symbol, instrument_key, tick_size in paise, expiry in ms since 1970 UTC within the last day in India, strike in
rupees. Source: Upstox developer documentation, "Instruments".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime

import msgspec

from adapters.contract_names import contract, underlying_of
from adapters.equity_series import NOT_TRADED, equity_symbol
from adapters.index_names import index_symbol
from adapters.json_rows import rows_in
from adapters.masters import Master, MasterFile, MasterPlan, sound
from adapters.upstox.wire import SOURCE
from market.exchanges import CASH, INDICES, Exchange
from market.instruments import Instrument, InstrumentKey, InstrumentKind, OptionRight

_EXCHANGES = {
    "NSE_EQ": Exchange.NSE,
    "BSE_EQ": Exchange.BSE,
    "NSE_FO": Exchange.NFO,
    "BSE_FO": Exchange.BFO,
    "NCD_FO": Exchange.CDS,
    "BCD_FO": Exchange.BCD,
    "MCX_FO": Exchange.MCX,
    "NSE_COM": Exchange.NCO,
    "NSE_INDEX": Exchange.NSE_INDEX,
    "BSE_INDEX": Exchange.BSE_INDEX,
}
_RIGHTS = {right.value: right for right in OptionRight}
_PAISE = 100.0
_INDEX_TICK = 0.05
_IST_OFFSET_S = 19_800


class _Row(msgspec.Struct):
    segment: str
    instrument_type: str
    instrument_key: str
    trading_symbol: str
    name: str = ""
    underlying_symbol: str = ""
    lot_size: float = 1
    tick_size: float = 0.0
    expiry: int = 0
    strike_price: float = 0.0


def parse(files: Mapping[str, bytes]) -> Master:
    """Return what the list says; its rows without a name are counted by reason.

    Raises:
        DecodeError: a file is not such a list.
    """
    skipped: Counter[str] = Counter()
    found: list[Instrument] = []
    for body in files.values():
        for row in rows_in(body, _Row, "Not an instrument list of Upstox", skipped):
            made = _named(row)
            if isinstance(made, str):
                skipped[made] += 1
            else:
                found.append(made)
    return Master(sound(found, skipped), skipped)


def _named(row: _Row) -> Instrument | str:
    """The instrument of a row, or why it has none."""
    exchange = _EXCHANGES.get(row.segment)
    if exchange is None:
        return f"the segment {row.segment} has no name in OpenAlgo"
    if exchange in INDICES:
        return _index(row, exchange)
    if exchange in CASH:
        return _share(row, exchange)
    if row.instrument_type not in ("FUT", *_RIGHTS):
        return f"the kind {row.instrument_type} on {exchange} is not traded"
    return _contract(row, exchange, _RIGHTS.get(row.instrument_type))


def _index(row: _Row, exchange: Exchange) -> Instrument | str:
    symbol = index_symbol(exchange, row.trading_symbol)
    if not symbol:
        return "an index without a name"
    tick_size = row.tick_size / _PAISE or _INDEX_TICK
    return _made(row, InstrumentKey(exchange, symbol), InstrumentKind.INDEX, tick_size=tick_size)


def _share(row: _Row, exchange: Exchange) -> Instrument | str:
    series = row.instrument_type if exchange is Exchange.NSE else ""
    if series in NOT_TRADED:
        return f"the series {series} is a window for block deals"
    symbol = equity_symbol(row.trading_symbol, series).upper().replace(" ", "")
    if not symbol:
        return "a share without a name"
    key = InstrumentKey(exchange, symbol)
    return _made(row, key, InstrumentKind.EQUITY, tick_size=row.tick_size / _PAISE or 0.01)


def _contract(row: _Row, exchange: Exchange, right: OptionRight | None) -> Instrument | str:
    base = row.underlying_symbol.upper().replace(" ", "")
    if not base or not row.expiry:
        return "a contract without underlying or expiry"
    strike = row.strike_price if right is not None else None
    try:
        made = contract(exchange, base, _day(row.expiry), strike, right)
    except (ValueError, OverflowError, OSError):
        return "a number or a date cannot be read"
    return Instrument(
        key=made.key,
        kind=made.kind,
        name=base,
        tick_size=row.tick_size / _PAISE or 0.05,
        lot=row.lot_size or 1,
        expiry=made.expiry,
        strike=strike,
        right=right,
        underlying=underlying_of(exchange, base),
        token=row.instrument_key,
        broker_symbol=row.trading_symbol,
        source=SOURCE,
    )


def _made(row: _Row, key: InstrumentKey, kind: InstrumentKind, *, tick_size: float) -> Instrument:
    return Instrument(
        key=key,
        kind=kind,
        name=row.name,
        tick_size=tick_size,
        lot=row.lot_size or 1,
        token=row.instrument_key,
        broker_symbol=row.trading_symbol,
        source=SOURCE,
    )


def _day(at_ms: int) -> date:
    """The day in India."""
    return datetime.fromtimestamp(at_ms // 1000 + _IST_OFFSET_S, UTC).date()


PLAN = MasterPlan(
    files=(MasterFile(name="instruments.json", path="/market-quote/instruments/exchange/complete.json.gz"),),
    parse=parse,
)
