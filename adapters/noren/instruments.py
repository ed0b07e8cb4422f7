"""The instrument lists of Noren brokers (CSV) → instruments under OpenAlgo's names. Pure; run it in a worker.

Shoonya and Zebu publish one list an exchange in the platform's own columns, Flattrade and Alice Blue have columns of
their own; all have a header, so columns are found by name. A trailing comma makes one column without a name.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache

from adapters.contract_names import contract, underlying_of
from adapters.equity_series import NOT_TRADED, equity_symbol, split_series
from adapters.index_names import index_symbol
from adapters.masters import Master, MasterFile, MasterPlan, sound
from adapters.noren.rows import EXCHANGE_OF, INDEX_OF, MasterSet
from market.errors import DecodeError, InvalidRequestError
from market.exchanges import CASH, Exchange
from market.instruments import Instrument, InstrumentKey, InstrumentKind, OptionRight
from market.symbols import MONTHS, format_strike, parse_symbol

_COLUMNS: dict[str, tuple[str, ...]] = {
    "exchange": ("exchange", "exch"),
    "token": ("token",),
    "lot": ("lotsize",),
    "symbol": ("symbol",),
    "trading": ("tradingsymbol",),
    "instrument": ("instrument", "instrumenttype"),
    "series": ("groupname",),
    "expiry": ("expiry", "expirydate"),
    "right": ("optiontype",),
    "strike": ("strikeprice", "strike"),
    "tick": ("ticksize",),
    "name": ("instrumentname",),
}
"""What is read, and what the columns are called, in lower case and without blanks."""

_NEEDED = ("exchange", "token", "symbol")
_RIGHTS = {right.value: right for right in OptionRight}
_FUTURES = ("FUT", "SF", "IF")
_INDEX_WORDS = frozenset({"INDEX", "UNDIND"})
_TICKS = {Exchange.CDS: 0.0025, Exchange.BCD: 0.0025}
_WEEKLY_MONTHS = "123456789OND"
_BSE_INDICES = (("SENSEX", "1"), ("BANKEX", "12"))
"""Quoted by every broker of the family, and in no list of the platform."""

_Cell = Callable[[str], str]


def plan(source: str, masters: MasterSet) -> MasterPlan:
    """Return how the instruments of the broker `source` are had."""
    files = tuple(MasterFile(name=path.lstrip("/"), path=path) for path in masters.paths)
    return MasterPlan(files=files, parse=lambda given: parse(given, source))


def parse(files: Mapping[str, bytes], source: str) -> Master:
    """Return what the lists say; their rows without a name are counted by reason.

    Raises:
        DecodeError: a file is not such a list.
    """
    skipped: Counter[str] = Counter()
    found: list[Instrument] = []
    for body in files.values():
        found.extend(each for cell in _rows(body) if (each := _instrument(cell, source, skipped)) is not None)
    if any(each.key.exchange is Exchange.BSE for each in found):
        known = {each.key for each in found}
        found.extend(each for each in _bse_indices(source) if each.key not in known)
    return Master(sound(found, skipped), skipped)


def _rows(body: bytes) -> Iterator[_Cell]:
    """Yield, for each row, what returns its cell by our name, empty where it has none."""
    try:
        lines = csv.reader(io.StringIO(body.decode("utf-8-sig")))
        places = _places(next(lines, []), body)
        for row in lines:
            if row:
                yield lambda name, row=row: _cell(row, places.get(name))  # type: ignore[misc]
    except (UnicodeDecodeError, csv.Error) as exc:
        raise DecodeError("Not an instrument list of Noren", body) from exc


def _places(header: Sequence[str], body: bytes) -> dict[str, int]:
    heads = [head.strip().lower().replace(" ", "") for head in header]
    places = {
        name: heads.index(known)
        for name, names in _COLUMNS.items()
        for known in names[:1] + names[1:]
        if known in heads
    }
    if any(name not in places for name in _NEEDED):
        raise DecodeError("Not an instrument list of Noren: the columns are others", body)
    return places


def _cell(row: Sequence[str], place: int | None) -> str:
    return row[place].strip() if place is not None and place < len(row) else ""


def _instrument(cell: _Cell, source: str, skipped: Counter[str]) -> Instrument | None:
    try:
        made = _named(cell, source)
    except InvalidRequestError:
        made = "its name cannot be a symbol"
    except ValueError:
        made = "a number or a date cannot be read"
    if isinstance(made, str):
        skipped[made] += 1
        return None
    return made


def _named(cell: _Cell, source: str) -> Instrument | str:
    """The instrument of a row, or why it has none."""
    exchange = EXCHANGE_OF.get(cell("exchange").upper())
    if exchange is None:
        return f"the exchange {cell('exchange')[:16]} has no name in OpenAlgo"
    if not cell("token"):
        return "a row without a token"
    kind = cell("instrument").upper()
    if kind in _INDEX_WORDS or not (cell("trading") or kind):
        return _index(cell, exchange, source)
    if exchange in CASH:
        return _share(cell, exchange, kind, source)
    right = _RIGHTS.get(cell("right").upper())
    if right is None and not kind.startswith(_FUTURES):
        return f"the kind {kind[:16] or 'without a name'} on {exchange} is not traded"
    return _contract(cell, exchange, right, source)


def _index(cell: _Cell, exchange: Exchange, source: str) -> Instrument | str:
    found = INDEX_OF.get(exchange)
    if found is None:
        return f"indices of {exchange} have no name in OpenAlgo"
    name = cell("symbol")
    symbol = index_symbol(found, name)
    return _index_of(InstrumentKey(found, symbol), name, cell("trading") or name, cell("token"), source)


def _index_of(key: InstrumentKey, name: str, broker_symbol: str, token: str, source: str) -> Instrument | str:
    if not key.symbol:
        return "an index without a name"
    return Instrument(
        key=key, kind=InstrumentKind.INDEX, name=name, token=token, broker_symbol=broker_symbol, source=source
    )


def _bse_indices(source: str) -> Iterator[Instrument]:
    for symbol, token in _BSE_INDICES:
        made = _index_of(InstrumentKey(Exchange.BSE_INDEX, symbol), symbol, symbol, token, source)
        if isinstance(made, Instrument):
            yield made


def _share(cell: _Cell, exchange: Exchange, kind: str, source: str) -> Instrument | str:
    trading = cell("trading") or cell("symbol")
    stem, series = split_series(trading) if exchange is Exchange.NSE else (trading, "EQ")
    if series in NOT_TRADED:
        return f"the series {series} is a window for block deals"
    symbol = equity_symbol(stem, series).upper().replace(" ", "")
    parse_symbol(exchange, symbol)
    return Instrument(
        key=InstrumentKey(exchange, symbol),
        kind=InstrumentKind.EQUITY,
        name=cell("name") or cell("symbol"),
        tick_size=_above_zero(cell("tick"), 0.05),
        lot=_above_zero(cell("lot"), 1.0),
        token=cell("token"),
        broker_symbol=trading,
        source=source,
    )


def _contract(cell: _Cell, exchange: Exchange, right: OptionRight | None, source: str) -> Instrument | str:
    expiry = _day(cell("expiry"))
    strike = float(cell("strike")) if right is not None else None
    base = cell("symbol").upper().replace(" ", "")
    if exchange is Exchange.BFO:  # its symbols are codes of the exchange: BSXOPT
        base = _base_of(cell("trading").upper(), expiry, strike, right) or base
    if not base:
        return "a contract without an underlying"
    made = contract(exchange, base, expiry, strike, right)
    return Instrument(
        key=made.key,
        kind=made.kind,
        name=base,
        tick_size=_above_zero(cell("tick"), _TICKS.get(exchange, 0.05)),
        lot=_above_zero(cell("lot"), 1.0),
        expiry=made.expiry,
        strike=strike,
        right=right,
        underlying=underlying_of(exchange, base),
        token=cell("token"),
        broker_symbol=cell("trading"),
        source=source,
    )


def _base_of(trading: str, expiry: date, strike: float | None, right: OptionRight | None) -> str:
    """What stands before the date in a trading symbol of BSE: `SENSEX26SEP91000PE`, `SENSEX2590981000CE`."""
    year, month, day = expiry.year % 100, expiry.month, expiry.day
    tail = "FUT" if right is None or strike is None else f"{format_strike(strike)}{right}"
    for dated in (f"{year:02d}{MONTHS[month - 1]}", f"{year:02d}{_WEEKLY_MONTHS[month - 1]}{day:02d}"):
        if trading.endswith(dated + tail):
            return trading.removesuffix(dated + tail)
    return ""


@lru_cache(maxsize=4096)
def _day(text: str) -> date:
    """`24-SEP-2026`, `24-09-2026` (currencies of Alice Blue) or `2026-09-24`. Raises ValueError."""
    parts = text.split("-")
    if len(parts) == 3 and len(parts[2]) == 4:
        day, month, year = parts
        named = month.upper() in MONTHS
        return date(int(year), MONTHS.index(month.upper()) + 1 if named else int(month), int(day))
    return date.fromisoformat(text[:10])


def _above_zero(text: str, otherwise: float) -> float:
    number = float(text) if text else 0.0
    return number if number > 0.0 else otherwise
