"""What is written is read again as it was; equal lists give equal files; spreadsheets compute nothing."""

from __future__ import annotations

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.exchanges import Exchange
from market.instruments import InstrumentKey
from services.list_files.entries import FORMULA_SIGNS, Entry, Title, guarded, unguarded
from services.list_files.reading import read_contents
from services.list_files.writing import encoded, to_csv, to_json
from services.watchlist_values import Section, WatchItem, Watchlist, on_one_line

LISTS = (
    Watchlist(
        1,
        "Banks, large",
        (
            WatchItem(InstrumentKey(Exchange.NSE_INDEX, "BANKNIFTY")),
            Section(4, "Private"),
            WatchItem(InstrumentKey(Exchange.NSE, "HDFCBANK"), "earnings “soon”, ₹", "2"),
            WatchItem(InstrumentKey(Exchange.NSE, "M&M"), "=1+1"),
            Section(5, "Empty"),
        ),
    ),
    Watchlist(2, "Nothing", ()),
)


def shape(lists: tuple[Watchlist, ...]) -> list[tuple[str, list[tuple[str, ...]]]]:
    return [
        (
            known.name,
            [
                (line.name,) if isinstance(line, Section) else (str(line.key), line.flag, line.note)
                for line in known.lines
            ],
        )
        for known in lists
    ]


def read_shape(data: bytes) -> list[tuple[str, list[tuple[str, ...]]]]:
    contents = read_contents(data, "file")
    assert contents.trouble == ()
    return [
        (
            each.name,
            [
                (line.name,) if isinstance(line, Title) else (f"{line.exchange}:{line.symbol}", line.flag, line.note)
                for line in each.lines
            ],
        )
        for each in contents.lists
    ]


@pytest.mark.parametrize("write", [to_json, to_csv])
def test_what_is_written_is_read_again(write: object) -> None:
    text = write(LISTS)  # type: ignore[operator]
    assert read_shape(encoded(text)) == shape(LISTS)
    assert write(LISTS) == text  # type: ignore[operator]


def test_json_has_a_line_for_each_instrument_and_sorted_fields() -> None:
    text = to_json(LISTS)
    assert json.loads(text)["version"] == 1
    assert '  {"flag": "2", "instrument": "NSE:HDFCBANK", "note": "earnings “soon”, ₹"},\n' in text
    assert len(text.splitlines()) == 10


def test_spreadsheet_sees_no_formula_and_reads_our_letters() -> None:
    text = to_csv(LISTS)
    rows = list(csv.reader(io.StringIO(text)))
    assert not any(cell.startswith(FORMULA_SIGNS) for row in rows for cell in row)
    assert "'=1+1" in rows[3]
    assert encoded(text).startswith(b"\xef\xbb\xbf")
    assert encoded("plain").startswith(b"plain")


@given(st.text(max_size=12))
def test_guarding_can_be_taken_back_and_hides_every_formula(text: str) -> None:
    assert unguarded(guarded(text)) == text
    assert not guarded(text).startswith(FORMULA_SIGNS)


@given(st.lists(st.tuples(st.sampled_from(["NSE:SBIN", "BSE:TCS", "NFO:NIFTY30DEC25FUT"]), st.text(max_size=8))))
def test_any_note_survives_both_kinds_of_file(items: list[tuple[str, str]]) -> None:
    lines = tuple(
        WatchItem(InstrumentKey(Exchange(key.split(":")[0]), key.split(":")[1]), on_one_line(note))
        for key, note in items
    )
    known = (Watchlist(1, "A", lines),)
    for write in (to_json, to_csv):
        entries = read_contents(encoded(write(known)), "file").lists[0].lines
        notes = [entry.note for entry in entries if isinstance(entry, Entry)]
        assert notes == [line.note for line in lines]
