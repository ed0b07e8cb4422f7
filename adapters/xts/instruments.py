"""XTS's instrument lists → instruments under OpenAlgo's names. Pure; run it in a worker.

A list is an answer whose `result` is text: one row a line, columns between pipes, no header. The first 14 columns are
the same for all; contracts have the underlying, its name and the expiry after them, options then strike and right.
Indices are in a list of their own, `NAME_id`; those of BSE among its shares too, in the series SPOT.
Source: Symphony's API documentation.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache

import msgspec

from adapters.contract_names import contract, underlying_of
from adapters.equity_series import NOT_TRADED, equity_symbol
from adapters.index_names import index_symbol
from adapters.masters import Master, MasterFile, MasterPlan, sound
from adapters.xts.rows import INDEX_OF, SEGMENT_NAMES, SEGMENTS, XtsRow
from market.errors import DecodeError, InvalidRequestError
from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey, InstrumentKind, OptionRight
from market.symbols import parse_symbol

_SEGMENT, _ID, _KIND, _NAME, _DESCRIPTION, _SERIES, _FULL_NAME = range(7)
_TICK, _LOT = 11, 12
_COMMON = 14
_EXPIRY, _STRIKE, _RIGHT = 16, 17, 18
_FUTURE, _OPTION, _EQUITY = "1", "2", "8"
_KINDS = {"4": "spreads", "16": "spot instruments"}
_RIGHTS = {"3": OptionRight.CALL, "4": OptionRight.PUT, "CE": OptionRight.CALL, "PE": OptionRight.PUT}
_INDEX_SERIES = "SPOT"
_OTHER_NAMES = {"BKX": "BANKEX"}

_Row = Sequence[str]


class _List(msgspec.Struct, rename={"indices": "indexList"}):
    indices: list[str]


class _Answer(msgspec.Struct):
    result: str | _List


_ANSWER = msgspec.json.Decoder(_Answer)


def plan(row: XtsRow) -> MasterPlan:
    """Return how the instruments of `row` are had."""
    names = [name for name, exchange in SEGMENT_NAMES.items() if exchange in row.exchanges]
    lists = [
        MasterFile(
            name=f"{name}.json", path=f"{row.prefix}/instruments/master", payload={"exchangeSegmentList": [name]}
        )
        for name in names
    ]
    indices = [
        MasterFile(
            name=f"indices_{name}.json",
            path=f"{row.prefix}/instruments/indexlist?exchangeSegment={SEGMENTS[SEGMENT_NAMES[name]]}",
            needs_session=True,
        )
        for name in names
        if SEGMENT_NAMES[name] in INDEX_OF
    ]
    return MasterPlan(files=(*lists, *indices), parse=lambda given: parse(given, row.name))


def parse(files: Mapping[str, bytes], source: str) -> Master:
    """Return what the lists say; their rows without a name are counted by reason.

    Raises:
        DecodeError: a file is not such a list.
    """
    skipped: Counter[str] = Counter()
    found: list[Instrument] = []
    for name, body in files.items():
        found.extend(_read(name, body, source, skipped))
    return Master(sound(found, skipped), skipped)


def _read(name: str, body: bytes, source: str, skipped: Counter[str]) -> Iterator[Instrument]:
    try:
        result = _ANSWER.decode(body).result
    except (msgspec.MsgspecError, ValueError, RecursionError) as exc:
        raise DecodeError("Not an instrument list of XTS", body) from exc
    if isinstance(result, _List):
        exchange = Exchange.BSE_INDEX if "BSECM" in name else Exchange.NSE_INDEX
        rows: Iterator[Instrument | str] = (_listed_index(exchange, each, source) for each in result.indices)
    else:
        rows = (_instrument(line.split("|"), source) for line in result.split("\n") if line.strip())
    for made in rows:
        if isinstance(made, str):
            skipped[made] += 1
        else:
            yield made


def _listed_index(exchange: Exchange, text: str, source: str) -> Instrument | str:
    name, _, number = text.rpartition("_")
    if not number.isascii() or not number.isdigit():
        return "an index without its number"
    return _index(exchange, name, number, name, source)


def _index(exchange: Exchange, name: str, number: str, broker_symbol: str, source: str) -> Instrument | str:
    symbol = index_symbol(exchange, name)
    if not symbol:
        return "an index without a name"
    return Instrument(
        key=InstrumentKey(exchange, symbol),
        kind=InstrumentKind.INDEX,
        name=name,
        token=number,
        broker_symbol=broker_symbol,
        source=source,
    )


def _instrument(row: _Row, source: str) -> Instrument | str:
    """The instrument of a row, or why it has none."""
    if len(row) < _COMMON:
        return "a row has too few columns"
    exchange = SEGMENT_NAMES.get(row[_SEGMENT])
    if exchange is None:
        return f"the segment {row[_SEGMENT][:16]} has no name in OpenAlgo"
    if not row[_ID].isascii() or not row[_ID].isdigit():
        return "a row without its number"
    try:
        return _named(row, exchange, source)
    except InvalidRequestError:
        return "its name cannot be a symbol"
    except (ValueError, IndexError):
        return "a number or a date cannot be read"


def _named(row: _Row, exchange: Exchange, source: str) -> Instrument | str:
    kind = row[_KIND]
    if exchange in INDEX_OF and row[_SERIES] == _INDEX_SERIES:
        return _index(INDEX_OF[exchange], row[_NAME], row[_ID], row[_DESCRIPTION], source)
    if kind == _EQUITY and exchange in INDEX_OF:
        return _share(row, exchange, source)
    if kind not in (_FUTURE, _OPTION):
        return f"{_KINDS.get(kind, f'the kind {kind[:8]}')} on {exchange} are not served"
    return _contract(row, exchange, source)


def _share(row: _Row, exchange: Exchange, source: str) -> Instrument | str:
    series = row[_SERIES] if exchange is Exchange.NSE else ""
    if series in NOT_TRADED:
        return f"the series {series} is a window for block deals"
    symbol = equity_symbol(row[_NAME].strip(), series).upper().replace(" ", "")
    parse_symbol(exchange, symbol)
    return Instrument(
        key=InstrumentKey(exchange, symbol),
        kind=InstrumentKind.EQUITY,
        name=row[_DESCRIPTION],
        tick_size=float(row[_TICK]) or 0.05,
        lot=float(row[_LOT]) or 1.0,
        token=row[_ID],
        broker_symbol=row[_FULL_NAME],
        source=source,
    )


def _contract(row: _Row, exchange: Exchange, source: str) -> Instrument | str:
    is_option = row[_KIND] == _OPTION
    right = _RIGHTS[row[_RIGHT]] if is_option and row[_RIGHT] in _RIGHTS else None
    if is_option and right is None:
        return "an option that is neither call nor put"
    base = _base(row[_NAME], exchange)
    if not base:
        return "a contract without an underlying"
    strike = float(row[_STRIKE]) if is_option else None
    made = contract(exchange, base, _day(row[_EXPIRY]), strike, right)
    return Instrument(
        key=made.key,
        kind=made.kind,
        name=base,
        tick_size=float(row[_TICK]) or 0.05,
        lot=float(row[_LOT]) or 1.0,
        expiry=made.expiry,
        strike=strike,
        right=right,
        underlying=underlying_of(exchange, base),
        token=row[_ID],
        broker_symbol=row[_DESCRIPTION],
        source=source,
    )


@lru_cache(maxsize=1024)
def _base(name: str, exchange: Exchange) -> str:
    """The underlying's name; contracts on indices of BSE go by the exchange's codes at some brokers."""
    plain = name.strip().upper().replace(" ", "")
    if exchange is Exchange.BFO:
        return _OTHER_NAMES.get(plain) or index_symbol(Exchange.BSE_INDEX, plain)
    return plain


@lru_cache(maxsize=4096)
def _day(text: str) -> date:
    """`2025-01-30T14:30:00`. Raises ValueError."""
    return date.fromisoformat(text[:10])
