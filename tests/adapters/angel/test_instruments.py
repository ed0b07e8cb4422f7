"""Angel One's instrument list."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.angel.instruments import PLAN, parse
from market.errors import DecodeError
from market.exchanges import Exchange
from market.instruments import Instrument, InstrumentKey, InstrumentKind
from market.symbols import parse_symbol

_NAMES = ("token", "symbol", "name", "expiry", "strike", "lotsize", "instrumenttype", "exch_seg", "tick_size")


def _body(*rows: tuple[str, ...]) -> bytes:
    return json.dumps([dict(zip(_NAMES, row, strict=True)) for row in rows]).encode()


def _one(*row: str) -> Instrument:
    (found,) = parse({"list": _body(row)}).instruments
    return found


@pytest.mark.parametrize(
    ("row", "key", "tick", "lot"),
    [
        (("1594", "INFY-EQ", "INFY", "", "-1", "1", "", "NSE", "10"), "NSE:INFY", 0.1, 1),
        (("1", "CENTRALBK-BE", "CENTRALBK", "", "-1", "1", "", "NSE", "1"), "NSE:CENTRALBK", 0.01, 1),
        (("1015", "688WB40-SG", "688WB40", "", "-1", "100", "", "NSE", "1"), "NSE:688WB40-SG", 0.01, 100),
        (("2", "BAJAJ-AUTO-EQ", "BAJAJ-AUTO", "", "-1", "1", "", "NSE", "50"), "NSE:BAJAJ-AUTO", 0.5, 1),
        (("500014", "UTIQUE", "UTIQUE", "", "-1", "1", "", "BSE", "1"), "BSE:UTIQUE", 0.01, 1),
        (("99926009", "Nifty Bank", "BANKNIFTY", "", "0", "1", "AMXIDX", "NSE", "0"), "NSE_INDEX:BANKNIFTY", 0.05, 1),
        (
            ("99919082", "SNSX50", "S&P BSE SENSEX 50", "", "0", "1", "AMXIDX", "BSE", "0"),
            "BSE_INDEX:SENSEX50",
            0.05,
            1,
        ),
        (
            ("842364", "SENSEX25SEPFUT", "SENSEX", "25SEP2025", "0", "20", "FUTIDX", "BFO", "5"),
            "BFO:SENSEX25SEP25FUT",
            0.05,
            20,
        ),
        (
            ("99989", "INOXWIND30SEP25157.7PE", "INOXWIND", "30SEP2025", "15770", "3272", "OPTSTK", "NFO", "5"),
            "NFO:INOXWIND30SEP25157.7PE",
            0.05,
            3272,
        ),
        (
            ("9993", "GBPINR25O24120.5CE", "GBPINR", "24OCT2025", "1205000000.000000", "1", "OPTCUR", "CDS", "25000"),
            "CDS:GBPINR24OCT25120.5CE",
            0.0025,
            1,
        ),
        (
            ("X10OCT25CE7100FOCT25", "X10OCT25CE7100FOCT25", "X", "10OCT2025", "710000", "5", "OPTFUT", "NCDEX", "100"),
            "NCDEX:X10OCT257100CE",
            1.0,
            5,
        ),
    ],
)
def test_row_has_its_name(row: tuple[str, ...], key: str, tick: float, lot: int) -> None:
    found = _one(*row)
    assert str(found.key) == key
    assert (found.tick_size, found.lot, found.token, found.broker_symbol) == (tick, lot, row[0], row[1])
    parsed = parse_symbol(*found.key)
    assert (parsed.kind, parsed.expiry, parsed.strike) == (found.kind, found.expiry, found.strike)


def test_a_contract_knows_what_it_is_written_on() -> None:
    option = _one("1", "NIFTY27JUN2830000CE", "NIFTY", "27JUN2028", "3000000", "75", "OPTIDX", "NFO", "5")
    assert option.underlying == InstrumentKey(Exchange.NSE_INDEX, "NIFTY")
    assert (option.strike, option.right, option.kind) == (30_000.0, "CE", InstrumentKind.OPTION)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (("", "A-EQ", "A", "", "-1", "1", "", "NSE", "5"), "a row without a token"),
        (("1" * 26, "A", "A", "", "-1", "1", "", "BSE", "5"), "its token does not fit into the packets of the stream"),
        (("1", "A-BL", "A", "", "-1", "1", "", "NSE", "5"), "the series BL is a window for block deals"),
        (("1", "A!", "A", "", "-1", "1", "", "BSE", "5"), "its name cannot be a symbol"),
        (
            ("26000", "NIFTY", "NIFTY", "", "-1", "1", "", "NSE", "0"),
            "an index under an old token, or another row of NSE without a series",
        ),
        (("1", "G", "G", "05JAN2026", "-1", "1", "FUTBLN", "NCO", "1"), "the stream does not carry the exchange NCO"),
        (("1", "G", "G", "", "0", "1", "COMDTY", "MCX", "1"), "the kind COMDTY on MCX is not traded"),
        (
            ("1", "AGRIDEX", "AGRIDEX", "", "0", "1", "AMXIDX", "NCDEX", "0"),
            "indices of NCDEX have no name in OpenAlgo",
        ),
        (("1", "!", "", "", "0", "1", "AMXIDX", "NSE", "0"), "an index without a name"),
        (("1", "X", "", "25SEP2025", "1", "1", "OPTSTK", "BFO", "5"), "a contract without underlying or expiry"),
        (("1", "XX", "X", "25SEP2025", "1", "1", "OPTSTK", "BFO", "5"), "an option that is neither call nor put"),
        (("1", "XCE", "X", "31FEB2025", "1", "1", "OPTSTK", "BFO", "5"), "a number or a date cannot be read"),
        (("1", "XCE", "X", "2025-01-1", "1", "1", "OPTSTK", "BFO", "5"), "a number or a date cannot be read"),
        (("1", "XCE", "X", "25SEP2025", "0", "1", "OPTSTK", "BFO", "5"), "a number or a date cannot be read"),
        (("1", "XCE", "X", "25SEP2025", "1", "x", "OPTSTK", "BFO", "5"), "a number or a date cannot be read"),
    ],
)
def test_row_without_a_name_is_counted(row: tuple[str, ...], reason: str) -> None:
    master = parse({"list": _body(row)})
    assert (master.instruments, dict(master.skipped), master.rows) == ([], {reason: 1}, 1)


def test_other_keys_are_passed_over() -> None:
    row = dict(zip(_NAMES, ("1594", "INFY-EQ", "INFY", "", "-1", "1", "", "NSE", "10"), strict=True))
    assert parse({"list": json.dumps([row | {"freeze_qty": "1", "is_cas_enabled": True}]).encode()}).rows == 1


@pytest.mark.parametrize("wrong", [{"name": None}, {"tick_size": None}, {"lotsize": 1}])
def test_a_value_of_another_kind_costs_its_row_alone(wrong: dict[str, object]) -> None:
    row = dict(zip(_NAMES, ("1594", "INFY-EQ", "INFY", "", "-1", "1", "", "NSE", "10"), strict=True))
    master = parse({"list": json.dumps([row, row | wrong]).encode()})
    assert (len(master.instruments), master.skipped) == (1, {"a row with a value of another kind": 1})


@pytest.mark.parametrize("body", [b"", b"{}", b'[{"token":"1"}]', b"\xff", b"<html>"])
def test_other_files_are_refused(body: bytes) -> None:
    with pytest.raises(DecodeError):
        parse({"list": body})


_TEXTS = st.text(alphabet="NSEBFOCX-25SP0.1 ", max_size=9)


@given(st.lists(st.tuples(*[_TEXTS] * 6, st.sampled_from(["", "OPTX", "FUTX", "AMXIDX"]), _TEXTS, _TEXTS), max_size=5))
def test_any_rows_are_read_or_counted(rows: list[tuple[str, ...]]) -> None:
    assert parse({"list": _body(*rows)}).rows == len(rows)


@pytest.mark.recorded
def test_recorded_list(recordings: Path) -> None:
    (path,) = recordings.glob("masters/angel_*.json.gz")
    body = gzip.decompress(path.read_bytes())
    master = PLAN.parse({"OpenAPIScripMaster.json": body})
    assert master.rows == 130_473
    found = Counter(str(each.key.exchange) for each in master.instruments)
    contracts = {"NFO": 31_400, "BFO": 37_457, "CDS": 9_874, "MCX": 17_599, "NCDEX": 100}
    assert found == {"NSE": 8_453, "BSE": 12_401} | contracts | {"NSE_INDEX": 57, "BSE_INDEX": 40, "MCX_INDEX": 17}
    assert master.skipped["the stream does not carry the exchange NCO"] == 11_175
    assert master.skipped["its token does not fit into the packets of the stream"] == 1_094
    assert master.skipped.total() == 13_075
    assert len({each.key for each in master.instruments}) == len(master.instruments)
    for each in master.instruments:
        parsed = parse_symbol(*each.key)
        assert (parsed.kind, parsed.expiry, parsed.strike, parsed.right) == (
            *(each.kind, each.expiry, each.strike, each.right),
        )
        assert each.tick_size > 0
        if each.key.exchange in (Exchange.NFO, Exchange.MCX):
            assert each.broker_symbol == each.key.symbol  # there the broker writes as OpenAlgo does
    tokens = {str(each.key): each.token for each in master.instruments}
    assert tokens["NSE:INFY"] == "1594"
    indices = {"NIFTY": "99926000", "BANKNIFTY": "99926009", "FINNIFTY": "99926037", "MIDCPNIFTY": "99926074"}
    indices |= {"INDIAVIX": "99926017", "NIFTYNXT50": "99926013"}
    assert {name: tokens[f"NSE_INDEX:{name}"] for name in indices} == indices
    assert (tokens["BSE_INDEX:SENSEX"], tokens["BSE_INDEX:BANKEX"]) == ("99919000", "99919012")
