"""The filter line: what it finds, and what it says of what it cannot read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.exchanges import Exchange
from market.instruments import InstrumentKey
from market.ticks import Tick
from openalgo_desktop.presentation.column_catalogue import BY_ID
from openalgo_desktop.presentation.columns import COLUMNS, RowStyle
from openalgo_desktop.presentation.quote_row import QuoteRow
from openalgo_desktop.presentation.row_filter import FilterError, read_filter


def row(exchange: Exchange, symbol: str, **fields: float) -> QuoteRow:
    made = QuoteRow(InstrumentKey(exchange, symbol), RowStyle(lot=75), COLUMNS)
    made.tick = Tick(made.key, 0.0, "test", **fields) if fields else None  # type: ignore[arg-type]
    return made


ROWS = [
    row(Exchange.NSE, "HDFCBANK", ltp=102.5, close=100.0, volume=2_000_000),
    row(Exchange.NSE, "ICICIBANK", ltp=99.0, close=100.0, volume=500_000, bid_size=10),
    row(Exchange.NFO, "NIFTY30DEC25FUT", ltp=26_000.0, close=26_000.0, volume=90_000_000, oi=12_500_000),
    row(Exchange.BSE, "NOPRICE"),
]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("bank", [0, 1]),
        ("BANK hdfc", [0]),
        ("30 DEC", [2]),
        ("chg>2", [0]),
        ("chg > 2", [0]),
        ("change_percent>=2.5", [0]),
        ("chg<0", [1]),
        ("chg<−0.5", [1]),
        ("vol>1e6", [0, 2]),
        ("vol>1e6 chg>0", [0]),
        ("volume>=20L", [0, 2]),
        ("oi>1.2cr", [2]),
        ("oi>2cr", []),
        ("vol>1m", [0, 2]),
        ("vol<600k", [1]),
        ("ltp=99", [1]),
        ("ltp!=99", [0, 2]),
        ("vol>5,00,000", [0, 2]),
        ("bidqty<=10", [1]),
        ("lot=75", [0, 1, 2, 3]),
        ("prevclose=100", [0, 1]),
        ("exch:nfo", [2]),
        ("exch:N", [0, 1, 2]),
        ("exch:", [0, 1, 2, 3]),
        ("exch: nse icici", [1]),
        ("nothing", []),
    ],
)
def test_filter_finds(text: str, found: list[int]) -> None:
    matches = read_filter(text)
    assert matches is not None
    assert [number for number, each in enumerate(ROWS) if matches(each)] == found


def test_empty_line_asks_for_nothing() -> None:
    assert read_filter("") is None
    assert read_filter("   ") is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("chg>", "chg> wants a number after it, as chg>2 or chg>1.5cr"),
        ("vol>many", "vol> wants a number after it"),
        ("vol>nan", "vol> wants a number after it"),
        ("magic>2", "“magic” is no column with a number: try chg, change, ltp"),
        (">2", "“bank” is no column"),
        ("symbol>2", "“symbol” is no column with a number"),
        ("kind:CE", "“kind:” is not known: write exch:NFO"),
    ],
)
def test_what_cannot_be_read_is_said(text: str, said: str) -> None:
    with pytest.raises(FilterError, match=r"\w") as error:
        read_filter(f"bank {text}")
    assert str(error.value).startswith(said)


@given(st.text(max_size=40))
def test_any_line_is_read_or_refused_with_a_sentence(text: str) -> None:
    try:
        matches = read_filter(text)
    except FilterError as error:
        assert str(error)
        return
    if matches is not None:
        assert all(matches(each) in (True, False) for each in ROWS)


@given(st.sampled_from(sorted(set(BY_ID) - {"symbol", "time", "expiry", "note"})), st.floats(-1e12, 1e12))
def test_every_column_can_be_compared_and_halves_make_the_whole(column: str, limit: float) -> None:
    below, rest = read_filter(f"{column}<{limit}"), read_filter(f"{column}>={limit}")
    assert below is not None
    assert rest is not None
    assert all(not (below(each) and rest(each)) for each in ROWS)
    assert not below(ROWS[3]) or column == "lot"


def marked(flag: int, note: str = "") -> QuoteRow:
    return QuoteRow(InstrumentKey(Exchange.NSE, "TCS"), RowStyle(flag=flag, note=note), COLUMNS)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("flag:2", [1]),
        ("flag: 2", [1]),
        ("flag:1,2", [1, 2]),
        ("flag:any", [1, 2]),
        ("flag:", [1, 2]),
        ("flag:none", [0, 3]),
        ("flag>=2", [1]),
        ("note:EARN", [1]),
        ("note:", [1, 3]),
        ("note:earn flag:1", []),
    ],
)
def test_flags_and_notes_are_found(text: str, found: list[int]) -> None:
    rows = [marked(0), marked(2, "Earnings in May"), marked(1), marked(0, "stop 182")]
    matches = read_filter(text)
    assert matches is not None
    assert [at for at, each in enumerate(rows) if matches(each)] == found


@pytest.mark.parametrize("text", ["flag:red", "flag:2x", "note>3"])
def test_flag_that_is_none_and_note_as_a_number_are_said(text: str) -> None:
    with pytest.raises(FilterError):
        read_filter(text)
