"""Instrument lists of the XTS brokers. The rows follow the vendor's documentation; no real list was had."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.xts.instruments import parse, plan
from market.errors import DecodeError
from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey, InstrumentKind
from market.symbols import parse_symbol
from tests.adapters.xts.bench import BY_NAME

_TAIL = "|NIFTY 30JAN2025 CE 23500|1|1|NIFTY25JAN23500CE"
OPTION = (
    "NSEFO|43210|2|NIFTY|NIFTY25JAN23500CE|OPTIDX|NIFTY-OPTIDX|1|900|100|1800.5|0.05|75|1"
    "|-1|Nifty 50|2025-01-30T14:30:00|23500|3" + _TAIL
)
FUTURE = (
    "NSEFO|35001|1|RELIANCE|RELIANCE25JANFUT|FUTSTK|RELIANCE-FUTSTK|1|900|100|1800|0.05|250|1"
    "|11001|RELIANCE|2025-01-30T14:30:00|RELIANCE 30JAN2025|1|1|RELIANCE25JANFUT"
)
SHARE = (
    "NSECM|2885|8|RELIANCE|RELIANCE-EQ|EQ|RELIANCE-EQ|11001|1400|1200|9999|0.05|1|1"
    "|RELIANCE|INE002A01018|1|1|R|-1|-1|-1"
)


def _list(*rows: str) -> bytes:
    return json.dumps({"type": "success", "result": "\n".join(rows)}).encode()


def _one(row: str) -> Instrument:
    (found,) = parse({"x": _list(row)}, "iifl").instruments
    return found


def test_option_has_its_name() -> None:
    found = _one(OPTION)
    assert found.key == InstrumentKey(Exchange.NFO, "NIFTY30JAN2523500CE")
    assert (found.token, found.lot, found.tick_size, found.strike) == ("43210", 75, 0.05, 23_500)
    assert found.underlying == InstrumentKey(Exchange.NSE_INDEX, "NIFTY")
    assert parse_symbol(found.key.exchange, found.key.symbol).strike == 23_500
    assert _one(OPTION.replace("|23500|3|", "|23500.5|4|")).key.symbol == "NIFTY30JAN2523500.5PE"


def test_future_has_two_columns_fewer() -> None:
    found = _one(FUTURE)
    assert found.key == InstrumentKey(Exchange.NFO, "RELIANCE30JAN25FUT")
    assert (found.kind, found.underlying) == (InstrumentKind.FUTURE, InstrumentKey(Exchange.NSE, "RELIANCE"))


def test_contract_of_bse_may_be_named_by_a_code() -> None:
    for name, base in (
        ("BSX", "SENSEX"),
        ("SENSEX", "SENSEX"),
        ("BKX", "BANKEX"),
        ("SX50", "SENSEX50"),
        ("TCS", "TCS"),
    ):
        row = OPTION.replace("NSEFO|43210|2|NIFTY|", f"BSEFO|43210|2|{name}|")
        assert _one(row).key == InstrumentKey(Exchange.BFO, f"{base}30JAN2523500CE")


def test_share_loses_its_series() -> None:
    found = _one(SHARE)
    assert (found.key, found.token) == (InstrumentKey(Exchange.NSE, "RELIANCE"), "2885")
    debenture = SHARE.replace("|RELIANCE|RELIANCE-EQ|EQ|", "|NHAI|NHAI-N2|N2|")
    assert _one(debenture).key.symbol == "NHAI-N2"


def test_old_list_has_fewer_columns_for_shares() -> None:
    assert _one("|".join(SHARE.split("|")[:18])).key.symbol == "RELIANCE"


def test_indices_have_a_list_of_their_own() -> None:
    body = json.dumps({"type": "success", "result": {"indexList": ["NIFTY 50_26000", "NIFTY_X_1", "broken"]}}).encode()
    master = parse({"indices_NSECM.json": body}, "iifl")
    assert [(str(each.key), each.token) for each in master.instruments] == [
        ("NSE_INDEX:NIFTY", "26000"),
        ("NSE_INDEX:NIFTY_X", "1"),
    ]
    assert dict(master.skipped) == {"an index without its number": 1}
    bse = parse({"indices_BSECM.json": json.dumps({"result": {"indexList": ["SENSEX_26065"]}}).encode()}, "iifl")
    assert str(bse.instruments[0].key) == "BSE_INDEX:SENSEX"


def test_index_of_bse_is_among_its_shares() -> None:
    found = _one("BSECM|26065|8|SENSEX|SENSEX|SPOT|SENSEX-SPOT|1|0|0|0|0.01|1|1|SENSEX|")
    assert (found.key, found.kind) == (InstrumentKey(Exchange.BSE_INDEX, "SENSEX"), InstrumentKind.INDEX)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("NSECM|1|8", "a row has too few columns"),
        (SHARE.replace("NSECM", "MSECM"), "the segment MSECM has no name in OpenAlgo"),
        (SHARE.replace("|2885|", "|x|"), "a row without its number"),
        (SHARE.replace("|EQ|", "|BL|"), "the series BL is a window for block deals"),
        (SHARE.replace("|RELIANCE|RELIANCE-EQ", "|REL!|RELIANCE-EQ"), "its name cannot be a symbol"),
        (SHARE.replace("|0.05|", "|x|"), "a number or a date cannot be read"),
        (FUTURE.replace("|1|RELIANCE|", "|4|RELIANCE|"), "spreads on NFO are not served"),
        (FUTURE.replace("2025-01-30T14:30:00", "1"), "a number or a date cannot be read"),
        (OPTION.replace("|23500|3|", "|23500|9|"), "an option that is neither call nor put"),
        (OPTION.replace("|23500|3|", "|0|3|"), "a number or a date cannot be read"),
        (OPTION.replace("|NIFTY|NIFTY25", "||NIFTY25"), "a contract without an underlying"),
    ],
)
def test_row_without_a_name_is_counted(row: str, reason: str) -> None:
    master = parse({"x": _list(row)}, "iifl")
    assert (master.instruments, dict(master.skipped)) == ([], {reason: 1})


def test_same_number_on_two_segments_is_two_instruments() -> None:
    master = parse({"x": _list(SHARE, SHARE.replace("NSECM", "BSECM"), OPTION.replace("43210", "2885"))}, "iifl")
    assert len(master.instruments) == 3
    assert {each.token for each in master.instruments} == {"2885"}


@pytest.mark.parametrize("body", [b"", b"{}", b'{"result":5}', b'{"result":{}}', b"\xff", b"<html>"])
def test_other_files_are_refused(body: bytes) -> None:
    with pytest.raises(DecodeError):
        parse({"x": body}, "iifl")


@given(
    st.lists(st.lists(st.sampled_from([*OPTION.split("|"), "", "x", "NSECM", "SPOT", "8"]), max_size=24), max_size=3)
)
def test_any_rows_are_read_or_counted(rows: list[list[str]]) -> None:
    lines = [line for row in rows if (line := "|".join(row)).strip()]
    assert parse({"x": _list(*lines)}, "iifl").rows == len(lines)


def test_broker_asks_for_the_segments_that_it_has() -> None:
    files = plan(BY_NAME["rmoney"]).files
    assert [file.payload for file in files if file.payload] == [
        {"exchangeSegmentList": [name]} for name in ("NSECM", "NSEFO", "BSECM", "BSEFO")
    ]
    assert {file.path for file in files if file.payload} == {"/apibinarymarketdata/instruments/master"}
    assert [file.path.rpartition("?")[2] for file in files if file.needs_session] == [
        "exchangeSegment=1",
        "exchangeSegment=11",
    ]
