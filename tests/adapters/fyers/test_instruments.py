"""Fyers's symbol masters under OpenAlgo's names."""

from __future__ import annotations

import gzip
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.fyers.index_feed_names import INDEX_FEED_NAMES
from adapters.fyers.instruments import INDEX_NAMES_FILE, PLAN, parse
from adapters.index_names import index_symbol
from adapters.masters import Master
from market.errors import DecodeError
from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey, InstrumentKind, OptionRight
from market.symbols import format_symbol, parse_symbol

SHARE = (
    "10100000002885,RELIANCE INDUSTRIES LTD,0,1,0.1,INE002A01018,0915-1530|1815-1915:,2025-05-15,,NSE:RELIANCE-EQ,"
    "10,10,2885,RELIANCE,2885,-1.0,XX,10100000002885,None,1,3.0"
)
BOND = "10100000001000,SDL MH,5,100,0.01,IN,S,D,,NSE:656MH32-SG,10,10,1000,656MH32,1000,-1.0,XX,1,None,0,0.0"
BSE = "1210000000500325,RELIANCE,0,1,0.05,INE,S,D,,BSE:RELIANCE-A,12,10,500325,RELIANCE,500325,-1.0,XX,1,None,0,0.0"
INDEX = "101000000026000,NIFTY50-INDEX,10,0,0.05,,S,D,,NSE:NIFTY50-INDEX,10,10,26000,NIFTY,26000,-1.0,XX,1,None,0,0.0"
OTHER_INDEX = INDEX.replace("NSE:NIFTY50-INDEX", "NSE:NIFTYALPHA50-INDEX")
SENSEX = "12100000001,SENSEX-INDEX,10,0,0.01,,S,D,,BSE:SENSEX-INDEX,12,10,1,SENSEX,1,-1.0,XX,1,None,0,0.0"
OPTION = (
    "101125052955037,NIFTY 29 May 25 25000 CE,14,75,0.05,,S,D,1748512800,NSE:NIFTY25MAY25000CE,"
    "10,11,55037,NIFTY,26000,25000.0,CE,101000000026000,None,1,0.0"
)
CURRENCY = (
    "10122505287,USDINR 28 May 25 FUT,16,1,0.0025,,S,D,1748421000,NSE:USDINR25MAYFUT,"
    "10,12,7,USDINR,1,-1.0,XX,1,None,0,0.0"
)


def master(*lines: str, **others: bytes) -> Master:
    return parse({"NSE_CM.csv": "\n".join(lines).encode(), **others})


def read(*lines: str) -> list[Instrument]:
    read_ = master(*lines)
    assert read_.skipped == Counter()
    return read_.instruments


def test_a_share_goes_without_its_series_and_a_bond_keeps_it() -> None:
    share, bond, bse = read(SHARE, BOND, BSE)
    assert share == Instrument(
        key=InstrumentKey(Exchange.NSE, "RELIANCE"),
        kind=InstrumentKind.EQUITY,
        name="RELIANCE INDUSTRIES LTD",
        tick_size=0.1,
        lot=1,
        token="nse_cm|2885",
        broker_symbol="NSE:RELIANCE-EQ",
        source="fyers",
    )
    assert [str(each.key) for each in (bond, bse)] == ["NSE:656MH32-SG", "BSE:RELIANCE"]
    assert bse.token == "bse_cm|500325"


def test_an_option_has_its_contract() -> None:
    (option,) = read(OPTION)
    assert (str(option.key), option.kind, option.lot) == ("NFO:NIFTY29MAY2525000CE", InstrumentKind.OPTION, 75)
    assert (option.expiry, option.strike, option.right) == (date(2025, 5, 29), 25000.0, OptionRight.CALL)
    assert option.underlying == InstrumentKey(Exchange.NSE_INDEX, "NIFTY")
    assert (option.token, option.broker_symbol) == ("nse_fo|55037", "NSE:NIFTY25MAY25000CE")


def test_a_contract_ends_on_the_day_in_india() -> None:
    (early,) = read(OPTION.replace("1748512800", "1748457000"))  # midnight there, half past six in the evening here
    assert early.expiry == date(2025, 5, 29)


def test_a_currency_future() -> None:
    (future,) = read(CURRENCY)
    assert (str(future.key), future.decimals, future.strike) == ("CDS:USDINR28MAY25FUT", 4, None)
    assert future.token == "cde_fo|7"


def test_an_index_is_known_on_the_feed_by_a_name() -> None:
    nifty, alpha, sensex = read(INDEX, OTHER_INDEX, SENSEX)
    assert [(str(each.key), each.token) for each in (nifty, alpha, sensex)] == [
        ("NSE_INDEX:NIFTY", "nse_cm|Nifty 50"),
        ("NSE_INDEX:NIFTYALPHA50", "nse_cm|NIFTY Alpha 50"),
        ("BSE_INDEX:SENSEX", "bse_cm|SENSEX"),
    ]
    assert (nifty.kind, nifty.lot) == (InstrumentKind.INDEX, 1)


@pytest.mark.parametrize(
    ("ticker", "key", "token"),
    [
        ("BSE:100-INDEX", "BSE_INDEX:BSE100", "bse_cm|BSE100"),
        ("BSE:IT-INDEX", "BSE_INDEX:BSEIT", "bse_cm|BSE IT"),
        ("BSE:SNSX50-INDEX", "BSE_INDEX:SENSEX50", "bse_cm|SNSX50"),
        ("NSE:NIFTYQUALITY30-INDEX", "NSE_INDEX:NIFTY100QUALTY30", "nse_cm|NIFTY100 Qualty30"),
        ("NSE:FINNIFTY-INDEX", "NSE_INDEX:FINNIFTY", "nse_cm|Nifty Fin Service"),
    ],
)
def test_an_index_is_called_as_with_other_brokers(ticker: str, key: str, token: str) -> None:
    (index,) = read((INDEX if ticker.startswith("NSE") else SENSEX).replace("BSE:SENSEX-INDEX", ticker)
                    .replace("NSE:NIFTY50-INDEX", ticker))  # fmt: skip
    assert (str(index.key), index.token, index.broker_symbol) == (key, token, ticker)


