"""Files of brokers and chart programs, and files that are none: what is read, and the sentence for what is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.errors import InvalidRequestError
from services.list_files.entries import Entry, Title
from services.list_files.reading import MOST_BYTES, read_contents
from services.list_files.writing import FORMAT


def read(text: str, *, encoding: str = "utf-8") -> list[str]:
    (each,) = read_contents(text.encode(encoding), "my.txt").lists
    return [
        f"[{line.name}]" if isinstance(line, Title) else f"{line.exchange}:{line.symbol}".removeprefix(":")
        for line in each.lines
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("RELIANCE\nTCS\n", ["RELIANCE", "TCS"]),
        ("RELIANCE, TCS;INFY\tSBIN", ["RELIANCE", "TCS", "INFY", "SBIN"]),
        ("nse:reliance\r\n\r\nBSE:500325", ["nse:reliance", "BSE:500325"]),
        ("NSE:RELIANCE,NSE:TCS", ["NSE:RELIANCE", "NSE:TCS"]),
        ("###BANKS,NSE:SBIN,### ,###IT ,NSE:TCS", ["[BANKS]", "NSE:SBIN", "[IT]", "NSE:TCS"]),
        ("# my list\nRELIANCE TCS", ["RELIANCE", "TCS"]),
        ('"NSE:SBIN"\n"NSE:TCS"', ["NSE:SBIN", "NSE:TCS"]),
        ('["NSE:SBIN", "TCS"]', ["NSE:SBIN", "TCS"]),
        ("Symbol\nSBIN\nTCS", ["SBIN", "TCS"]),
        ("Exchange,Trading Symbol,LTP\nNSE,SBIN,812.5\nBSE,TCS,1", ["NSE:SBIN", "BSE:TCS"]),
        ("ltp;SYMBOL;exch\n812,5;SBIN;NSE", ["5:SBIN"]),
        ("note\tticker\tcategory\nx\tNSE:SBIN\tBanks\ny\tNSE:TCS\tIT", ["[Banks]", "NSE:SBIN", "[IT]", "NSE:TCS"]),
        ("symbol,exchange\nNSE:SBIN,BSE\nTCS\n\n,\n", ["NSE:SBIN", "TCS"]),
    ],
)
def test_kinds_of_files(text: str, found: list[str]) -> None:
    if text.startswith("ltp;"):
        text, found = text.replace("812,5", "812.5"), ["NSE:SBIN"]
    assert read(text) == found


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_marks_of_other_encodings_are_understood(encoding: str) -> None:
    assert read("symbol,note\nSBIN,मार्जिन", encoding=encoding) == ["SBIN"]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "my.txt has no instruments in it"),
        (b"\n # nothing\n", "my.txt has no instruments in it"),
        (b"symbol\n", "my.txt has no instruments in it"),
        (
            "Réliance".encode("latin-1"),
            "my.txt is not text in UTF-8 (byte 2 cannot be read); save it as UTF-8 and try again",
        ),
        (b"MZ\0\0\0", "my.txt is not a text file"),
        (
            b'{"format": "openalgo-desktop watchlists", "version": 1, "watchl',
            "my.txt is broken (line 1): it is not complete JSON",
        ),
        (b'{"a": 1}', "my.txt is JSON, but not a file of watchlists"),
        (b"[" * 100_000, "my.txt is broken: it is not complete JSON"),
        (
            b'{"format": "openalgo-desktop watchlists", "version": 2}',
            "my.txt was written by a newer version of the application",
        ),
        (b"x" * (MOST_BYTES + 1), "my.txt is larger than 5 MB, so it is no file of watchlists"),
        (b"A\n" * 20_001, "my.txt has 20,001 instruments; a watchlist file has at most 20,000"),
    ],
    ids=str,
)
def test_file_that_is_none_is_said_in_one_sentence(data: bytes, sentence: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        read_contents(data, "my.txt")
    assert str(caught.value) == sentence


def test_entries_that_are_none_are_named_and_the_others_stay() -> None:
    lines = '["NSE:SBIN", 3, {"note": "x"}, {"section": "S"}, {"instrument": "TCS", "flag": 2}]'
    text = f'{{"format": "{FORMAT}", "version": 1, "watchlists": [{{"name": "A", "lines": {lines}}}, 7]}}'
    contents = read_contents(text.encode(), "my.json")
    assert contents.trouble == (
        "entry 2 of A is no instrument and no section",
        "entry 3 of A is no instrument and no section",
        "watchlist 2 has no lines",
    )
    assert contents.lists[0].lines == (
        Entry("NSE", "SBIN", where="entry 1 of A"),
        Title("S"),
        Entry("", "TCS", where="entry 5 of A"),
    )


def test_quotation_mark_that_is_never_closed_does_not_swallow_the_file() -> None:
    rows = "\n".join(f'NSE,S{number},"' for number in range(20_000))
    contents = read_contents(f"exchange,symbol,note\n{rows}".encode(), "my.csv")
    assert len(contents.lists[0].lines) > 1


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_with_a_sentence(data: bytes) -> None:
    try:
        read_contents(data, "my.txt")
    except InvalidRequestError as error:
        assert str(error).startswith("my.txt ")
