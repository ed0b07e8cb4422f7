"""Dhan's instrument list."""

from __future__ import annotations

import gzip
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.dhan.instruments import PLAN, parse
from market.errors import DecodeError
from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey
from market.symbols import parse_symbol

_HEAD = (
    "SEM_EXM_EXCH_ID,SEM_SEGMENT,SEM_SMST_SECURITY_ID,SEM_INSTRUMENT_NAME,SEM_EXPIRY_CODE,SEM_TRADING_SYMBOL,"
    "SEM_LOT_UNITS,SEM_CUSTOM_SYMBOL,SEM_EXPIRY_DATE,SEM_STRIKE_PRICE,SEM_OPTION_TYPE,SEM_TICK_SIZE,SEM_EXPIRY_FLAG,"
    "SEM_EXCH_INSTRUMENT_TYPE,SEM_SERIES,SM_SYMBOL_NAME\n"
)


def _one(row: str) -> Instrument:
    (found,) = parse({"list": (_HEAD + row + "\n").encode()}).instruments
    return found


@pytest.mark.parametrize(
    ("row", "key", "tick", "lot"),
    [
        ("NSE,E,2885,EQUITY,0,RELIANCE,1.0,Reliance,,,,10.0000,NA,ES,EQ,RELIANCE LTD", "NSE:RELIANCE", 0.1, 1),
        ("NSE,E,1,EQUITY,0,GOLDSTAR,11250,Goldstar,,,,5,NA,ES,SM,GOLDSTAR", "NSE:GOLDSTAR", 0.05, 11_250),
        ("NSE,E,2,EQUITY,0,688GS2040,100,GS,,,,1,NA,DBT,GS,GS", "NSE:688GS2040-GS", 0.01, 100),
        ("BSE,E,532977,EQUITY,0,BAJAJ-AUTO,1,Bajaj Auto,,,,5,NA,ES,A,BAJAJ", "BSE:BAJAJ-AUTO", 0.05, 1),
        ("BSE,E,7,EQUITY,0,PILANI INVE,1,Pilani,,,,5,NA,ES,A,P", "BSE:PILANIINVE", 0.05, 1),
        ("NSE,I,13,INDEX,0,NIFTY,1,Nifty 50,0001-01-01,,XX,0.05,,INDEX,X,NIFTY", "NSE_INDEX:NIFTY", 0.05, 1),
        ("NSE,I,21,INDEX,0,INDIA VIX,1,India VIX,0001-01-01,,XX,0.05,,INDEX,X,X", "NSE_INDEX:INDIAVIX", 0.05, 1),
        ("BSE,I,51,INDEX,0,SENSEX,1,Sensex,0001-01-01,,XX,0.01,,INDEX,X,SENSEX", "BSE_INDEX:SENSEX", 0.01, 1),
        ("NSE,I,5024,INDEX,0,GIFTNIFTY,1,Gift,0001-01-01,,XX,0,,INDEX,X,G", "GLOBAL_INDEX:GIFTNIFTY", 0.01, 1),
        (
            "NSE,D,35191,OPTIDX,0,NIFTY-Jun2026-27650-CE,65.0,NIFTY,2026-06-30 14:30:00,27650.00000,CE,5.0,M,OP,,",
            "NFO:NIFTY30JUN2627650CE",
            0.05,
            65,
        ),
        (
            "NSE,D,51234,FUTSTK,0,BAJAJ-AUTO-Jan2027-FUT,75.0,BAJAJ,2027-01-28 14:30:00,-0.01,XX,10.0,M,FUT,NA,",
            "NFO:BAJAJ-AUTO28JAN27FUT",
            0.1,
            75,
        ),
        (
            "BSE,D,824001,FUTIDX,1,SENSEX-Jul2027-FUT,20,SENSEX,2027-07-29,0,,5,M,FI,,SENSEX",
            "BFO:SENSEX29JUL27FUT",
            0.05,
            20,
        ),
        (
            "MCX,M,570750,FUTCOM,0,NATGASMINI-27Oct2026-FUT,1.0,NATURALGASM,2026-10-27 23:30:00,0.0,XX,10.0,M,F,2,N",
            "MCX:NATGASMINI27OCT26FUT",
            0.1,
            1,
        ),
        (
            "NSE,C,1,OPTCUR,0,USDINR-Jun2026-83.5-PE,1,USDINR,2026-06-26 12:30:00,83.50000,PE,0.25,M,OP,,",
            "CDS:USDINR26JUN2683.5PE",
            0.0025,
            1,
        ),
    ],
)
def test_row_has_its_name(row: str, key: str, tick: float, lot: int) -> None:
    found = _one(row)
    assert str(found.key) == key
    cells = row.split(",")
    assert (found.tick_size, found.lot, found.token, found.broker_symbol) == (tick, lot, cells[2], cells[5])
    parsed = parse_symbol(*found.key)
    assert (parsed.kind, parsed.expiry, parsed.strike) == (found.kind, found.expiry, found.strike)


