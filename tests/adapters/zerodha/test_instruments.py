"""Kite's instrument list under OpenAlgo's names."""

from __future__ import annotations

import gzip
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.zerodha.instruments import parse
from market.errors import DecodeError
from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey, InstrumentKind, OptionRight
from market.symbols import format_symbol, parse_symbol

HEADER = (
    "instrument_token,exchange_token,tradingsymbol,name,last_price,expiry,strike,tick_size,lot_size,"
    "instrument_type,segment,exchange\n"
)


def _read(*rows: str) -> tuple[dict[str, Instrument], Counter[str]]:
    master = parse({"instruments.csv": (HEADER + "\n".join(rows)).encode()})
    return {str(each.key): each for each in master.instruments}, master.skipped


def test_each_kind_of_row() -> None:
    known, skipped = _read(
        '256265,1001,NIFTY 50,"NIFTY 50",0,,0,0,0,EQ,INDICES,NSE',
        '265,1,SENSEX,"SENSEX",0,,0,0,0,EQ,INDICES,BSE',
        "408065,1594,INFY,INFOSYS,0,,0,0.05,1,EQ,NSE,NSE",
        "3813889,14898,CENTRALBK-BE,CENTRAL BANK OF INDIA,0.0,,0.0,0.05,1,EQ,NSE,NSE",
        "1,1,NHAI-N2,NHAI BOND,0.0,,0.0,0.01,1,EQ,NSE,NSE",
        "12532482,48955,NYKAA26OCTFUT,NYKAA,0.0,2026-10-27,0.0,0.05,3125,FUT,NFO-FUT,NFO",
        "20368386,79564,HINDUNILVR26OCT2320CE,HINDUNILVR,0.0,2026-10-27,2320.0,0.05,300,CE,NFO-OPT,NFO",
        "256259,1001,USDINR26OCTFUT,USDINR,0,2026-10-28,0,0.0025,1,FUT,CDS-FUT,CDS",
    )
    assert sorted(known) == [
        "BSE_INDEX:SENSEX",
        "CDS:USDINR28OCT26FUT",
        "NFO:HINDUNILVR27OCT262320CE",
        "NFO:NYKAA27OCT26FUT",
        "NSE:CENTRALBK",
        "NSE:INFY",
        "NSE:NHAI-N2",
        "NSE_INDEX:NIFTY",
    ]
    assert not skipped
    option = known["NFO:HINDUNILVR27OCT262320CE"]
    assert (option.kind, option.right, option.strike) == (InstrumentKind.OPTION, OptionRight.CALL, 2320.0)
    assert (option.expiry, option.lot, option.tick_size) == (date(2026, 10, 27), 300, 0.05)
    assert option.underlying == InstrumentKey(Exchange.NSE, "HINDUNILVR")
    assert (option.token, option.broker_symbol, option.source) == ("20368386", "HINDUNILVR26OCT2320CE", "zerodha")
    assert known["CDS:USDINR28OCT26FUT"].tick_size == 0.0025


def test_rows_without_a_name_are_counted_by_reason() -> None:
    known, skipped = _read(
        "1,1,ABCAPITAL-BL,ADITYA BIRLA,0,,0,0.05,1,EQ,NSE,NSE",
        "2,1,GIFT,GIFT,0,,0,0.05,1,EQ,NSEIX,NSEIX",
        "3,1,X26OCTFUT,,0,2026-10-27,0,0.05,1,FUT,NFO-FUT,NFO",
        "4,1,X26OCTFUT,X,0,sometime,0,0.05,1,FUT,NFO-FUT,NFO",
        "5,1,X26OCT0CE,X,0,2026-10-27,0,0.05,1,CE,NFO-OPT,NFO",
        "6,1",
    )
    assert known == {}
    assert skipped == {
        "the series BL is a window for block deals": 1,
        "the exchange NSEIX has no name in OpenAlgo": 1,
        "a contract without underlying or expiry": 1,
        "a number or a date cannot be read": 2,
        "a row has another number of columns": 1,
    }


@pytest.mark.parametrize("body", [b"", b"<html>maintenance</html>", b"\xff\xfe\x00", b"a,b,c\n1,2,3\n"])
def test_what_is_no_list_is_refused(body: bytes) -> None:
    with pytest.raises(DecodeError, match="Not an instrument list of Kite"):
        parse({"instruments.csv": body})


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=300))
def test_any_rows_are_read_or_counted(text: str) -> None:
    try:
        master = parse({"instruments.csv": HEADER.encode() + text.encode()})
    except DecodeError:
        return
    assert len(master.instruments) <= text.count("\n") + text.count("\r") + 1


@pytest.mark.recorded
@pytest.mark.parametrize(
    ("name", "exchanges"),
    [
        ("zerodha_NSE_INDICES_2026-03.csv.gz", {"NSE", "NSE_INDEX"}),
        ("zerodha_NFO_BFO_2026-08.csv.gz", {"NFO", "BFO"}),
    ],
)
def test_whole_lists_are_named_and_their_names_mean_the_same(recordings: Path, name: str, exchanges: set[str]) -> None:
    body = gzip.decompress((recordings / "masters" / name).read_bytes())
    master = parse({"instruments.csv": body})
    assert master.rows == body.count(b"\n") - 1
    assert {each.key.exchange for each in master.instruments} == exchanges
    assert master.skipped.total() <= 0.03 * master.rows, master.skipped
    assert len({each.key for each in master.instruments}) == len(master.instruments)
    assert len({each.token for each in master.instruments}) == len(master.instruments)
    for each in master.instruments:
        parts = parse_symbol(each.key.exchange, each.key.symbol)
        assert format_symbol(parts) == each.key.symbol
        assert (parts.expiry, parts.strike, parts.right) == (each.expiry, each.strike, each.right)
    if "NSE_INDEX" in exchanges:
        known = {each.key.symbol for each in master.instruments if each.key.exchange == "NSE_INDEX"}
        assert known >= {"NIFTY", "BANKNIFTY", "FINNIFTY", "MIDCPNIFTY", "NIFTYNXT50", "INDIAVIX"}


@pytest.mark.recorded
def test_the_official_samples_are_read(recordings: Path) -> None:
    for name in ("instruments_all.csv", "instruments_nse.csv"):
        master = parse({"instruments.csv": (recordings / "kite" / name).read_bytes()})
        assert master.instruments
        assert master.rows == (recordings / "kite" / name).read_bytes().strip().count(b"\n")
