"""Fyers's symbol masters (CSV without a header, new ones every morning) → instruments under OpenAlgo's names. Pure.

Run it in a worker. Columns by place: 0 fytoken, 1 name, 3 lot, 4 tick size in rupees, 8 expiry (s since 1970 UTC),
9 ticker (`NSE:INFY-EQ`), 13 underlying, 15 strike (-1.0 if none), 16 CE, PE or XX. A fytoken begins with exchange and
segment and ends with the exchange's token. What indices are called on the feed is a JSON object of its own, by ticker;
an imported master is without it.
Source: Fyers API documentation, "Symbol master", and the vendor's Python client.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime

import msgspec

from adapters.contract_names import contract, underlying_of
from adapters.equity_series import NOT_TRADED, equity_symbol
from adapters.fyers.hsm_ticks import SOURCE
from adapters.fyers.index_feed_names import INDEX_FEED_NAMES
from adapters.index_names import index_symbol
from adapters.masters import Master, MasterFile, MasterPlan, sound
from market.errors import DecodeError
from market.exchanges import CASH, Exchange
from market.instruments import Instrument, InstrumentKey, InstrumentKind, OptionRight

INDEX_NAMES_FILE = "index_hsm_mapping.json"
MARKETS = ("NSE_CM", "NSE_FO", "BSE_CM", "BSE_FO", "NSE_CD", "MCX_COM", "NSE_COM")

_LEAST_COLUMNS = 17
_SEGMENTS = {
    "1010": (Exchange.NSE, "nse_cm"),
    "1011": (Exchange.NFO, "nse_fo"),
    "1012": (Exchange.CDS, "cde_fo"),
    "1020": (Exchange.NCO, "nse_com"),
    "1120": (Exchange.MCX, "mcx_fo"),
    "1210": (Exchange.BSE, "bse_cm"),
    "1211": (Exchange.BFO, "bse_fo"),
    "1212": (Exchange.BCD, "bcs_fo"),
}
_INDEX_EXCHANGES = {Exchange.NSE: Exchange.NSE_INDEX, Exchange.BSE: Exchange.BSE_INDEX}
_RIGHTS = {right.value: right for right in OptionRight}
_INDEX = "INDEX"
_IST_OFFSET_S = 19_800

_Row = Sequence[str]


def parse(files: Mapping[str, bytes]) -> Master:
    """Return what the masters say; rows without a name are counted by reason.

    Raises:
        DecodeError: a file is not such a master.
    """
    names = dict(INDEX_FEED_NAMES)
    skipped: Counter[str] = Counter()
    found: list[Instrument] = []
    for file, body in files.items():
        if file == INDEX_NAMES_FILE:
            names |= _index_names(body)
    for file, body in files.items():
        if file == INDEX_NAMES_FILE:
            continue
        for row in _rows(body):
            made = _named(row, names)
            if isinstance(made, str):
                skipped[made] += 1
            else:
                found.append(made)
    return Master(sound(found, skipped), skipped)


def _index_names(body: bytes) -> dict[str, str]:
    try:
        return msgspec.json.decode(body, type=dict[str, str])
    except (msgspec.MsgspecError, ValueError, RecursionError) as exc:
        raise DecodeError("Not the names of Fyers's indices", body) from exc


def _rows(body: bytes) -> Iterator[_Row]:
    try:
        for row in csv.reader(io.StringIO(body.decode("utf-8-sig"))):
            if not row:
                continue
            if len(row) < _LEAST_COLUMNS or not row[0].isdigit():
                raise DecodeError("Not a symbol master of Fyers: the columns are others", body)
            yield row
    except (UnicodeDecodeError, csv.Error) as exc:
        raise DecodeError("Not a symbol master of Fyers", body) from exc


def _named(row: _Row, index_names: Mapping[str, str]) -> Instrument | str:
    """The instrument of a row, or why it has none."""
    segment = _SEGMENTS.get(row[0][:4])
    if segment is None:
        return f"the segment {row[0][:4]} has no name in OpenAlgo"
    exchange, topic = segment
    ticker = row[9].partition(":")[2]
    stem, _, series = ticker.rpartition("-")
    try:
        if exchange not in CASH:
            return _contract(row, exchange, topic)
        if series == _INDEX:
            return _index(row, _INDEX_EXCHANGES[exchange], topic, index_names.get(row[9], ""))
        return _share(row, exchange, topic, stem, series)
    except (ValueError, OverflowError, OSError):
        return "a number or a date cannot be read"


def _index(row: _Row, exchange: Exchange, topic: str, feed_name: str) -> Instrument | str:
    """Its name on the feed is that of the exchange, as other brokers have it; its ticker is Fyers's own."""
    if not feed_name:
        return "an index whose name on the feed is not known"
    symbol = index_symbol(exchange, INDEX_FEED_NAMES.get(row[9], feed_name))
    if not symbol:
        return "an index without a name"
    return _made(row, InstrumentKey(exchange, symbol), InstrumentKind.INDEX, f"{topic}|{feed_name}")


def _share(row: _Row, exchange: Exchange, topic: str, stem: str, series: str) -> Instrument | str:
    if not stem:
        return "a share without a series"
    if exchange is Exchange.NSE and series in NOT_TRADED:
        return f"the series {series} is a window for block deals"
    symbol = equity_symbol(stem, series if exchange is Exchange.NSE else "").upper().replace(" ", "")
    return _made(row, InstrumentKey(exchange, symbol), InstrumentKind.EQUITY, f"{topic}|{row[0][10:]}")


def _contract(row: _Row, exchange: Exchange, topic: str) -> Instrument | str:
    base = row[13].strip().upper().replace(" ", "")
    if not base or not row[8]:
        return "a contract without underlying or expiry"
    right = _RIGHTS.get(row[16])
    strike = float(row[15]) if right is not None else None
    made = contract(exchange, base, _day(row[8]), strike, right)
    return Instrument(
        key=made.key,
        kind=made.kind,
        name=base,
        tick_size=float(row[4]) or 0.05,
        lot=int(row[3]) or 1,
        expiry=made.expiry,
        strike=strike,
        right=right,
        underlying=underlying_of(exchange, base),
        token=f"{topic}|{row[0][10:]}",
        broker_symbol=row[9],
        source=SOURCE,
    )


def _made(row: _Row, key: InstrumentKey, kind: InstrumentKind, token: str) -> Instrument:
    return Instrument(
        key=key,
        kind=kind,
        name=row[1],
        tick_size=float(row[4]) or 0.05,
        lot=int(row[3]) or 1,
        token=token,
        broker_symbol=row[9],
        source=SOURCE,
    )


def _day(at_s: str) -> date:
    """The day in India."""
    return datetime.fromtimestamp(int(at_s) + _IST_OFFSET_S, UTC).date()


PLAN = MasterPlan(
    files=(
        MasterFile(name=INDEX_NAMES_FILE, path=f"/sym_details/{INDEX_NAMES_FILE}", is_optional=True),
        *(MasterFile(name=f"{market}.csv", path=f"/sym_details/{market}.csv") for market in MARKETS),
    ),
    parse=parse,
)