def test_a_contract_knows_what_it_is_written_on() -> None:
    index = _one("NSE,D,1,FUTIDX,0,NIFTY-Jun2026-FUT,65,N,2026-06-30,0,XX,5,M,F,,")
    share = _one("NSE,D,2,FUTSTK,0,INFY-Jun2026-FUT,65,N,2026-06-30,0,XX,5,M,F,,")
    assert index.underlying == InstrumentKey(Exchange.NSE_INDEX, "NIFTY")
    assert share.underlying == InstrumentKey(Exchange.NSE, "INFY")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("NSE,M,1,FUTCOM,0,GOLD-5Jan2027-FUT,1,G,2027-01-05,0,XX,5,M,F,,", "the feed does not carry segment M of NSE"),
        ("NSE,E,-1,EQUITY,0,A,1,A,,,,5,NA,ES,EQ,A", "a security id that packets cannot have"),
        ("NSE,E,x,EQUITY,0,A,1,A,,,,5,NA,ES,EQ,A", "a number or a date cannot be read"),
        ("NSE,E,1,EQUITY,0,A,1,A,,,,,NA,ES,EQ,A", "a number or a date cannot be read"),
        ("NSE,E,1,EQUITY,0,A,1,A,,,,5,NA,ES,BL,A", "the series BL is a window for block deals"),
        ("NSE,E,1,EQUITY,0,A!,1,A,,,,5,NA,ES,EQ,A", "its name cannot be a symbol"),
        ("NSE,D,1,FUTSTK,0,A!-Jun2026-FUT,65,N,2026-06-30,0,XX,5,M,F,,", "its name cannot be a symbol"),
        ("NSE,I,1,INDEX,0,!,1,A,,,,0.05,NA,ES,EQ,A", "an index without a name"),
        ("NSE,C,1,UNDCUR,0,USDINR,1,A,,,,5,NA,ES,,A", "the kind UNDCUR on CDS is not traded"),
        (
            "NSE,D,1,FUTIDX,0,NIFTY 30 JUN,65,N,2026-06-30,0,XX,5,M,F,,",
            "a contract whose name is written in another way",
        ),
        ("NSE,D,1,OPTIDX,0,NIFTY-Jun2026-1-CE,65,N,2026-06-30,1,XX,5,M,F,,", "an option that is neither call nor put"),
        ("NSE,D,1,OPTIDX,0,NIFTY-Jun2026-1-CE,65,N,2026-06-31,1,CE,5,M,F,,", "a number or a date cannot be read"),
        ("NSE,D,1,OPTIDX,0,NIFTY-Jun2026-1-CE,65,N,2026-06-30,0,CE,5,M,F,,", "a number or a date cannot be read"),
        ("NSE,E,1,EQUITY", "a row has another number of columns"),
    ],
)
def test_row_without_a_name_is_counted(row: str, reason: str) -> None:
    master = parse({"list": (_HEAD + row + "\n").encode()})
    assert (master.instruments, dict(master.skipped), master.rows) == ([], {reason: 1}, 1)


def test_columns_are_found_by_name() -> None:
    names = _HEAD.strip().split(",")
    row = [
        "NSE",
        "E",
        "1594",
        "EQUITY",
        "0",
        "INFY",
        "1",
        "Infosys",
        "",
        "",
        "",
        "10",
        "NA",
        "ES",
        "EQ",
        "INFOSYS LIMITED",
    ]
    turned = ",".join(["NEW", *reversed(names)]) + "\n" + ",".join(["x", *reversed(row)]) + "\n"
    (found,) = parse({"list": turned.encode()}).instruments
    assert (found.key, found.name) == (InstrumentKey(Exchange.NSE, "INFY"), "Infosys")


@pytest.mark.parametrize("body", [b"", b"a,b,c\n1,2,3\n", b"\xff\xfe\x00", b"SEM_SEGMENT\nE\n"])
def test_other_files_are_refused(body: bytes) -> None:
    with pytest.raises(DecodeError):
        parse({"list": body})


@given(st.text(alphabet=st.sampled_from('NSEBMCXDI,-0.1EQUITYFTOP \n"A'), max_size=200))
def test_any_rows_are_read_or_counted(rows: str) -> None:
    try:
        master = parse({"list": (_HEAD + rows).encode()})
    except DecodeError:
        return
    assert master.rows >= 0


@pytest.mark.recorded
def test_recorded_list_of_shares_and_indices(recordings: Path) -> None:
    (path,) = recordings.glob("masters/dhan_*.csv.gz")
    body = gzip.decompress(path.read_bytes())
    master = PLAN.parse({"api-scrip-master.csv": body})
    assert master.rows == body.count(b"\n") - 1 == 23_116
    found = Counter(str(each.key.exchange) for each in master.instruments)
    assert found == {"BSE": 13_339, "NSE": 9_586, "NSE_INDEX": 118, "BSE_INDEX": 71, "GLOBAL_INDEX": 1}
    assert dict(master.skipped) == {"another row has the same name": 1}
    assert len({each.key for each in master.instruments}) == len(master.instruments)
    for each in master.instruments:
        assert parse_symbol(*each.key).kind is each.kind
        assert each.tick_size > 0
    tokens = {str(each.key): each.token for each in master.instruments}
    assert (tokens["NSE:INFY"], tokens["BSE:INFY"], tokens["NSE:HDFCBANK"]) == ("1594", "500209", "1333")
    indices = {"NIFTY": "13", "BANKNIFTY": "25", "FINNIFTY": "27", "INDIAVIX": "21", "NIFTYNXT50": "38"}
    assert {name: tokens[f"NSE_INDEX:{name}"] for name in indices} == indices
    assert (tokens["BSE_INDEX:SENSEX"], tokens["NSE_INDEX:NIFTYMIDCAP100"]) == ("51", "37")
