"""Instrument lists of the Noren brokers."""

from __future__ import annotations

import gzip
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.noren.instruments import parse, plan
from adapters.noren.rows import ALICEBLUE, ROWS, SHOONYA
from market.errors import DecodeError
from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey, InstrumentKind
from market.symbols import parse_symbol

_DERIVATIVES = "Exchange,Token,LotSize,Symbol,TradingSymbol,Expiry,Instrument,OptionType,StrikePrice,TickSize,\n"
_FLATTRADE = "Exchange,Token,Lotsize,Symbol,Tradingsymbol,Instrument,Expiry,Strike,Optiontype\n"
_ALICE = (
    "Exch,Exchange Segment,Symbol,Token,Instrument Type,Option Type,Strike Price,Instrument Name,"
    "Formatted Ins Name,Trading Symbol,Expiry Date,Lot Size,Tick Size\n"
)


def _one(text: str) -> Instrument:
    master = parse({"list": text.encode()}, "shoonya")
    (found,) = master.instruments
    return found


@pytest.mark.parametrize(
    ("row", "symbol", "lot", "tick"),
    [
        ("NFO,43210,65,NIFTY,NIFTY06OCT26P22400,06-OCT-2026,OPTIDX,PE,22400,0.05,", "NIFTY06OCT2622400PE", 65, 0.05),
        ("NFO,156,900,ZYDUS,ZYDUS29SEP26F,29-SEP-2026,FUTSTK,XX,-0.01,0.05,", "ZYDUS29SEP26FUT", 900, 0.05),
        ("BFO,83,20,BSXOPT,SENSEX26SEP91000PE,24-SEP-2026,OPTIDX,PE,91000,0.05,", "SENSEX24SEP2691000PE", 20, 0.05),
        (
            "BFO,84,20,BSXOPT,SENSEX2690391000.5CE,03-SEP-2026,OPTIDX,CE,91000.50,0.05,",
            "SENSEX03SEP2691000.5CE",
            20,
            0.05,
        ),
        ("BFO,85,30,SX50FUT,SENSEX5026OCTFUT,29-OCT-2026,FUTIDX,XX,0,0.05,", "SENSEX5029OCT26FUT", 30, 0.05),
        ("BFO,86,30,ABCOPT,SOMETHING ELSE,29-OCT-2026,OPTSTK,CE,10,0.05,", "ABCOPT29OCT2610CE", 30, 0.05),
        ("CDS,1201,1,USDINR,USDINR29OCT26F,29-OCT-2026,FUTCUR,XX,0,0.0025,", "USDINR29OCT26FUT", 1, 0.0025),
    ],
)
def test_contract_has_its_name(row: str, symbol: str, lot: int, tick: float) -> None:
    found = _one(_DERIVATIVES + row + "\n")
    assert found.key == InstrumentKey(Exchange(row[:3]), symbol)
    assert (found.lot, found.tick_size, found.token) == (lot, tick, row.split(",")[1])
    parsed = parse_symbol(found.key.exchange, symbol)
    assert (parsed.expiry, parsed.strike, parsed.right, parsed.kind) == (
        found.expiry,
        found.strike,
        found.right,
        found.kind,
    )


def test_contract_of_commodities_has_a_column_more() -> None:
    head = _DERIVATIVES.replace("LotSize,", "LotSize,GNGD,")
    found = _one(head + "MCX,574822,100,0.1,SILVER100,SILVER10031JUL26,31-JUL-2026,FUTCOM,XX,0,1,\n")
    assert found.key == InstrumentKey(Exchange.MCX, "SILVER10031JUL26FUT")
    assert (found.lot, found.tick_size, found.underlying) == (100, 1.0, None)


def test_columns_of_flattrade() -> None:
    option = _one(_FLATTRADE + "NFO,43210,65,NIFTY,NIFTY06OCT26P22400,OPTIDX,06-OCT-2026,22400,PE\n")
    assert option.key == InstrumentKey(Exchange.NFO, "NIFTY06OCT2622400PE")
    assert option.underlying == InstrumentKey(Exchange.NSE_INDEX, "NIFTY")
    index = _one(_FLATTRADE + "NSE,26009,1,Nifty Bank,Nifty Bank,INDEX,,0,XX\n")
    assert (index.key.symbol, index.kind) == ("BANKNIFTY", InstrumentKind.INDEX)
    currency = _one(_FLATTRADE + "CDS,1201,1000,USDINR,USDINR29OCT26F,FUTCUR,29-OCT-2026,0,XX\n")
    assert currency.tick_size == 0.0025


def test_columns_of_alice_blue() -> None:
    rows = (
        "NFO,nse_fo,NIFTY,43210,OPTIDX,PE,22400.0,NIFTY,NIFTY 06 OCT 22400 PE,NIFTY06OCT26P22400,2026-10-06,65,0.05\n"
    )
    assert _one(_ALICE + rows).key == InstrumentKey(Exchange.NFO, "NIFTY06OCT2622400PE")
    share = "NSE,nse_cm,INFY,1594,,,,INFOSYS LIMITED,INFY,INFY-EQ,,1,0.10\n"
    assert _one(_ALICE + share).key == InstrumentKey(Exchange.NSE, "INFY")
    currency = "CDS,cde_fo,USDINR,1204,OPTCUR,CE,79.5,OPTCUR,USDINR 28SEP CE,USDINR28SEP26C79.5,28-09-2026,1,0.0025\n"
    assert _one(_ALICE + currency).key == InstrumentKey(Exchange.CDS, "USDINR28SEP2679.5CE")
    indices = parse({"INDICES.csv": b"exch,token,symbol\nNSE,26000,NIFTY 50\nBSE,1,SENSEX\n"}, "aliceblue")
    assert [str(each.key) for each in indices.instruments] == ["NSE_INDEX:NIFTY", "BSE_INDEX:SENSEX"]


