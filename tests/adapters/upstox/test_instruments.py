"""Upstox's instrument list under OpenAlgo's names."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.upstox.instruments import parse
from market.errors import DecodeError
from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey, InstrumentKind, OptionRight
from market.symbols import format_symbol, parse_symbol

OPTION = {
    "segment": "NSE_FO",
    "name": "BANKNIFTY",
    "expiry": 1_769_538_599_000,
    "instrument_type": "PE",
    "underlying_symbol": "BANKNIFTY",
    "instrument_key": "NSE_FO|50912",
    "lot_size": 30,
    "exchange_token": "50912",
    "tick_size": 5.0,
    "trading_symbol": "BANKNIFTY 54100 PE 27 JAN 26",
    "strike_price": 54100.0,
}
FUTURE = OPTION | {"segment": "NCD_FO", "instrument_type": "FUT", "underlying_symbol": "USDINR", "tick_size": 0.25}
SHARE = {
    "segment": "NSE_EQ",
    "name": "CENTRAL BANK OF INDIA",
    "instrument_type": "BE",
    "instrument_key": "NSE_EQ|INE483A01010",
    "lot_size": 1,
    "tick_size": 1.0,
    "trading_symbol": "CENTRALBK",
}
INDEX = {
    "segment": "NSE_INDEX",
    "name": "Nifty 50",
    "instrument_type": "INDEX",
    "instrument_key": "NSE_INDEX|Nifty 50",
    "trading_symbol": "NIFTY",
}


def read(*rows: object) -> list[Instrument]:
    master = parse({"instruments.json": json.dumps(rows).encode()})
    assert master.skipped == Counter()
    return master.instruments


def skipped(*rows: object) -> Counter[str]:
    return parse({"instruments.json": json.dumps(rows).encode()}).skipped


def test_an_option_has_its_contract_in_rupees() -> None:
    assert read(OPTION) == [
        Instrument(
            key=InstrumentKey(Exchange.NFO, "BANKNIFTY27JAN2654100PE"),
            kind=InstrumentKind.OPTION,
            name="BANKNIFTY",
            tick_size=0.05,
            lot=30,
            expiry=date(2026, 1, 27),
            strike=54100.0,
            right=OptionRight.PUT,
            underlying=InstrumentKey(Exchange.NSE_INDEX, "BANKNIFTY"),
            token="NSE_FO|50912",
            broker_symbol="BANKNIFTY 54100 PE 27 JAN 26",
            source="upstox",
        )
    ]


def test_a_currency_future_has_four_digits() -> None:
    (future,) = read(FUTURE)
    assert (future.key, future.tick_size, future.decimals) == (
        InstrumentKey(Exchange.CDS, "USDINR27JAN26FUT"),
        0.0025,
        4,
    )
    assert future.strike is None


def test_a_contract_ends_on_the_day_in_india() -> None:
    (early,) = read(OPTION | {"expiry": 1_769_452_200_000})  # midnight there, half past six in the evening before here
    assert early.expiry == date(2026, 1, 27)


def test_a_share_goes_without_its_series_and_a_bond_keeps_it() -> None:
    bond = SHARE | {"trading_symbol": "749RJ35", "instrument_type": "SG", "instrument_key": "NSE_EQ|IN2920250163"}
    bse = SHARE | {"segment": "BSE_EQ", "instrument_type": "A", "instrument_key": "BSE_EQ|INE483A01010"}
    assert [str(each.key) for each in read(SHARE, bond, bse)] == ["NSE:CENTRALBK", "NSE:749RJ35-SG", "BSE:CENTRALBK"]


def test_an_index_has_openalgos_name() -> None:
    vix = INDEX | {"trading_symbol": "INDIA VIX", "instrument_key": "NSE_INDEX|India VIX"}
    first, second = read(INDEX, vix)
    assert (str(first.key), first.token, first.tick_size) == ("NSE_INDEX:NIFTY", "NSE_INDEX|Nifty 50", 0.05)
    assert str(second.key) == "NSE_INDEX:INDIAVIX"


def test_rows_without_a_name_are_counted_by_reason() -> None:
    rows = (
        SHARE | {"segment": "XYZ_EQ"},
        OPTION | {"segment": "NSE_COM", "instrument_type": "COM"},
        SHARE | {"instrument_type": "BL"},
        OPTION | {"expiry": 0},
        OPTION | {"strike_price": 0.0},
        OPTION | {"expiry": 10**18},
        INDEX | {"trading_symbol": " "},
        SHARE | {"trading_symbol": ""},
    )
    assert skipped(*rows, SHARE, SHARE) == Counter(
        {
            "the segment XYZ_EQ has no name in OpenAlgo": 1,
            "the kind COM on NCO is not traded": 1,
            "the series BL is a window for block deals": 1,
            "a contract without underlying or expiry": 1,
            "a number or a date cannot be read": 2,
            "an index without a name": 1,
            "a share without a name": 1,
            "another row has the same name": 1,
        }
    )


@pytest.mark.parametrize("name", ["name", "underlying_symbol", "lot_size", "expiry", "strike_price"])
def test_a_null_where_a_number_or_a_name_may_be_missing_costs_nothing(name: str) -> None:
    assert len(read(OPTION, SHARE | {name: None})) == 2


def test_a_value_of_another_kind_costs_its_row_alone() -> None:
    assert skipped(OPTION, SHARE | {"strike_price": "x"}) == {"a row with a value of another kind": 1}


@pytest.mark.parametrize("body", [b"", b"{}", b"[1]", b'[{"segment":"NSE_EQ"}]', b"<html>"])
def test_what_is_no_list_is_a_decode_error(body: bytes) -> None:
    with pytest.raises(DecodeError, match="Not an instrument list of Upstox"):
        parse({"instruments.json": body})


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_a_decode_error(body: bytes) -> None:
    try:
        parse({"x": body})
    except DecodeError:
        return
    assert json.loads(body) == []


@pytest.mark.recorded
def test_the_whole_list_has_names_that_can_be_read_again(recordings: Path) -> None:
    packed = (recordings / "masters" / "upstox_complete_2025-12-10.json.gz").read_bytes()
    master = parse({"instruments.json": gzip.decompress(packed)})
    assert master.rows == 126_978
    assert Counter(each.key.exchange.value for each in master.instruments) == {
        "NFO": 38_752,
        "MCX": 25_214,
        "NCO": 18_842,
        "BSE": 12_688,
        "BCD": 9_168,
        "CDS": 8_754,
        "NSE": 8_488,
        "BFO": 4_843,
        "NSE_INDEX": 134,
        "BSE_INDEX": 70,
    }
    assert master.skipped == {"the kind COM on NCO is not traded": 24, "another row has the same name": 1}
    keys = [each.key for each in master.instruments]
    assert len(set(keys)) == len(keys)
    assert len({each.token for each in master.instruments}) == len(keys)
    by_key = {each.key: each for each in master.instruments}
    for each in master.instruments:
        parts = parse_symbol(*each.key)
        assert (parts.expiry, parts.strike) == (each.expiry, each.strike)
        assert format_symbol(parts) == each.key.symbol
        if each.underlying is not None and each.underlying.exchange is Exchange.NSE_INDEX:
            assert each.underlying in by_key
    assert by_key[InstrumentKey(Exchange.NSE, "RELIANCE")].token == "NSE_EQ|INE002A01018"
    for name in ("NIFTY", "BANKNIFTY", "FINNIFTY", "MIDCPNIFTY", "NIFTYNXT50", "INDIAVIX"):
        assert InstrumentKey(Exchange.NSE_INDEX, name) in by_key
    for name in ("SENSEX", "BANKEX", "SENSEX50"):
        assert InstrumentKey(Exchange.BSE_INDEX, name) in by_key