def test_an_index_whose_name_on_the_feed_is_not_known_is_left_out() -> None:
    unknown = INDEX.replace("NSE:NIFTY50-INDEX", "NSE:DJIA-INDEX")
    assert master(unknown).skipped == {"an index whose name on the feed is not known": 1}
    (index,) = master(unknown, **{INDEX_NAMES_FILE: b'{"NSE:DJIA-INDEX": "Dow Jones"}'}).instruments
    assert (str(index.key), index.token) == ("NSE_INDEX:DOWJONES", "nse_cm|Dow Jones")


def test_every_index_has_a_name_of_its_own() -> None:
    keys = {
        ticker: InstrumentKey(exchange, index_symbol(exchange, name))
        for ticker, name in INDEX_FEED_NAMES.items()
        for exchange in [Exchange.NSE_INDEX if ticker.startswith("NSE:") else Exchange.BSE_INDEX]
    }
    assert all(format_symbol(parse_symbol(*key)) == key.symbol for key in keys.values())
    twice = {ticker for ticker, key in keys.items() if list(keys.values()).count(key) > 1}
    assert twice == {ticker for ticker, name in INDEX_FEED_NAMES.items() if name == "Nifty Next 50"}


def test_the_names_of_indices_come_from_fyers_where_it_says_them() -> None:
    names = b'{"NSE:NIFTYALPHA50-INDEX": "NIFTY Alpha 50", "NSE:NIFTY50-INDEX": "Nifty Fifty"}'
    read_ = master(INDEX, OTHER_INDEX, **{INDEX_NAMES_FILE: names})
    assert [each.token for each in read_.instruments] == ["nse_cm|Nifty Fifty", "nse_cm|NIFTY Alpha 50"]


def test_rows_without_a_name_are_counted_by_reason() -> None:
    rows = (
        SHARE.replace("10100000002885", "99990000002885"),
        SHARE.replace("RELIANCE-EQ", "RELIANCE-BL"),
        SHARE.replace("NSE:RELIANCE-EQ", "RELIANCE"),
        OPTION.replace("1748512800", ""),
        OPTION.replace("1748512800", "soon"),
        OPTION.replace(",25000.0,", ",-1.0,"),
        SHARE.replace(",1,0.1,", ",one,0.1,"),
        INDEX.replace("NSE:NIFTY50-INDEX", "NSE:-INDEX"),
    )
    assert master(*rows, SHARE, SHARE).skipped == Counter(
        {
            "the segment 9999 has no name in OpenAlgo": 1,
            "the series BL is a window for block deals": 1,
            "a share without a series": 1,
            "a contract without underlying or expiry": 1,
            "a number or a date cannot be read": 3,
            "an index whose name on the feed is not known": 1,
            "another row has the same name": 1,
        }
    )


@pytest.mark.parametrize("body", [b"a,b,c", b"<html></html>", b"\xff\xfe\xfd", b"fytoken," + b"x," * 20])
def test_what_is_no_master_is_a_decode_error(body: bytes) -> None:
    with pytest.raises(DecodeError, match="Not a symbol master of Fyers"):
        parse({"NSE_CM.csv": body})


def test_what_is_no_list_of_index_names_is_a_decode_error() -> None:
    with pytest.raises(DecodeError, match="Not the names of Fyers's indices"):
        parse({INDEX_NAMES_FILE: b"[1]"})


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_a_decode_error(body: bytes) -> None:
    try:
        read_ = parse({"x.csv": body})
    except DecodeError:
        return
    assert read_.rows == 0


def test_every_market_has_a_file() -> None:
    assert [file.name for file in PLAN.files] == [
        INDEX_NAMES_FILE,
        *("NSE_CM.csv", "NSE_FO.csv", "BSE_CM.csv", "BSE_FO.csv", "NSE_CD.csv", "MCX_COM.csv", "NSE_COM.csv"),
    ]
    assert all(file.path == f"/sym_details/{file.name}" for file in PLAN.files)


@pytest.mark.recorded
def test_the_whole_list_of_nse_has_names_that_can_be_read_again(recordings: Path) -> None:
    packed = (recordings / "masters" / "fyers_NSE_CM_2025-05.csv.gz").read_bytes()
    read_ = parse({"NSE_CM.csv": gzip.decompress(packed)})
    assert read_.rows == 8_052
    assert Counter(each.key.exchange.value for each in read_.instruments) == {"NSE": 7_977, "NSE_INDEX": 72}
    assert read_.skipped == {"an index whose name on the feed is not known": 3}  # DJIA, S&P 500, FTSE 100
    keys = [each.key for each in read_.instruments]
    assert len(set(keys)) == len({each.token for each in read_.instruments}) == len(keys)
    by_key = {each.key: each for each in read_.instruments}
    for each in read_.instruments:
        assert format_symbol(parse_symbol(*each.key)) == each.key.symbol
    assert by_key[InstrumentKey(Exchange.NSE, "RELIANCE")].token == "nse_cm|2885"
    for name in ("NIFTY", "BANKNIFTY", "FINNIFTY", "MIDCPNIFTY", "NIFTYNXT50", "INDIAVIX"):
        assert InstrumentKey(Exchange.NSE_INDEX, name) in by_key
