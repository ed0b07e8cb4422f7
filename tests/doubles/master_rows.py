"""Rows of real brokers' masters, mapped to the parts of the symbol standard."""

from __future__ import annotations

import csv
import gzip
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey, InstrumentKind, OptionRight
from market.symbols import ParsedSymbol, format_expiry, format_strike, format_symbol


class Mapped(NamedTuple):
    """The parts of a symbol, the symbol as the broker writes it where that follows the standard, and the name."""

    parts: ParsedSymbol
    written: str | None = None
    name: str = ""


Row = Mapped | str
"""What a row of a master stands for, or the reason why it is left out."""

SHARE_SERIES = set("EQ/BE/BZ/SM/ST/SZ/A/B/T/X/XT/Z/M/MT/P/NS/NT/IF/IV/RR".split("/"))  # noqa: SIM905
SERIES = re.compile(r"(.+)-([A-Z][A-Z0-9])")


def lines(folder: Path, start: str) -> Iterator[str]:
    (path,) = folder.glob(f"masters/{start}*.gz")
    with gzip.open(path, "rt", encoding="utf-8") as text:
        yield from text


def equity(exchange: str, symbol: str, series: str, name: str = "") -> Row:
    if series not in SHARE_SERIES:
        return f"series {series}: not shares"
    if " " in symbol:
        return "a blank in the symbol"
    return Mapped(ParsedSymbol(Exchange(exchange), InstrumentKind.EQUITY, symbol), name=name)


def with_series(exchange: str, symbol: str) -> Row:
    found = SERIES.fullmatch(symbol)
    return equity(exchange, *found.groups()) if found else equity(exchange, symbol, "EQ")


def index(exchange: str, name: str) -> Row:
    symbol = re.sub(r"[ /%:()']+", "", name.upper())
    return Mapped(ParsedSymbol(Exchange(f"{exchange}_INDEX"), InstrumentKind.INDEX, symbol), name=name)


def contract(exchange: str, base: str, when: datetime, kind: str, strike: float, *, written: str | None = None) -> Row:
    if kind == "FUT":
        return Mapped(ParsedSymbol(Exchange(exchange), InstrumentKind.FUTURE, base, when.date()), written)
    right = OptionRight(kind)
    return Mapped(ParsedSymbol(Exchange(exchange), InstrumentKind.OPTION, base, when.date(), strike, right), written)


def angel(folder: Path) -> Iterator[Row]:
    for row in json.loads("".join(lines(folder, "angel"))):
        kind, exchange, symbol = row["instrumenttype"], row["exch_seg"], row["symbol"]
        if kind == "AMXIDX" and exchange != "NCDEX":
            yield index(exchange, symbol)
        elif kind == "" and exchange in ("NSE", "BSE"):
            yield with_series(exchange, symbol)
        elif not row["name"]:
            yield f"{exchange} {kind}: no underlying"
        elif kind.startswith(("FUT", "OPT")):
            scale = {"CDS": 1e7, "NCO": 1e4}.get(exchange, 100.0)
            when = datetime.strptime(row["expiry"], "%d%b%Y").replace(tzinfo=UTC)
            right = re.search(r"CE|PE", symbol[-2:] + symbol[len(row["name"]) + 7 : len(row["name"]) + 9])
            same = symbol if exchange == "NFO" else None
            if kind.startswith("FUT"):
                yield contract(exchange, row["name"], when, "FUT", 0.0, written=same)
            elif right is None:
                yield f"{exchange} {kind}: no right"
            else:
                strike = round(float(row["strike"]) / scale, 6)
                yield contract(exchange, row["name"], when, right[0], strike, written=same)
        else:
            yield f"{exchange} {kind}: not traded"


def upstox(folder: Path) -> Iterator[Row]:
    exchanges = {"NSE_FO": "NFO", "BSE_FO": "BFO", "NCD_FO": "CDS", "BCD_FO": "BCD", "MCX_FO": "MCX", "NSE_COM": "NCO"}
    for row in json.loads("".join(lines(folder, "upstox"))):
        kind, segment = row["instrument_type"], row["segment"]
        if kind == "INDEX":
            yield index(row["exchange"], row["trading_symbol"])
        elif segment.endswith("_EQ"):
            yield equity(row["exchange"], row["trading_symbol"], kind, row["name"])
        elif kind in ("FUT", "CE", "PE"):
            when = datetime.fromtimestamp(row["expiry"] / 1000, UTC) + timedelta(hours=5, minutes=30)
            strike = float(row.get("strike_price", 0.0))
            row_parts = contract(exchanges[segment], row["underlying_symbol"], when, kind, strike)
            written = f"{format_strike(strike)} {kind}" if kind != "FUT" else "FUT"
            expiry = format_expiry(when.date())
            assert row["trading_symbol"].endswith(f" {written} {expiry[:2]} {expiry[2:5]} {expiry[5:]}")
            yield row_parts
        else:
            yield f"{segment} {kind}: not traded"


def zerodha(folder: Path) -> Iterator[Row]:
    for start in ("zerodha_NFO", "zerodha_NSE"):
        for row in csv.DictReader(lines(folder, start)):
            if row["segment"] == "INDICES":
                yield index(row["exchange"], row["tradingsymbol"])
            elif row["instrument_type"] == "EQ":
                yield with_series(row["exchange"], row["tradingsymbol"])
            else:
                when = datetime.fromisoformat(row["expiry"])
                yield contract(row["exchange"], row["name"], when, row["instrument_type"], float(row["strike"]))


def dhan(folder: Path) -> Iterator[Row]:
    for row in csv.DictReader(lines(folder, "dhan")):
        exchange, symbol = row["SEM_EXM_EXCH_ID"], row["SEM_TRADING_SYMBOL"]
        if row["SEM_INSTRUMENT_NAME"] == "INDEX":
            yield index(exchange, symbol)
        else:
            yield equity(exchange, symbol, row["SEM_SERIES"])


def fyers(folder: Path) -> Iterator[Row]:
    for row in csv.reader(lines(folder, "fyers")):
        symbol = row[9].removeprefix("NSE:")
        yield index("NSE", row[13]) if symbol.endswith("-INDEX") else with_series("NSE", symbol)


def shoonya(folder: Path) -> Iterator[Row]:
    for row in csv.DictReader(lines(folder, "shoonya")):
        if row["Instrument"] == "INDEX":
            yield index("NSE", row["TradingSymbol"])
        else:
            yield equity("NSE", row["Symbol"], row["Instrument"])


def instrument_of(row: Mapped) -> Instrument:
    """The instrument that `row` stands for."""
    parts = row.parts
    return Instrument(
        key=InstrumentKey(parts.exchange, format_symbol(parts)),
        kind=parts.kind,
        name=row.name,
        expiry=parts.expiry,
        strike=parts.strike,
        right=parts.right,
    )


def master_instruments(folder: Path) -> list[Instrument]:
    """More than 200,000 instruments: two brokers' whole masters, the later one first where both have the same."""
    rows = (row for master in (upstox, angel) for row in master(folder) if not isinstance(row, str))
    known: dict[InstrumentKey, Instrument] = {}
    for instrument in map(instrument_of, rows):
        known.setdefault(instrument.key, instrument)
    return list(known.values())