def test_indices_of_bse_are_added_where_its_shares_are() -> None:
    head = "Exchange,Token,LotSize,Symbol,TradingSymbol,Instrument,TickSize,\n"
    master = parse({"BSE.txt": (head + "BSE,500325,1,RELIANCE,RELIANCE,A,0.05,\n").encode()}, "shoonya")
    assert [(str(each.key), each.token) for each in master.instruments] == [
        ("BSE:RELIANCE", "500325"),
        ("BSE_INDEX:SENSEX", "1"),
        ("BSE_INDEX:BANKEX", "12"),
    ]
    both = {
        "B": (head + "BSE,500325,1,RELIANCE,RELIANCE,A,0.05,\n").encode(),
        "I": b"exch,token,symbol\nBSE,1,SENSEX\n",
    }
    assert parse(both, "aliceblue").skipped.total() == 0


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("XYZ,1,1,A,A-EQ,,EQ,,,0.05,", "the exchange XYZ has no name in OpenAlgo"),
        ("NSE,,1,A,A-EQ,,EQ,,,0.05,", "a row without a token"),
        ("NSE,1,1,A,A-BL,,BL,,,0.05,", "the series BL is a window for block deals"),
        ("NSE,1,1,A!,A!-EQ,,EQ,,,0.05,", "its name cannot be a symbol"),
        ("NFO,1,1,NIFTY,NIFTY1,,OPTIDX,CE,22400,0.05,", "a number or a date cannot be read"),
        ("NFO,1,1,NIFTY,NIFTY1,06-OCT-2026,OPTIDX,CE,0,0.05,", "a number or a date cannot be read"),
        ("NFO,1,1,NIFTY,NIFTY1,2026-10-0x,OPTIDX,CE,5,0.05,", "a number or a date cannot be read"),
        ("NFO,1,1,NIFTY,NIFTY1,06-13-2026,OPTIDX,CE,5,0.05,", "a number or a date cannot be read"),
        ("NFO,1,x,NIFTY,NIFTY1,06-OCT-2026,OPTIDX,CE,5,0.05,", "a number or a date cannot be read"),
        ("CDS,1,1,USDINR,USDINR,06-OCT-2026,UNDCUR,XX,0,0.05,", "the kind UNDCUR on CDS is not traded"),
        ("CDS,1,1,RATES,RATES,,INDEX,XX,0,0.05,", "indices of CDS have no name in OpenAlgo"),
    ],
)
def test_row_without_a_name_is_counted(row: str, reason: str) -> None:
    master = parse({"list": (_DERIVATIVES + row + "\n").encode()}, "shoonya")
    assert (master.instruments, dict(master.skipped), master.rows) == ([], {reason: 1}, 1)


@pytest.mark.parametrize("body", [b"", b"a,b,c\n1,2,3\n", b"\xff\xfe\x00", b"Exchange,Token\nNSE,1\n"])
def test_other_files_are_refused(body: bytes) -> None:
    with pytest.raises(DecodeError):
        parse({"list": body}, "shoonya")


@given(st.text(alphabet=st.sampled_from('NSEFOBC,-0.1EQPXINDFUTOPT \n"A'), max_size=200))
def test_any_rows_are_read_or_counted(rows: str) -> None:
    try:
        master = parse({"list": (_DERIVATIVES + rows).encode()}, "shoonya")
    except DecodeError:
        return
    assert master.rows >= 0


def test_every_broker_names_its_files() -> None:
    for row in ROWS:
        files = plan(row.name, row.masters).files
        assert len({file.name for file in files}) == len(files)
        assert all(file.path == f"/{file.name}" for file in files)
    assert plan("aliceblue", ALICEBLUE.masters).parse({"I": b"exch,token,symbol\nMCX,1,MCXBULLDEX\n"}).rows == 1


@pytest.mark.recorded
def test_recorded_list_of_shoonya(recordings: Path) -> None:
    body = gzip.decompress((recordings / "masters" / "shoonya_NSE_symbols_2026-07.txt.gz").read_bytes())
    master = plan("shoonya", SHOONYA.masters).parse({"NSE_symbols.txt.zip": body})
    assert master.rows == body.count(b"\n") - 1
    by_exchange = Counter(each.key.exchange for each in master.instruments)
    assert by_exchange == {Exchange.NSE: 9_138, Exchange.NSE_INDEX: 6}
    assert dict(master.skipped) == {"the series BL is a window for block deals": 15}
    assert len({each.key for each in master.instruments}) == len(master.instruments)
    for each in master.instruments:
        assert parse_symbol(each.key.exchange, each.key.symbol).base == each.key.symbol
        assert each.source == "shoonya"
        assert each.tick_size > 0
    named = {each.key.symbol: each for each in master.instruments if each.key.exchange is Exchange.NSE_INDEX}
    assert {symbol: each.token for symbol, each in named.items()} == {
        "NIFTY": "26000",
        "BANKNIFTY": "26009",
        "INDIAVIX": "26017",
        "FINNIFTY": "26037",
        "MIDCPNIFTY": "26074",
        "NIFTYNXT50": "26013",
    }
    infy = next(each for each in master.instruments if each.key == InstrumentKey(Exchange.NSE, "INFY"))
    assert (infy.token, infy.broker_symbol, infy.lot) == ("1594", "INFY-EQ", 1)
