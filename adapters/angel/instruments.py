"""Angel One's instrument list (JSON, a new one every morning) → instruments under OpenAlgo's names. Pure; for a worker.

Keys: token, symbol, name, expiry (DDMMMYYYY), strike and tick_size (in hundredths of a rupee, currencies in 1e-7),
lotsize, instrumenttype (empty for shares), exch_seg. Source: SmartAPI documentation, "Instruments".
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from datetime import date
from functools import lru_cache

import msgspec

from adapters.angel.wire import SOURCE, TOKEN_SIZE
from adapters.contract_names import contract, underlying_of
from adapters.equity_series import NOT_TRADED, equity_symbol, split_series
from adapters.index_names import index_symbol
from adapters.json_rows import rows_in
from adapters.masters import Master, MasterFile, MasterPlan, sound
from market.errors import InvalidRequestError
from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey, InstrumentKind, OptionRight
from market.symbols import MONTHS, parse_symbol

_INDEX = "AMXIDX"
_INDEX_EXCHANGES = {"NSE": Exchange.NSE_INDEX, "BSE": Exchange.BSE_INDEX, "MCX": Exchange.MCX_INDEX}
_CASH = {"NSE": Exchange.NSE, "BSE": Exchange.BSE}
_CONTRACTS = {code: Exchange(code) for code in ("NFO", "BFO", "CDS", "MCX", "NCDEX")}
_UNITS = {Exchange.CDS: 10_000_000.0}
_HUNDRED = 100.0
_INDEX_TICK = 0.05
_LEAST_TICK = 0.01
_RIGHTS = {right.value: right for right in OptionRight}
_MONTHS = {name: number for number, name in enumerate(MONTHS, start=1)}
_BLANKS = re.compile(r"\s+")


class _Row(msgspec.Struct, gc=False):
    token: str
    symbol: str
    name: str
    expiry: str
    strike: str
    lotsize: str
    instrumenttype: str
    exch_seg: str
    tick_size: str


def parse(files: Mapping[str, bytes]) -> Master:
    """Return what the list says; its rows without a name are counted by reason.

    Raises:
        DecodeError: a file is not such a list.
    """
    skipped: Counter[str] = Counter()
    found: list[Instrument] = []
    for body in files.values():
        rows = rows_in(body, _Row, "Not an instrument list of Angel One", skipped)
        found.extend(each for row in rows if (each := _instrument(row, skipped)) is not None)
    return Master(sound(found, skipped), skipped)


def _instrument(row: _Row, skipped: Counter[str]) -> Instrument | None:
    try:
        made = _named(row)
    except ValueError:
        made = "a number or a date cannot be read"
    except InvalidRequestError:
        made = "its name cannot be a symbol"
    if isinstance(made, str):
        skipped[made] += 1
        return None
    return made


def _named(row: _Row) -> Instrument | str:
    """The instrument of a row, or why it has none."""
    kind, code = row.instrumenttype, row.exch_seg
    if not row.token or len(row.token.encode()) > TOKEN_SIZE:
        return "its token does not fit into the packets of the stream" if row.token else "a row without a token"
    if kind == _INDEX:
        return _index(row, code)
    if code in _CASH and not kind:
        return _share(row, _CASH[code])
    exchange = _CONTRACTS.get(code)
    if exchange is None:
        return f"the stream does not carry the exchange {code}"
    if not kind.startswith(("FUT", "OPT")):
        return f"the kind {kind} on {code} is not traded"
    return _contract(row, exchange, is_option=kind.startswith("OPT"))


def _index(row: _Row, code: str) -> Instrument | str:
    exchange = _INDEX_EXCHANGES.get(code)
    if exchange is None:
        return f"indices of {code} have no name in OpenAlgo"
    symbol = index_symbol(exchange, row.symbol)
    if not symbol:
        return "an index without a name"
    return _made(row, InstrumentKey(exchange, symbol), InstrumentKind.INDEX, tick_size=_INDEX_TICK)


def _share(row: _Row, exchange: Exchange) -> Instrument | str:
    stem, series = row.symbol, "EQ"
    if exchange is Exchange.NSE:
        if "-" not in stem:
            return "an index under an old token, or another row of NSE without a series"
        stem, series = split_series(stem)
    if series in NOT_TRADED:
        return f"the series {series} is a window for block deals"
    symbol = _BLANKS.sub("", equity_symbol(stem, series).upper())
    parse_symbol(exchange, symbol)
    tick = float(row.tick_size) / _HUNDRED or _LEAST_TICK
    return _made(row, InstrumentKey(exchange, symbol), InstrumentKind.EQUITY, tick_size=tick)


def _contract(row: _Row, exchange: Exchange, *, is_option: bool) -> Instrument | str:
    base = _BLANKS.sub("", row.name.upper())
    if not base or not row.expiry:
        return "a contract without underlying or expiry"
    unit = _UNITS.get(exchange, _HUNDRED)
    right = _right(row) if is_option else None
    if is_option and right is None:
        return "an option that is neither call nor put"
    strike = round(float(row.strike) / unit, 6) if is_option else None
    made = contract(exchange, base, _expiry(row.expiry), strike, right)
    return Instrument(
        key=made.key,
        kind=made.kind,
        name=base,
        tick_size=float(row.tick_size) / unit or _LEAST_TICK,
        lot=_lot(row.lotsize),
        expiry=made.expiry,
        strike=strike,
        right=right,
        underlying=underlying_of(exchange, base),
        token=row.token,
        broker_symbol=row.symbol,
        source=SOURCE,
    )


def _right(row: _Row) -> OptionRight | None:
    """A symbol ends with its right; on NCDEX the right follows name and expiry (`DHANIYA10OCT25CE7100FOCT25`)."""
    after = len(row.name) + 7
    return _RIGHTS.get(row.symbol[-2:]) or _RIGHTS.get(row.symbol[after : after + 2])


@lru_cache(maxsize=1024)
def _expiry(text: str) -> date:
    if len(text) != 9 or text[2:5] not in _MONTHS:
        raise ValueError("not a date")
    return date(int(text[5:]), _MONTHS[text[2:5]], int(text[:2]))


def _lot(text: str) -> int:
    return max(1, int(float(text)))


def _made(row: _Row, key: InstrumentKey, kind: InstrumentKind, *, tick_size: float) -> Instrument:
    return Instrument(
        key=key,
        kind=kind,
        name=row.name,
        tick_size=tick_size,
        lot=_lot(row.lotsize),
        token=row.token,
        broker_symbol=row.symbol,
        source=SOURCE,
    )


_PATH = "/OpenAPI_File/files/OpenAPIScripMaster.json"
PLAN = MasterPlan(files=(MasterFile(name="OpenAPIScripMaster.json", path=_PATH),), parse=parse)
