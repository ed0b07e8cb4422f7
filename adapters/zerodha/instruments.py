"""Kite's instrument list (CSV, a new one every morning) → instruments under OpenAlgo's names. Pure; run it in a worker.

Columns: instrument_token, exchange_token, tradingsymbol, name, last_price, expiry (yyyy-mm-dd), strike, tick_size
(rupees), lot_size, instrument_type, segment, exchange. Source: Kite Connect documentation, "Market quotes".
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from adapters.contract_names import contract, underlying_of
from adapters.equity_series import NOT_TRADED, equity_symbol, split_series
from adapters.index_names import index_symbol
from adapters.masters import Master, MasterFile, MasterPlan, sound
from adapters.zerodha.wire import SOURCE
from market.errors import DecodeError
from market.exchanges import CASH, Exchange
from market.instruments import Instrument, InstrumentKey, InstrumentKind, OptionRight

_COLUMNS = [
    *("instrument_token", "exchange_token", "tradingsymbol", "name", "last_price", "expiry", "strike", "tick_size"),
    *("lot_size", "instrument_type", "segment", "exchange"),
]
_INDEX_EXCHANGES = {
    "NSE": Exchange.NSE_INDEX,
    "BSE": Exchange.BSE_INDEX,
    "MCX": Exchange.MCX_INDEX,
    "NSEIX": Exchange.NSEIX_INDEX,
    "GLOBAL": Exchange.GLOBAL_INDEX,
}
_EXCHANGES = {code: Exchange(code) for code in ("NSE", "BSE", "NFO", "BFO", "CDS", "BCD", "MCX", "NCO")}
_RIGHTS = {right.value: right for right in OptionRight}
_INDEX_TICK = 0.05

_Row = Sequence[str]


def parse(files: Mapping[str, bytes]) -> Master:
    """Return what the list says; its rows without a name are counted by reason.

    Raises:
        DecodeError: a file is not such a list.
    """
    skipped: Counter[str] = Counter()
    found: list[Instrument] = []
    for body in files.values():
        found.extend(each for row in _rows(body) if (each := _instrument(row, skipped)) is not None)
    return Master(sound(found, skipped), skipped)


def _rows(body: bytes) -> Iterator[_Row]:
    try:
        lines = csv.reader(io.StringIO(body.decode("utf-8-sig")))
        if next(lines, None) != _COLUMNS:
            raise DecodeError("Not an instrument list of Kite: the columns are others", body)
        yield from (row for row in lines if row)
    except (UnicodeDecodeError, csv.Error) as exc:
        raise DecodeError("Not an instrument list of Kite", body) from exc


def _instrument(row: _Row, skipped: Counter[str]) -> Instrument | None:
    if len(row) != len(_COLUMNS):
        skipped["a row has another number of columns"] += 1
        return None
    try:
        made = _named(row, row[9], row[10], row[11])
    except ValueError:
        skipped["a number or a date cannot be read"] += 1
        return None
    if isinstance(made, str):
        skipped[made] += 1
        return None
    return made


def _named(row: _Row, kind: str, segment: str, exchange_code: str) -> Instrument | str:
    """The instrument of a row, or why it has none."""
    if segment == "INDICES":
        return _index(row, exchange_code)
    exchange = _EXCHANGES.get(exchange_code)
    if exchange is None:
        return f"the exchange {exchange_code} has no name in OpenAlgo"
    if exchange in CASH:
        return _share(row, exchange)
    if kind not in ("FUT", *_RIGHTS):
        return f"the kind {kind} on {exchange_code} is not traded"
    return _contract(row, exchange, _RIGHTS.get(kind))


def _index(row: _Row, exchange_code: str) -> Instrument | str:
    exchange = _INDEX_EXCHANGES.get(exchange_code)
    if exchange is None:
        return f"indices of {exchange_code} have no name in OpenAlgo"
    symbol = index_symbol(exchange, row[2])
    if not symbol:
        return "an index without a name"
    tick = float(row[7]) or _INDEX_TICK
    return _made(row, InstrumentKey(exchange, symbol), InstrumentKind.INDEX, tick_size=tick, lot=1)


def _share(row: _Row, exchange: Exchange) -> Instrument | str:
    stem, series = split_series(row[2]) if exchange is Exchange.NSE else (row[2], "EQ")
    if series in NOT_TRADED:
        return f"the series {series} is a window for block deals"
    symbol = equity_symbol(stem, series).upper().replace(" ", "")
    if not symbol:
        return "a share without a name"
    key = InstrumentKey(exchange, symbol)
    return _made(row, key, InstrumentKind.EQUITY, tick_size=float(row[7]) or 0.01, lot=int(row[8]) or 1)


def _contract(row: _Row, exchange: Exchange, right: OptionRight | None) -> Instrument | str:
    base = row[3].strip().upper().replace(" ", "")
    if not base or not row[5]:
        return "a contract without underlying or expiry"
    strike = float(row[6]) if right is not None else None
    made = contract(exchange, base, date.fromisoformat(row[5]), strike, right)
    return Instrument(
        key=made.key,
        kind=made.kind,
        name=base,
        tick_size=float(row[7]),
        lot=int(row[8]) or 1,
        expiry=made.expiry,
        strike=strike,
        right=right,
        underlying=underlying_of(exchange, base),
        token=row[0],
        broker_symbol=row[2],
        source=SOURCE,
    )


def _made(row: _Row, key: InstrumentKey, kind: InstrumentKind, *, tick_size: float, lot: float) -> Instrument:
    return Instrument(
        key=key,
        kind=kind,
        name=row[3],
        tick_size=tick_size,
        lot=lot,
        token=row[0],
        broker_symbol=row[2],
        source=SOURCE,
    )


PLAN = MasterPlan(files=(MasterFile(name="instruments.csv", path="/instruments"),), parse=parse)
