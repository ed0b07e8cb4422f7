"""Dhan's instrument list (CSV, a new one every morning) → instruments under OpenAlgo's names. Pure; run it in a worker.

Columns are found by name. A contract's trading symbol begins with what it is written on (`NIFTY-Dec2026-26000-CE`,
`CRUDEOIL-19Jan2027-FUT`), which no other column says of all exchanges. Ticks are in hundredths of a rupee, those of
indices in rupees. A security id is unique only within its segment. Source: DhanHQ documentation, "Instrument List".
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache

from adapters.contract_names import contract, underlying_of
from adapters.dhan.wire import SOURCE
from adapters.equity_series import NOT_TRADED, equity_symbol
from adapters.index_names import index_symbol
from adapters.masters import Master, MasterFile, MasterPlan, sound
from market.errors import DecodeError, InvalidRequestError
from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey, InstrumentKind, OptionRight
from market.symbols import parse_symbol

COLUMNS = (
    *("SEM_EXM_EXCH_ID", "SEM_SEGMENT", "SEM_SMST_SECURITY_ID", "SEM_INSTRUMENT_NAME", "SEM_TRADING_SYMBOL"),
    *("SEM_LOT_UNITS", "SEM_CUSTOM_SYMBOL", "SEM_EXPIRY_DATE", "SEM_STRIKE_PRICE", "SEM_OPTION_TYPE"),
    *("SEM_TICK_SIZE", "SEM_SERIES"),
)
"""What is read of a row."""

_EXCHANGES = {
    ("NSE", "I"): Exchange.NSE_INDEX,
    ("BSE", "I"): Exchange.BSE_INDEX,
    ("NSE", "E"): Exchange.NSE,
    ("BSE", "E"): Exchange.BSE,
    ("NSE", "D"): Exchange.NFO,
    ("BSE", "D"): Exchange.BFO,
    ("NSE", "C"): Exchange.CDS,
    ("BSE", "C"): Exchange.BCD,
    ("MCX", "M"): Exchange.MCX,
}
_CONTRACT = re.compile(r"(?P<base>.+)-\d{0,2}[A-Za-z]{3}\d{4}-(?:FUT|-?\d+(?:\.\d+)?-(?:CE|PE))")
_BLANKS = re.compile(r"\s+")
_RIGHTS = {right.value: right for right in OptionRight}
_OF_THE_WORLD = frozenset({"GIFTNIFTY"})
_LEAST_TICK = 0.01
_MOST_SECURITY = 2**32


class _Row:
    """One row, its cells by our names."""

    __slots__ = (
        *("exchange", "segment", "token", "kind", "trading", "lot", "title"),
        *("expiry", "strike", "right", "tick", "series"),
    )

    def __init__(self, cells: Sequence[str]) -> None:
        self.exchange, self.segment, self.token, self.kind, self.trading, self.lot, self.title = cells[:7]
        self.expiry, self.strike, self.right, self.tick, self.series = cells[7:]


def parse(files: Mapping[str, bytes]) -> Master:
    """Return what the list says; its rows without a name are counted by reason.

    Raises:
        DecodeError: a file is not such a list.
    """
    skipped: Counter[str] = Counter()
    found: list[Instrument] = []
    for body in files.values():
        found.extend(each for row in _rows(body, skipped) if (each := _instrument(row, skipped)) is not None)
    return Master(sound(found, skipped), skipped)


def _rows(body: bytes, skipped: Counter[str]) -> Iterator[_Row]:
    try:
        lines = csv.reader(io.StringIO(body.decode("utf-8-sig")))
        names = [name.strip() for name in next(lines, [])]
        missing = [name for name in COLUMNS if name not in names]
        if missing:
            raise DecodeError(f"Not an instrument list of Dhan: there is no column {missing[0]}", body)
        places = [names.index(name) for name in COLUMNS]
        for row in lines:
            if len(row) == len(names):
                yield _Row([row[place].strip() for place in places])
            elif row:
                skipped["a row has another number of columns"] += 1
    except (UnicodeDecodeError, csv.Error) as exc:
        raise DecodeError("Not an instrument list of Dhan", body) from exc


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
    exchange = _EXCHANGES.get((row.exchange, row.segment))
    if exchange is None:
        return f"the feed does not carry segment {row.segment} of {row.exchange}"
    if not 0 <= int(row.token) < _MOST_SECURITY:
        return "a security id that packets cannot have"
    if row.kind == "INDEX":
        return _index(row, exchange)
    if row.kind == "EQUITY":
        return _share(row, exchange)
    if not row.kind.startswith(("FUT", "OPT")):
        return f"the kind {row.kind} on {exchange} is not traded"
    return _contract(row, exchange, is_option=row.kind.startswith("OPT"))


def _index(row: _Row, exchange: Exchange) -> Instrument | str:
    symbol = index_symbol(exchange, row.trading)
    if not symbol:
        return "an index without a name"
    if symbol in _OF_THE_WORLD:
        exchange = Exchange.GLOBAL_INDEX
    return _made(row, InstrumentKey(exchange, symbol), InstrumentKind.INDEX, float(row.tick))


def _share(row: _Row, exchange: Exchange) -> Instrument | str:
    series = row.series if exchange is Exchange.NSE else "EQ"
    if series in NOT_TRADED:
        return f"the series {series} is a window for block deals"
    symbol = _BLANKS.sub("", equity_symbol(row.trading, series).upper())
    parse_symbol(exchange, symbol)
    return _made(row, InstrumentKey(exchange, symbol), InstrumentKind.EQUITY, float(row.tick) / 100.0)


def _contract(row: _Row, exchange: Exchange, *, is_option: bool) -> Instrument | str:
    written = _CONTRACT.fullmatch(row.trading)
    if written is None:
        return "a contract whose name is written in another way"
    right = _RIGHTS.get(row.right) if is_option else None
    if is_option and right is None:
        return "an option that is neither call nor put"
    base = _base(written["base"])
    strike = float(row.strike) if is_option else None
    made = contract(exchange, base, _expiry(row.expiry), strike, right)
    return Instrument(
        key=made.key,
        kind=made.kind,
        name=base,
        tick_size=float(row.tick) / 100.0 or _LEAST_TICK,
        lot=_lot(row.lot),
        expiry=made.expiry,
        strike=strike,
        right=right,
        underlying=underlying_of(exchange, base),
        token=row.token,
        broker_symbol=row.trading,
        source=SOURCE,
    )


@lru_cache(maxsize=4096)
def _base(text: str) -> str:
    """What a contract is written on, as symbols have it. The same few hundred come again and again."""
    base = _BLANKS.sub("", text.upper())
    parse_symbol(Exchange.NSE, base)
    return base


@lru_cache(maxsize=1024)
def _expiry(text: str) -> date:
    """A day with an hour (`2026-12-29 14:30:00`), or without."""
    return date.fromisoformat(text[:10])


def _lot(text: str) -> int:
    return max(1, int(float(text)))


def _made(row: _Row, key: InstrumentKey, kind: InstrumentKind, tick_size: float) -> Instrument:
    return Instrument(
        key=key,
        kind=kind,
        name=row.title,
        tick_size=tick_size or _LEAST_TICK,
        lot=_lot(row.lot),
        token=row.token,
        broker_symbol=row.trading,
        source=SOURCE,
    )


PLAN = MasterPlan(
    files=(MasterFile(name="api-scrip-master.csv", path="/api-data/api-scrip-master.csv"),),
    parse=parse,
)
