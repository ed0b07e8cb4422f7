"""A broker's instrument list of every morning to instruments, against reading the same file and keeping it as it is."""

from __future__ import annotations

import csv
import io
import json
import time
from collections.abc import Callable, Mapping

from adapters.angel import instruments as angel
from adapters.dhan import instruments as dhan
from adapters.fyers import instruments as fyers
from adapters.masters import Master
from adapters.noren import instruments as noren
from adapters.upstox import instruments as upstox
from adapters.xts import instruments as xts
from tests.benchmarks.results import Row

_BUDGET_S = 3.0


def run(*, quick: bool) -> list[Row]:
    """Measure one list of each kind of file."""
    count = 1_000 if quick else 130_000
    return [_angel(count), _dhan(count), _noren(count), _xts(count), _upstox(count), _fyers(count)]


def _angel(count: int) -> Row:
    same = {
        "expiry": "28OCT2025",
        "lotsize": "75",
        "instrumenttype": "OPTSTK",
        "exch_seg": "NFO",
        "tick_size": "5.0000",
    }
    rows = []
    for number in range(count):
        name, strike = f"SHARE{number // 100}", 100 + number % 100
        own = {"token": str(number), "symbol": f"{name}28OCT25{strike}CE", "name": name, "strike": f"{strike}00.000000"}
        rows.append(own | same)
    body = json.dumps(rows).encode()
    return imported("Angel One (JSON)", count, {"list": body}, angel.parse, lambda: json.loads(body))


def _noren(count: int) -> Row:
    head = "Exchange,Token,LotSize,Symbol,TradingSymbol,Expiry,Instrument,OptionType,StrikePrice,TickSize,\n"
    rows = [
        f"NFO,{number},75,SHARE{number // 100},SHARE28OCT25C{number},28-OCT-2025,OPTSTK,CE,{100 + number % 100},0.05,\n"
        for number in range(count)
    ]
    body = (head + "".join(rows)).encode()
    return imported(
        "Shoonya (CSV)",
        count,
        {"list": body},
        lambda files: noren.parse(files, "shoonya"),
        lambda: list(csv.reader(io.StringIO(body.decode()))),
    )


def _xts(count: int) -> Row:
    rows = [
        f"NSEFO|{number}|2|SHARE{number // 100}|SHARE28OCT25CE|OPTSTK|X|1|9|1|1800.5|0.05|75|1|-1|SHARE"
        f"|2025-10-28T14:30:00|{100 + number % 100}|3|SHARE 28OCT2025 CE|1|1|X"
        for number in range(count)
    ]
    body = json.dumps({"type": "success", "result": "\n".join(rows)}).encode()
    return imported(
        "XTS (text between pipes)",
        count,
        {"list": body},
        lambda files: xts.parse(files, "iifl"),
        lambda: [line.split("|") for line in json.loads(body)["result"].split("\n")],
    )


def _upstox(count: int) -> Row:
    same = {
        "segment": "NSE_FO",
        "exchange": "NSE",
        "expiry": 1_769_538_599_000,
        "instrument_type": "CE",
        "lot_size": 75,
        "tick_size": 5.0,
        "weekly": False,
        "asset_type": "EQUITY",
    }
    rows = []
    for number in range(count):
        name, strike = f"SHARE{number // 100}", 100 + number % 100
        own = {"underlying_symbol": name, "name": f"{name} LIMITED", "strike_price": float(strike)}
        own |= {"instrument_key": f"NSE_FO|{number}", "trading_symbol": f"{name} {strike} CE 27 JAN 26"}
        rows.append(own | same)
    body = json.dumps(rows).encode()
    return imported("Upstox (JSON)", count, {"instruments.json": body}, upstox.parse, lambda: json.loads(body))


def _fyers(count: int) -> Row:
    lines = []
    for number in range(count):
        name, strike = f"SHARE{number // 100}", 100 + number % 100
        start = f"1011260127{number},{name} 27 Jan 26 {strike} CE,15,75,0.05,,S,D,1769508000,NSE:{name}26JAN{strike}CE"
        lines.append(f"{start},10,11,{number},{name},1,{strike}.0,CE,1,None,1,0.0")
    body = "\n".join(lines).encode()

    def plain() -> list[list[str]]:
        return list(csv.reader(io.StringIO(body.decode())))

    return imported("Fyers (CSV)", count, {"NSE_FO.csv": body}, fyers.parse, plain)


def _dhan(count: int) -> Row:
    lines = [",".join(dhan.COLUMNS)]
    for number in range(count):
        name, strike = f"SHARE{number // 100}", 100 + number % 100
        own = f"{number},OPTSTK,{name}-Oct2026-{strike}-CE,75,{name} CALL,2026-10-28 14:30:00,{strike}.00000"
        lines.append(f"NSE,D,{own},CE,5.0000,")
    text = "\n".join(lines)
    return imported(
        "Dhan (CSV)", count, {"list": text.encode()}, dhan.parse, lambda: list(csv.DictReader(io.StringIO(text)))
    )


def imported(
    whose: str,
    count: int,
    files: Mapping[str, bytes],
    parse: Callable[[Mapping[str, bytes]], Master],
    plain: Callable[[], object],
) -> Row:
    """The best of three imports of `count` rows."""
    found = [_took(lambda: parse(files)) for _ in range(3)]
    measured = min(found)
    return Row(
        benchmark="masters",
        what=f"list of {whose}, {count:,} rows",
        measured=measured,
        unit="s",
        baseline=min(_took(plain) for _ in range(3)),
        baseline_what="reading it",
        budget=f"≤ {_BUDGET_S:g} s",
        met=measured <= _BUDGET_S,
        facts={"delivered": len(parse(files).instruments), "expected": count},
    )


def _took(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
