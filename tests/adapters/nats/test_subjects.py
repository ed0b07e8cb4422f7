from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.nats.subjects import (
    escape,
    parse_snapshot_subject,
    parse_subject,
    snapshot_subject,
    subject_of,
    subject_of_all_modes,
    unescape,
)
from market.errors import DecodeError
from market.exchanges import Exchange
from market.instruments import InstrumentKey
from market.modes import Mode
from tests.doubles.ticks import NIFTY, SBIN


@pytest.mark.parametrize(
    ("key", "mode", "subject"),
    [
        (SBIN, Mode.QUOTE, "openalgo.ticks.NSE.SBIN.QUOTE"),
        (NIFTY, Mode.LTP, "openalgo.ticks.NSE_INDEX.NIFTY.LTP"),
        (InstrumentKey(Exchange.NFO, "VEDL25APR24292.5CE"), Mode.LTP, "openalgo.ticks.NFO.VEDL25APR24292%2E5CE.LTP"),
        (InstrumentKey(Exchange.NSE, "M&M"), Mode.LTP, "openalgo.ticks.NSE.M&M.LTP"),
        (InstrumentKey(Exchange.BSE, "KALYANI$"), Mode.LTP, "openalgo.ticks.BSE.KALYANI$.LTP"),
    ],
)  # fmt: skip
def test_subject_of_and_back(key: InstrumentKey, mode: Mode, subject: str) -> None:
    assert subject_of(key, mode) == subject
    assert parse_subject(subject) == (key, mode)
    assert subject_of_all_modes(key) == subject.rpartition(".")[0] + ".*"


@given(
    st.sampled_from(list(Exchange)),
    st.from_regex(r"[A-Z0-9][A-Z0-9&\-_.$]{0,30}", fullmatch=True),
    st.sampled_from(Mode),
)
def test_every_symbol_is_one_word_and_comes_back(exchange: Exchange, symbol: str, mode: Mode) -> None:
    key = InstrumentKey(exchange, symbol)
    subject = subject_of(key, mode)
    assert subject.count(".") == 4
    assert parse_subject(subject) == (key, mode)
    assert parse_snapshot_subject(snapshot_subject(key)) == key


@given(st.text(st.characters(exclude_categories=("Cs",))))
def test_any_text_is_one_printable_word_and_comes_back(text: str) -> None:
    word = escape(text)
    assert not set(word) & set(".*> \t\r\n")
    assert word.isascii()
    assert unescape(word) == text


@given(st.text())
def test_any_subject_is_an_instrument_or_a_decode_error(subject: str) -> None:
    for parse in (parse_subject, parse_snapshot_subject):
        try:
            parse(subject)
        except DecodeError as error:
            assert str(error)


@pytest.mark.parametrize(
    "subject",
    ["", "NSE_SBIN_LTP", "openalgo.ticks.NSE.SBIN", "openalgo.ticks.MARS.SBIN.LTP", "openalgo.ticks.NSE.SBIN.OHLC",
     "other.ticks.NSE.SBIN.LTP", "openalgo.ticks.NSE.%FF.LTP", "openalgo.ticks.NSE..LTP"],
)  # fmt: skip
def test_parse_subject_bad(subject: str) -> None:
    with pytest.raises(DecodeError):
        parse_subject(subject)
